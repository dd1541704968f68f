#include "tests/simulation/slot.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "shared/domain/fields.h"
#include "shared/domain/longer_training.h"
#include "shared/wire/codec.h"
#include "tests/simulation/bugs.h"

namespace firesweep::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kLoopTick = seconds(1);
constexpr Duration kReadyAtOnce = Duration(50);  // from one turn of the loop to the next

constexpr Duration kGathers = Duration(500);  // the longest from a wake to the turn

Capabilities able() {
  Capabilities able;
  able.device = "cpu";
  able.trainers = {"simulated"};
  able.fields = newer_fields();
  return able;
}

}  // namespace

AgentOptions Slot::options() const {
  AgentOptions options;
  const Plan& plan = context_.setting.plan;
  options.live_every = plan.live_every;
  options.stall.floor = plan.patient_agents ? Duration(seconds(300)) : plan.stall_floor;
  options.stall.first_unit = plan.patient_agents ? Duration(seconds(300)) : plan.agent_first_unit;
  return options;
}

void Slot::start() {
  if (loop_) return;
  ++life_;
  const std::uint64_t number = ++sessions_;
  const SessionId session{context_.setting.plan.seed + 1, number};
  context_.setting.say(name_, "starts as worker ", number);
  socket_ = context_.network.open(index_);
  courier_ = std::make_shared<Courier>();
  loop_.emplace(AgentLoop::Ports{*this, *this, *this, *this},
                Agent(session, name_, static_cast<std::int64_t>(1000 + number), able(), options()),
                kLoopTick);
  step();
}

// ---- when it steps

void Slot::wake() {
  if (!loop_ || frozen_ || waking_) return;
  waking_ = true;
  const Duration gathers = context_.setting.random.between(Duration(1), kGathers);
  context_.setting.agenda.after(gathers, [this, life = life_] {
    if (life != life_) return;
    waking_ = false;
    step();
  });
}

void Slot::wake_in_time() {
  const Duration at = context_.host.clock.world_time(loop_->wake_at());
  if (entered_ && *entered_ <= at) return;  // that one looks again
  entered_ = at;
  context_.setting.agenda.at(at, [this, life = life_, at] {
    if (life != life_ || entered_ != at) return;
    entered_.reset();
    step();
  });
}

void Slot::step() {
  if (!loop_ || frozen_) return;
  effects_ = 0;
  loop_->step();
  end_step();
}

void Slot::end_step() {
  if (dying_) {
    context_.setting.say(name_, "is killed amid its effects");
    gone();
    died();
  } else if (loop_->end()) {
    const agent_effect::Exit end = *loop_->end();
    context_.setting.say(name_, "leaves: ", end.why);
    if (end.code == AgentExit::kLeft && !courier_->until && !courier_->promised.empty()) {
      throw Violation(name_ + " leaves, and with it the checkpoint of " +
                      to_string(*courier_->promised.begin()) + " that it has promised");
    }
    gone();
    left(end.code);
  } else {
    wake_in_time();
  }
}

bool Slot::acts_no_more() {
  if (dies_after_ && effects_++ >= *dies_after_) dying_ = true;
  return dying_;
}

// ---- its socket

void Slot::arrive(SocketId socket, const std::string& bytes) {
  if (!loop_ || socket != socket_) return;
  auto frame = decode_outbound(bytes);
  if (!frame) throw Violation("a worker cannot read a frame: " + to_string(frame.error()));
  inbox_.emplace_back(agent_event::FrameReceived{std::move(std::get<CoordinatorFrame>(*frame))});
  heard_ = now().steady;
  wake();
}

std::vector<AgentEvent> Slot::receive(std::size_t most) {
  std::vector<AgentEvent> events = std::exchange(inbox_, {});
  if (events.size() > most) {
    const auto rest = events.begin() + static_cast<std::ptrdiff_t>(most);
    inbox_.assign(std::make_move_iterator(rest), std::make_move_iterator(events.end()));
    events.erase(rest, events.end());
    wake();
  }
  for (const AgentEvent& event : events) {
    context_.promises.heard_back(agent().session(),
                                 std::get<agent_event::FrameReceived>(event).frame);
  }
  return events;
}

void Slot::send(WorkerFrame frame) {
  if (acts_no_more()) return;
  context_.promises.said(frame);
  if (context_.setting.log.kept()) context_.setting.say(name_, "says ", describe(frame));
  const KindSet kinds = kinds_of(frame);
  context_.network.send_up(socket_, encode(InboundFrame(std::move(frame))), kinds);
}

