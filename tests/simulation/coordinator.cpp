#include "tests/simulation/coordinator.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "shared/codec/config_hash.h"
#include "shared/codec/sweep_codec.h"
#include "shared/wire/codec.h"
#include "tests/simulation/bugs.h"
#include "tests/simulation/kinds.h"

namespace firesweep::simulation {
namespace {

using loop::CommitOutcome;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kTickEvery = milliseconds(500);
constexpr std::int64_t kMostLastEffects = 3;  // of a process that dies amid sending

}  // namespace

Coordinator::Coordinator(Context context, int number, std::function<void()> died)
    : context_(context),
      number_(number),
      name_(number == 0 ? "coordinator" : "coordinator " + std::to_string(number)),
      died_(std::move(died)),
      clock_(seconds(1000),
             context.setting.plan.clock_drift * (2 * context.setting.random.unit() - 1)) {}

CoordinatorLoop::Options Coordinator::options() const {
  const Plan& plan = context_.setting.plan;
  CoordinatorLoop::Options options;
  options.scheduling.heartbeat_every = plan.heartbeat_every;
  options.scheduling.lease = plan.lease;
  options.scheduling.stall_floor = plan.stall_floor;
  options.scheduling.config_hash = config_hash;
  options.scheduling.freeze = [](SweepSpec spec,
                                 const std::map<std::string, Architecture>& architectures) {
    return firesweep::freeze(std::move(spec), architectures);
  };
  options.scheduling.upload_limit = plan.upload_limit;
  options.scheduling.checkpoint_bytes = plan.checkpoint_bytes;
  if (plan.checkpoints_travel) options.scheduling.checkpoints_at = "tcp://*:1";
  options.database = "the database";
  options.tick_every = kTickEvery;
  return options;
}

void Coordinator::start() {
  ++life_;
  frozen_ = false;
  waking_ = false;
  draining_ = false;
  last_look_ = clock_.at(context_.setting.agenda.now()).steady;
  context_.setting.say(name_, "starts");
  context_.disk.open();
  settle_unknown();
  ticked_ = false;
  context_.promises.ledger().set_draining(false);
  context_.promises.coordinator_starts(awake(), false);
  Snapshot snapshot = context_.disk.snapshot();
  reset(snapshot.checkpoints);
  std::erase_if(context_.depot.files, [this](const auto& file) {
    return std::none_of(context_.depot.rows.begin(), context_.depot.rows.end(),
                        [&](const auto& row) { return row.second.file == file.first; });
  });
  loop_.emplace(CoordinatorLoop::Ports{*this, *this, *this, this, *this}, options(),
                std::move(snapshot));
  entered_ = Duration(0);
  wake_in_time();
}

// ---- when it steps

void Coordinator::arrive(const PeerId& peer, const std::string& bytes) {
  if (!up()) return;
  auto frame = decode_inbound(bytes);
  if (!frame) throw Violation("the coordinator cannot read a frame: " + to_string(frame.error()));
  // While it recovers, the last commit is still to be judged as of its own time.
  if (!loop_->recovering()) context_.promises.heard(std::get<WorkerFrame>(*frame), awake());
  ask(event::WorkerFrameArrived{peer, std::move(std::get<WorkerFrame>(*frame))});
}

void Coordinator::ask(Event request) {
  if (!up()) return;
  inbox_.push_back(std::move(request));
  wake();
}

void Coordinator::store(event::CheckpointArrived arrived) {
  if (!up()) return;
  arrived_.push_back(std::move(arrived));
  wake();
}

void Coordinator::wake() {
  if (frozen_ || waking_) return;
  waking_ = true;
  const Duration gathers = context_.setting.random.between(Duration(20), Duration(kGroupTime));
  context_.setting.agenda.after(gathers, [this, life = life_] {
    if (life != life_ || frozen_) return;
    waking_ = false;
    step();
  });
}

void Coordinator::wake_in_time() {
  const Duration at = loop_->wake_at();
  if (std::exchange(entered_, at) == at) return;
  context_.setting.agenda.at(clock_.world_time(at), [this, life = life_, at] {
    if (life == life_ && at == entered_ && !frozen_) step();
  });
}

void Coordinator::step() {
  loop_->step();
  after_step();
}

void Coordinator::after_step() {
  if (last_effects_) dying_ = "is gone";
  if (!dying_.empty()) return die(dying_);
  const bool recovering = loop_->recovering();
  quarantine_.end(recovering);
  const bool ticked = std::exchange(ticked_, false);
  if (!recovering) {
    settle_unknown();
    if (ticked) context_.promises.ticked(awake());
    if (draining_ && loop_->scheduler().idle()) return die("has drained and leaves");
  }
  wake_in_time();
  if (!inbox_.empty()) wake();
}

bool Coordinator::trap_springs(Trap trap) {
  if (!trap_.springs(trap)) return false;
  context_.setting.say(name_, to_string(trap));
  return true;
}

// ---- its clock

Instant Coordinator::now() {
  const Instant now = clock_.at(context_.setting.agenda.now());
  const Duration gap = now.steady - last_look_;
  if (gap > std::min<Duration>(seconds(5), context_.setting.plan.lease / 3)) slept_ += gap;
  last_look_ = now.steady;
  return now;
}

// ---- its database

CommitOutcome Coordinator::commit(std::span<const Record> records) {
  if (!dying_.empty()) return {CommitOutcome::Kind::kUnknown, "died", {}};
  trap_.look(records);
  if (trap_springs(Trap::kRefuseRecord)) quarantine_.begin(records, context_.setting.random);
  if (quarantine_.refuses(records)) {
    context_.setting.say(name_, "may not commit ", records.size(), " records");
    return {CommitOutcome::Kind::kRefused, "simulated", {}};
  }
  if (planted(Bug::kFailedCommitTakenAsNotDone)) stale_ = context_.disk.snapshot();
  CommitFault fault = CommitFault::kNone;
  if (trap_springs(Trap::kFailCommitDone)) fault = CommitFault::kFailsDone;
  if (trap_springs(Trap::kFailCommitNotDone)) fault = CommitFault::kFailsNotDone;
  if (trap_springs(Trap::kCrashBeforeCommit)) fault = CommitFault::kDies;
  context_.setting.say(name_, "commits ", records.size(), " records");
  try {
    context_.disk.commit(records, fault, context_.setting.random);
  } catch (const DiskFailure& failure) {
    context_.setting.say(name_, "cannot commit: ", failure.what());
    dies_unsettled_ = fault == CommitFault::kDies;
    return {CommitOutcome::Kind::kUnknown, failure.what(), {}};
  } catch (const ConstraintViolation& violation) {
    throw Violation(std::string("the database refuses a record: ") + violation.what());
  }
  return {};
}

Result<Snapshot> Coordinator::snapshot() {
  settle_unknown();
  ticked_ = false;
  context_.promises.ledger().set_draining(draining_);
  context_.promises.coordinator_starts(awake(), true);
  if (planted(Bug::kFailedCommitTakenAsNotDone) && stale_) return *stale_;
  return context_.disk.snapshot();
}

Result<Snapshot> Coordinator::reopen() {
  context_.setting.say(name_, "opens the database again");
  context_.disk.reopen();
  return snapshot();
}

// ---- what becomes of its groups

void Coordinator::committed(const loop::Group& group) {
  if (!dying_.empty()) return;
  if (group.records.empty()) trap_.look({});
  quarantine_.committed(group);
  told(group);
  if (!group.records.empty() && trap_springs(Trap::kCrashAfterCommit)) dying_ = "is gone";
}

void Coordinator::refused(const loop::Group& group, const CommitOutcome&) {
  quarantine_.refused(group);
  undone(group);
}

void Coordinator::unsettled(const loop::Group& group) {
  if (!dying_.empty()) return;
  unknown_ = group;
  if (dies_unsettled_) dying_ = "is gone";
}

// A commit whose outcome was unknown: all of it is there, or nothing.
void Coordinator::settle_unknown() {
  if (unknown_.events.empty()) return;
  const loop::Group group = std::exchange(unknown_, {});
  Auditor& auditor = context_.disk.auditor();
  if (auditor.holds(context_.promises.ledger())) return undone(group);
  told(group);
  auditor.audit_rows(context_.promises.ledger());
}

// What became durable, event by event.
void Coordinator::told(const loop::Group& group) {
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const Event& event = group.events[i];
    if (const auto* arrived = std::get_if<event::WorkerFrameArrived>(&event)) {
      context_.promises.applies(arrived->frame, awake());
    } else if (std::holds_alternative<event::DrainRequested>(event)) {
      context_.promises.ledger().set_draining(true);
    } else if (std::holds_alternative<event::Tick>(event)) {
      ticked_ = true;
    }
    context_.promises.committed(group.records_of(i), awake());
  }
}

