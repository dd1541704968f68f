#include "tests/simulation/slot.h"

#include <utility>

#include "shared/domain/fields.h"
#include "shared/wire/codec.h"
#include "tests/simulation/bugs.h"

namespace firesweep::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kTickEvery = seconds(1);
constexpr Duration kReadyAtOnce = Duration(50);  // from one turn of the loop to the next

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

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
  const Plan& plan = places_.setting.plan;
  options.live_every = plan.live_every;
  options.stall.floor = plan.patient_agents ? Duration(seconds(300)) : plan.stall_floor;
  options.stall.first_unit = plan.patient_agents ? Duration(seconds(300)) : plan.agent_first_unit;
  return options;
}

void Slot::start() {
  if (agent_) return;
  ++life_;
  const std::uint64_t number = ++sessions_;
  const SessionId session{places_.setting.plan.seed + 1, number};
  agent_.emplace(session, name_, static_cast<std::int64_t>(1000 + number), able(), options());
  places_.setting.say(name_, "starts as worker ", number);
  socket_ = places_.network.open(index_);
  give({agent_event::Connected{}});
}

void Slot::arrive(SocketId socket, const std::string& bytes) {
  if (!agent_ || socket != socket_) return;
  auto frame = decode_outbound(bytes);
  if (!frame) throw Violation("a worker cannot read a frame: " + to_string(frame.error()));
  auto& command = std::get<CoordinatorFrame>(*frame);
  places_.promises.heard_back(agent_->session(), command);
  give({agent_event::FrameReceived{std::move(command)}});
}

void Slot::give(std::vector<AgentEvent> events) {
  if (!agent_) return;
  if (frozen_) {
    waiting_.insert(waiting_.end(), std::make_move_iterator(events.begin()),
                    std::make_move_iterator(events.end()));
    return;
  }
  const std::uint64_t life = life_;
  for (AgentEffect& effect : agent_->on(events, clock())) {
    if (life != life_ || !agent_) return;
    carry_out(effect);
  }
  if (life == life_ && agent_) tick_at(agent_->wake_at());
}

void Slot::tick_at(Duration local) {
  const Duration latest = places_.setting.agenda.now() + kTickEvery;
  const Duration at = std::min(places_.host.clock.world_time(local), latest);
  places_.setting.agenda.at(at, [this, life = life_, tick = ++ticks_] {
    if (life == life_ && tick == ticks_ && !frozen_) give({agent_event::Tick{}});
  });
}

void Slot::carry_out(AgentEffect& effect) {
  std::visit(Overloaded{[&](agent_effect::SendFrame& send) {
                          places_.promises.said(send.frame);
                          if (places_.setting.log.kept()) {
                            places_.setting.say(name_, "says ", describe(send.frame));
                          }
                          const KindSet kinds = kinds_of(send.frame);
                          places_.network.send_up(
                              socket_, encode(InboundFrame(std::move(send.frame))), kinds);
                        },
                        [&](agent_effect::Reconnect&) {
                          places_.setting.say(name_, "takes a fresh socket");
                          places_.network.close(socket_);
                          socket_ = places_.network.open(index_);
                          places_.setting.agenda.after(kReadyAtOnce, [this, life = life_] {
                            if (life == life_) give({agent_event::Connected{}});
                          });
                        },
                        [&](agent_effect::StartTrainer& start) { begin(std::move(start.assign)); },
                        [&](agent_effect::StopTrainer& stop) {
                          places_.setting.say(name_, "stops ", to_string(stop.key));
                          if (run_) run_->stop = true;
                        },
                        [&](agent_effect::ForgetTrial& forgotten) { forget(forgotten.key); },
                        [&](agent_effect::Exit& exit) {
                          places_.setting.say(name_, "leaves: ", exit.why);
                          const AgentExit code = exit.code;
                          gone();
                          left(code);
                        }},
             effect);
}

// ---- calamities

void Slot::gone() {
  places_.promises.session_ends(agent_->session());
  places_.network.close(socket_);
  ++life_;
  agent_.reset();
  run_.reset();
  waiting_.clear();
  finished_.clear();
  frozen_ = false;
}

void Slot::kill() {
  if (!agent_) return;
  places_.setting.say(name_, "is killed");
  gone();
}

void Slot::drain() {
  places_.setting.say(name_, "is told to drain");
  give({agent_event::DrainRequested{}});
}

void Slot::freeze() {
  if (!agent_) return;
  places_.setting.say(name_, "is stopped by a signal");
  frozen_ = true;
}

void Slot::thaw() {
  if (!frozen_) return;
  places_.setting.say(name_, "goes on");
  frozen_ = false;
  std::vector<AgentEvent> events = std::exchange(waiting_, {});
  events.emplace_back(agent_event::Tick{});
  const std::uint64_t life = life_;
  give(std::move(events));
  if (life == life_ && run_ && !run_->wedged) go_on(kReadyAtOnce);
}