// Only after a silence; what waits in the socket is none.
void Slot::reconnect() {
  if (acts_no_more()) return;
  context_.setting.say(name_, "takes a fresh socket");
  if (heard_ && now().steady - *heard_ < context_.setting.plan.lease) {
    throw Violation(name_ + " takes a fresh socket, though the coordinator was not silent");
  }
  heard_.reset();
  inbox_.clear();
  context_.network.close(socket_);
  socket_ = context_.network.open(index_);
}

void Slot::close() {
  if (acts_no_more()) return;
  context_.network.close(socket_);
}

// ---- calamities

void Slot::gone() {
  context_.promises.session_ends(agent().session());
  context_.network.close(socket_);
  if (!courier_->until) courier_->until = Duration(0);
  ++life_;
  loop_.reset();
  run_.reset();
  inbox_.clear();
  heard_.reset();
  news_.clear();
  unit_.reset();
  finished_.clear();
  entered_.reset();
  dies_after_.reset();
  dying_ = false;
  waking_ = false;
  frozen_ = false;
}

void Slot::kill() {
  if (!loop_) return;
  context_.setting.say(name_, "is killed");
  gone();
}

void Slot::drain() {
  context_.setting.say(name_, "is told to drain");
  loop_->drain();
  wake();
}

void Slot::freeze() {
  if (!loop_) return;
  context_.setting.say(name_, "is stopped by a signal");
  frozen_ = true;
}

void Slot::thaw() {
  if (!frozen_) return;
  context_.setting.say(name_, "goes on");
  frozen_ = false;
  const std::uint64_t life = life_;
  step();
  if (life == life_ && run_ && !run_->wedged) go_on(kReadyAtOnce);
}

bool Slot::wedge() {
  if (!run_ || run_->wedged || context_.setting.plan.epoch_takes == Duration(0)) return false;
  context_.setting.say(name_, "wedges ", to_string(run_->assign.key));
  run_->wedged = true;
  ++run_->turn;
  return true;
}

// ---- training

std::vector<AgentEvent> Slot::take() {
  std::vector<AgentEvent> events = std::exchange(news_, {});
  if (const auto unit = std::exchange(unit_, std::nullopt)) events.emplace_back(*unit);
  for (const AgentEvent& event : events) {
    const auto* ended = std::get_if<agent_event::TrainerEnded>(&event);
    if (ended != nullptr && std::holds_alternative<agent_event::Finished>(ended->outcome)) {
      context_.promises.finished_here(agent().session(), courier_->generation, ended->key);
    }
  }
  return events;
}

// Of units of work the loop hears when it looks; everything else wakes it.
void Slot::tell(AgentEvent event) {
  if (std::holds_alternative<agent_event::TrainerEnded>(event)) unit_.reset();
  news_.push_back(std::move(event));
  wake();
}

void Slot::stop(TrialKey key) {
  if (acts_no_more()) return;
  context_.setting.say(name_, "stops ", to_string(key));
  if (run_) run_->stop = true;
}

void Slot::start(Assign assign) {
  if (acts_no_more()) return;
  const Plan& plan = context_.setting.plan;
  Random& random = context_.setting.random;
  const Training training(assign.config, assign.config_hash, assign.architecture.hash,
                          assign.dataset);
  run_.emplace(Run{.assign = std::move(assign),
                   .training = training,
                   .at = {0, training.first_weights()},
                   .as = {},
                   .fails_in = {}});
  run_->epochs = run_->assign.config.epochs;
  std::int64_t told = 0;
  if (plan.epoch_takes > Duration(0)) {
    const auto here = place(run_->assign);
    const auto kept = context_.host.checkpoints.find(here);
    if (kept != context_.host.checkpoints.end() && kept->second.epoch <= run_->epochs) {
      run_->at = kept->second;
    }
    told = context_.host.told[here];
    if (plan.checkpoints_travel && courier_->address.empty()) {
      throw Violation(name_ + " begins " + to_string(run_->assign.key) +
                      " before it knows where checkpoints travel");
    }
    if (run_->assign.checkpoint_stored) fetch();
    if (run_->at.epoch == 0) begin_as_earlier();
  }
  if (run_->at.epoch == 0 && !run_->assign.begun_as.empty()) run_->missed = true;
  context_.setting.say(name_, "trains ", to_string(run_->assign.key), " from epoch ",
                       run_->at.epoch, run_->as ? " of " + to_string(*run_->as) : "");
  context_.promises.training_begins(agent().session(), courier_->generation, run_->assign.key,
                                    {run_->at.epoch, told, run_->as});
  if (!context_.setting.calm && random.chance(plan.error_rate)) {
    const Reason reason = random.one_of(
        {Reason::kError, Reason::kError, Reason::kOom, Reason::kNan, Reason::kBadConfig});
    run_->fails_in = {random.between(1, run_->epochs), reason};
  }
  if (plan.epoch_takes == Duration(0)) {
    play();
  } else {
    go_on(plan.preparation);
  }
}