// What a scheduler had heard, and had answered with nothing that lasts.
void Coordinator::undone(const loop::Group& group) {
  for (const Event& event : group.events) {
    if (const auto* arrived = std::get_if<event::WorkerFrameArrived>(&event)) {
      context_.promises.undone(arrived->frame);
    }
  }
}

// ---- its socket

std::vector<Event> Coordinator::receive(std::size_t most) {
  std::vector<Event> events = std::exchange(inbox_, {});
  if (events.size() > most) {
    const auto rest = events.begin() + static_cast<std::ptrdiff_t>(most);
    inbox_.assign(std::make_move_iterator(rest), std::make_move_iterator(events.end()));
    events.erase(rest, events.end());
  }
  if (context_.setting.log.kept()) {
    for (const Event& event : events) context_.setting.say(name_, "hears: ", describe(event));
  }
  return events;
}

bool Coordinator::sends_no_more() {
  if (dying_.empty() && trap_springs(Trap::kCrashAmidSending)) {
    last_effects_ = context_.setting.random.between(0, kMostLastEffects);
  }
  if (last_effects_ && --*last_effects_ < 0) dying_ = "is gone";
  return !dying_.empty();
}

void Coordinator::send(const PeerId& worker, CoordinatorFrame frame) {
  const KindSet kinds = kinds_of(frame);
  if (sends_no_more()) return context_.setting.coverage.count(kinds, Delivery::kDied);
  context_.promises.leaves(frame);
  if (context_.setting.log.kept()) {
    context_.setting.say(name_, "tells worker ", frame.session.low, " by ", worker, ": ",
                         describe(frame));
  }
  context_.network.send_down(worker, encode(OutboundFrame(std::move(frame))), kinds);
}