bool Slot::wedge() {
  if (!run_ || run_->wedged || places_.setting.plan.epoch_takes == Duration(0)) return false;
  places_.setting.say(name_, "wedges ", to_string(run_->assign.key));
  run_->wedged = true;
  ++run_->turn;
  return true;
}

// ---- training

std::pair<std::string, std::int64_t> Slot::place(const Assign& assign) const {
  const bool wrong = planted(Bug::kCheckpointOfAnotherConfig);
  return {wrong ? std::string() : assign.config_hash, assign.config.seed};
}

void Slot::begin(Assign assign) {
  const Plan& plan = places_.setting.plan;
  Random& random = places_.setting.random;
  run_.emplace();
  run_->epochs = assign.config.epochs;
  run_->at.weights = first_weights(assign.config_hash, assign.config.seed);
  run_->assign = std::move(assign);
  std::int64_t told = 0;
  if (plan.epoch_takes > Duration(0)) {
    const auto here = place(run_->assign);
    const auto kept = places_.host.checkpoints.find(here);
    if (kept != places_.host.checkpoints.end() && kept->second.epoch <= run_->epochs) {
      run_->at = kept->second;
    }
    told = places_.host.told[here];
    if (run_->assign.checkpoint_stored) fetch();
  }
  places_.setting.say(name_, "trains ", to_string(run_->assign.key), " from epoch ",
                      run_->at.epoch);
  places_.promises.training_begins(agent_->session(), run_->assign.key, run_->at.epoch, told);
  if (!places_.setting.calm && random.chance(plan.error_rate)) {
    const Reason reason = random.one_of(
        {Reason::kError, Reason::kError, Reason::kOom, Reason::kNan, Reason::kBadConfig});
    run_->fails_in = {random.between(1, run_->epochs), reason};
  }
  if (plan.epoch_takes == Duration(0)) {
    places_.setting.agenda.after(kReadyAtOnce, [this, life = life_] {
      if (life == life_ && run_) play();
    });
  } else {
    go_on(plan.preparation);
  }
}

// A trial that takes no time: everything that happens in it reaches the agent together.
void Slot::play() {
  const TrialKey key = run_->assign.key;
  std::vector<AgentEvent> events;
  events.emplace_back(agent_event::TrainerStarted{key, 0});
  while (run_->at.epoch < run_->epochs) {
    if (run_->fails_in && run_->at.epoch + 1 == run_->fails_in->first) break;
    complete_epoch();
    EpochMetrics metrics;
    metrics.epoch = run_->at.epoch;
    events.emplace_back(agent_event::TrainerEpoch{key, metrics});
  }
  agent_event::Outcome outcome = run_->at.epoch == run_->epochs ? result() : failure();
  if (std::holds_alternative<agent_event::Finished>(outcome)) {
    places_.promises.finished_here(agent_->session(), key);
  }
  events.emplace_back(agent_event::TrainerEnded{key, std::move(outcome)});
  run_.reset();
  give(std::move(events));
}

void Slot::go_on(Duration wait) {
  places_.setting.agenda.after(wait, [this, life = life_, turn = ++run_->turn] {
    if (life == life_ && run_ && turn == run_->turn && !frozen_) train();
  });
}

// One unit of work. The agent hears of it, and may end the process.
void Slot::train() {
  const Plan& plan = places_.setting.plan;
  const TrialKey key = run_->assign.key;
  const Duration unit = plan.epoch_takes / plan.units_per_epoch;
  const std::uint64_t life = life_;
  if (!run_->started) {
    run_->started = true;
    give({agent_event::TrainerStarted{key, run_->at.epoch, run_->missed}});
    if (life == life_ && run_) go_on(unit);
    return;
  }
  if (run_->stop) return end(agent_event::Stopped{run_->at.epoch, upload()});
  if (run_->at.epoch >= run_->epochs) return end(result());
  if (run_->fails_in && run_->at.epoch + 1 == run_->fails_in->first) return end(failure());
  LiveProgress live;
  live.epoch = run_->at.epoch + 1;
  live.batch = ++run_->unit;
  std::vector<AgentEvent> events;
  events.emplace_back(agent_event::TrainerUnit{key, live});
  if (run_->unit >= plan.units_per_epoch) {
    run_->unit = 0;
    complete_epoch();
    EpochMetrics metrics;
    metrics.epoch = run_->at.epoch;
    metrics.seconds = std::chrono::duration<double>(plan.epoch_takes).count();
    events.emplace_back(agent_event::TrainerEpoch{key, metrics});
  }
  give(std::move(events));
  if (life == life_ && run_) go_on(run_->at.epoch >= run_->epochs ? kReadyAtOnce : unit);
}