// A trial that takes no time runs within the turn that begins it; the next hears of all of it.
void Slot::play() {
  const TrialKey key = run_->assign.key;
  tell(agent_event::TrainerStarted{key, 0, run_->missed});
  while (run_->at.epoch < run_->epochs) {
    if (run_->fails_in && run_->at.epoch + 1 == run_->fails_in->first) break;
    complete_epoch();
    tell_epoch();
  }
  agent_event::Outcome outcome = run_->at.epoch == run_->epochs ? result() : failure();
  run_.reset();
  tell(agent_event::TrainerEnded{key, std::move(outcome)});
}

void Slot::go_on(Duration wait) {
  context_.setting.agenda.after(wait, [this, life = life_, turn = ++run_->turn] {
    if (life == life_ && run_ && turn == run_->turn && !frozen_) train();
  });
}

// One unit of work.
void Slot::train() {
  const Plan& plan = context_.setting.plan;
  const TrialKey key = run_->assign.key;
  const Duration unit = plan.epoch_takes / plan.units_per_epoch;
  if (!run_->started) {
    run_->started = true;
    tell(agent_event::TrainerStarted{key, run_->at.epoch, run_->missed});
    if (run_->as) tell_epoch();  // of the other trial; this one's has no such row
    return go_on(unit);
  }
  if (run_->stop) return end(agent_event::Stopped{run_->at.epoch, upload(true)});
  if (run_->at.epoch >= run_->epochs) return end(result());
  if (run_->fails_in && run_->at.epoch + 1 == run_->fails_in->first) return end(failure());
  LiveProgress live;
  live.epoch = run_->at.epoch + 1;
  live.batch = ++run_->unit;
  unit_ = agent_event::TrainerUnit{key, live};
  if (run_->unit >= plan.units_per_epoch) {
    run_->unit = 0;
    complete_epoch();
    tell_epoch();
  }
  go_on(run_->at.epoch >= run_->epochs ? kReadyAtOnce : unit);
}

void Slot::tell_epoch() {
  EpochMetrics metrics;
  metrics.epoch = run_->at.epoch;
  metrics.val_accuracy = accuracy_of(run_->at.weights);
  metrics.seconds = std::chrono::duration<double>(context_.setting.plan.epoch_takes).count();
  tell(agent_event::TrainerEpoch{run_->assign.key, metrics});
}

// The checkpoint is on the host's disk before anybody hears of the epoch.
void Slot::complete_epoch() {
  Checkpoint& at = run_->at;
  ++at.epoch;
  at.weights = run_->training.next_weights(at.weights, at.epoch);
  if (context_.setting.plan.epoch_takes == Duration(0)) return;
  const auto here = place(run_->assign);
  std::int64_t& told = context_.host.told[here];
  told = std::max(told, at.epoch);
  if (planted(Bug::kOldCheckpointDeletedFirst)) {
    context_.host.checkpoints.erase(here);
    // The new file is whole a little later, if its writer lives so long.
    context_.setting.agenda.after(milliseconds(200), [this, life = life_, here, written = at] {
      if (life == life_) context_.host.checkpoints[here] = written;
    });
    return;
  }
  Checkpoint& kept = context_.host.checkpoints[here];
  if (at.epoch > kept.epoch) kept = at;
  upload(false);
}

agent_event::Outcome Slot::result() const {
  TrialResult result;
  result.val_accuracy = accuracy_of(run_->at.weights);
  result.best_val_accuracy = result.val_accuracy;
  result.test_accuracy = *result.val_accuracy / 2;
  result.epochs = run_->epochs;
  result.selected_epoch = run_->epochs;
  result.best_epoch = run_->epochs;
  result.device = "simulated";
  return agent_event::Finished{result};
}

agent_event::Outcome Slot::failure() const {
  return agent_event::Failed{run_->fails_in->second, "simulated", run_->at.epoch};
}

void Slot::end(agent_event::Outcome outcome) {
  const TrialKey key = run_->assign.key;
  if (std::holds_alternative<agent_event::Finished>(outcome)) {
    const Place here = place(run_->assign);
    finished_[key] = {here, may_be_continued(run_->assign.config)};
    if (planted(Bug::kCheckpointForgottenBeforeAck)) context_.host.checkpoints.erase(here);
  }
  run_.reset();
  tell(agent_event::TrainerEnded{key, std::move(outcome)});
}

}  // namespace firesweep::simulation