void Coordinator::reply(const PeerId& client, const ClientReply& reply) {
  if (sends_no_more()) return;
  context_.setting.say(name_, "answers ", client, ": ", describe(reply));
  context_.answers.given(client, reply);
}

// ---- its folder of checkpoints

std::vector<event::CheckpointArrived> Coordinator::arrived() { return std::exchange(arrived_, {}); }

void Coordinator::carry_out(const effect::CheckpointSettled& settled) {
  if (sends_no_more()) return;
  Depot& depot = context_.depot;
  if (settled.kept) {
    depot.rows[settled.trial] = settled.checkpoint;
    return;
  }
  const auto row = depot.rows.find(settled.trial);
  if (row == depot.rows.end() || row->second.file != settled.checkpoint.file) {
    depot.files.erase(settled.checkpoint.file);
  }
}

void Coordinator::carry_out(const effect::CheckpointUnneeded& unneeded) {
  if (sends_no_more()) return;
  if (unneeded.evicted) context_.depot.rows.erase(unneeded.trial);
  context_.depot.files.erase(unneeded.file);
}

void Coordinator::reset(std::map<TrialId, StoredCheckpoint> rows) {
  context_.depot.serving = true;
  context_.depot.rows = std::move(rows);
  for (const auto& [trial, row] : context_.depot.rows) {
    if (context_.depot.files.contains(row.file)) continue;
    throw Violation("the row of trial " + firesweep::to_string(trial) +
                    " names a checkpoint that is gone");
  }
}

// ---- calamities

void Coordinator::kill() {
  if (up()) die("is killed");
}

void Coordinator::drain() {
  if (!up() || frozen_ || draining_) return;
  draining_ = true;
  loop_->drain();
  after_step();
}

void Coordinator::freeze() {
  if (!up()) return;
  context_.setting.say(name_, "is stopped by a signal");
  frozen_ = true;
}

void Coordinator::thaw() {
  if (!frozen_) return;
  context_.setting.say(name_, "goes on");
  frozen_ = false;
  waking_ = false;
  step();
}

void Coordinator::die(std::string_view how) {
  context_.setting.say(name_, how);
  ++life_;
  loop_.reset();
  frozen_ = false;
  dying_ = {};
  dies_unsettled_ = false;
  last_effects_.reset();
  quarantine_ = {};
  inbox_.clear();
  arrived_.clear();
  stale_.reset();
  context_.depot.serving = false;
  context_.disk.kill(context_.setting.random);
  context_.network.coordinator_died(number_);
  died_();
}

bool Coordinator::at_rest() const {
  return up() && !frozen_ && !loop_->recovering() && !draining_ && inbox_.empty() &&
         arrived_.empty() && loop_->scheduler().all_finished();
}

}  // namespace firesweep::simulation