// The checkpoint is on the host's disk before anybody hears of the epoch.
void Slot::complete_epoch() {
  Checkpoint& at = run_->at;
  ++at.epoch;
  at.weights = next_weights(at.weights, at.epoch);
  if (places_.setting.plan.epoch_takes == Duration(0)) return;
  const auto here = place(run_->assign);
  std::int64_t& told = places_.host.told[here];
  told = std::max(told, at.epoch);
  if (planted(Bug::kOldCheckpointDeletedFirst)) {
    places_.host.checkpoints.erase(here);
    // The new file is whole a little later, if its writer lives so long.
    places_.setting.agenda.after(milliseconds(200), [this, life = life_, here, written = at] {
      if (life == life_) places_.host.checkpoints[here] = written;
    });
    return;
  }
  Checkpoint& kept = places_.host.checkpoints[here];
  if (at.epoch > kept.epoch) kept = at;
  upload();
}

// Puts what the trainer has reached on its way to the coordinator, where it arrives late, or never.
// Returns its number; 0 where nothing travels.
std::int64_t Slot::upload() {
  const Plan& plan = places_.setting.plan;
  Random& random = places_.setting.random;
  if (!plan.checkpoints_travel || run_->at.epoch == 0) return 0;
  const TrialKey key = run_->assign.key;
  const std::int64_t number = ++run_->uploads;
  if (!places_.setting.calm && random.chance(plan.upload_loss)) {
    places_.setting.say(name_, "sends checkpoint ", number, " of ", to_string(key), " in vain");
    return number;
  }
  StoredCheckpoint whole{key.attempt, number, run_->at.epoch, 100, {}, "simulated", {}};
  whole.file = to_string(key) + "." + std::to_string(number);
  const auto [hash, seed] = place(run_->assign);
  const Duration takes = random.between(milliseconds(5), plan.upload_takes);
  places_.setting.agenda.after(
      takes, [this, arrived = event::CheckpointArrived{agent_->session(), key, std::move(whole)},
              file = Depot::File{hash, seed, run_->at}] { sent(arrived, file); });
  return number;
}

// Before training: what another host left, where it is further than what lies here.
void Slot::fetch() {
  const Plan& plan = places_.setting.plan;
  run_->missed = true;
  if (!places_.depot.serving ||
      (!places_.setting.calm && places_.setting.random.chance(plan.fetch_loss))) {
    return;
  }
  const auto row = places_.depot.rows.find(run_->assign.key.trial);
  if (row == places_.depot.rows.end()) return;  // evicted meanwhile
  const auto file = places_.depot.files.find(row->second.file);
  if (file == places_.depot.files.end()) {
    throw Violation("the row of trial " + to_string(run_->assign.key.trial) +
                    " names a checkpoint that is gone");
  }
  run_->missed = false;
  if (place(run_->assign) != std::pair(file->second.config_hash, file->second.seed)) {
    throw Violation("the row of trial " + to_string(run_->assign.key.trial) +
                    " names a checkpoint of another config");
  }
  if (file->second.content.epoch <= run_->at.epoch) return;
  run_->at = file->second.content;
  places_.host.checkpoints[place(run_->assign)] = run_->at;
}

agent_event::Outcome Slot::result() const {
  TrialResult result;
  result.val_accuracy = accuracy_of(run_->at.weights);
  result.best_val_accuracy = result.val_accuracy;
  result.test_accuracy = *result.val_accuracy / 2;
  result.epochs = run_->epochs;
  result.selected_epoch = run_->epochs;
  result.best_epoch = run_->epochs;
  result.device = name_;
  return agent_event::Finished{result};
}

agent_event::Outcome Slot::failure() const {
  return agent_event::Failed{run_->fails_in->second, "simulated", run_->at.epoch};
}

void Slot::end(agent_event::Outcome outcome) {
  const TrialKey key = run_->assign.key;
  if (std::holds_alternative<agent_event::Finished>(outcome)) {
    finished_[key] = place(run_->assign);
    if (planted(Bug::kCheckpointForgottenBeforeAck)) {
      places_.host.checkpoints.erase(finished_[key]);
    }
    places_.promises.finished_here(agent_->session(), key);
  }
  run_.reset();
  give({agent_event::TrainerEnded{key, std::move(outcome)}});
}

// What only served to resume a finished trial is removed.
void Slot::forget(TrialKey key) {
  places_.promises.forgets(agent_->session(), key);
  const auto found = finished_.find(key);
  if (found == finished_.end()) return;
  places_.host.checkpoints.erase(found->second);
  places_.host.told.erase(found->second);
  finished_.erase(found);
}

}  // namespace firesweep::simulation
