#include "tests/simulation/coordinator.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "shared/codec/config_hash.h"
#include "shared/wire/codec.h"
#include "tests/simulation/bugs.h"
#include "tests/simulation/kinds.h"

namespace firesweep::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kTickEvery = milliseconds(500);
constexpr Duration kGroupTime = milliseconds(5);
constexpr std::size_t kGroupEvents = 1024;
constexpr Duration kFirstBackOff = milliseconds(100);
constexpr Duration kLongestBackOff = seconds(5);

}  // namespace

Coordinator::Coordinator(Places places, int number, std::function<void()> died)
    : places_(places),
      number_(number),
      name_(number == 0 ? "coordinator" : "coordinator " + std::to_string(number)),
      died_(std::move(died)),
      clock_(seconds(1000),
             places.setting.plan.clock_drift * (2 * places.setting.random.unit() - 1)) {}

SchedulerOptions Coordinator::options() const {
  SchedulerOptions options;
  options.heartbeat_every = places_.setting.plan.heartbeat_every;
  options.lease = places_.setting.plan.lease;
  options.stall_floor = places_.setting.plan.stall_floor;
  options.config_hash = config_hash;
  options.upload_limit = places_.setting.plan.upload_limit;
  options.checkpoint_bytes = places_.setting.plan.checkpoint_bytes;
  return options;
}

void Coordinator::start() {
  ++life_;
  phase_ = Phase::kUp;
  waking_ = false;
  draining_ = false;
  back_off_ = Duration(0);
  inbox_.clear();
  last_step_ = clock().steady;
  places_.setting.say(name_, "starts");
  places_.disk.open();
  rebuild();
  std::erase_if(places_.depot.files, [this](const auto& file) {
    return std::none_of(places_.depot.rows.begin(), places_.depot.rows.end(),
                        [&](const auto& row) { return row.second.file == file.first; });
  });
  tick_later();
}

Duration Coordinator::awake() const { return last_step_ - slept_; }

void Coordinator::rebuild() {
  settle_unknown();
  places_.promises.ledger().set_draining(draining_);
  places_.promises.coordinator_starts(awake(), scheduler_ != nullptr);
  Snapshot snapshot = places_.disk.snapshot();
  places_.depot.serving = true;
  places_.depot.rows = snapshot.checkpoints;
  for (const auto& [trial, row] : places_.depot.rows) {
    if (places_.depot.files.contains(row.file)) continue;
    throw Violation("the row of trial " + firesweep::to_string(trial) +
                    " names a checkpoint that is gone");
  }
  if (planted(Bug::kFailedCommitTakenAsNotDone) && stale_) snapshot = *stale_;
  Heard heard;
  if (scheduler_ && !planted(Bug::kHeardForgottenAfterRebuild)) heard = scheduler_->heard();
  scheduler_ =
      std::make_unique<Scheduler>(std::move(snapshot), options(), clock(), std::move(heard));
  if (draining_ && !planted(Bug::kDrainForgottenAfterRebuild)) apply({event::DrainRequested{}});
}

void Coordinator::arrive(const PeerId& peer, const std::string& bytes) {
  if (!up()) return;
  auto frame = decode_inbound(bytes);
  if (!frame) throw Violation("the coordinator cannot read a frame: " + to_string(frame.error()));
  // While it recovers, the last commit is still to be judged as of its own time.
  if (phase_ != Phase::kRecovering) {
    places_.promises.heard(std::get<WorkerFrame>(*frame), awake());
  }
  take(event::WorkerFrameArrived{peer, std::move(std::get<WorkerFrame>(*frame))});
}

void Coordinator::take(Event event) {
  if (!up()) return;
  inbox_.push_back(std::move(event));
  wake();
}

void Coordinator::wake() {
  if (phase_ != Phase::kUp || waking_) return;
  waking_ = true;
  const Duration gathers = places_.setting.random.between(Duration(20), kGroupTime);
  places_.setting.agenda.after(gathers, [this, life = life_] {
    if (life != life_ || phase_ != Phase::kUp) return;
    waking_ = false;
    step(false);
  });
}

void Coordinator::tick_later() {
  places_.setting.agenda.after(kTickEvery, [this, life = life_] {
    if (life != life_) return;
    if (phase_ == Phase::kUp) step(true);
    if (life == life_) tick_later();
  });
}

// Sockets are drained before timers are judged.
void Coordinator::step(bool tick) {
  std::vector<Event> events = std::exchange(inbox_, {});
  if (events.size() > kGroupEvents) {
    const auto rest = events.begin() + static_cast<std::ptrdiff_t>(kGroupEvents);
    inbox_.assign(std::make_move_iterator(rest), std::make_move_iterator(events.end()));
    events.erase(rest, events.end());
  }
  if (tick) {
    const bool first = planted(Bug::kTimersBeforeSockets);
    events.insert(first ? events.begin() : events.end(), event::Tick{});
  }
  if (!events.empty()) apply(std::move(events));
  if (phase_ != Phase::kUp) return;
  if (tick) places_.promises.ticked(awake());
  if (!inbox_.empty()) wake();
  if (draining_ && scheduler_->idle()) die("has drained and leaves");
}

bool Coordinator::trap_springs(Trap trap) {
  if (!trap_.springs(trap)) return false;
  places_.setting.say(name_, to_string(trap));
  return true;
}

void Coordinator::apply(std::vector<Event> events) {
  const Instant now = clock();
  const Duration gap = now.steady - last_step_;
  if (gap > std::min<Duration>(seconds(5), places_.setting.plan.lease / 3)) slept_ += gap;
  last_step_ = now.steady;

  Group group;
  std::vector<Effect> sends;
  for (const Event& event : events) {
    if (places_.setting.log.kept()) places_.setting.say(name_, "hears: ", describe(event));
    for (Effect& effect : scheduler_->on(event, now)) {
      if (auto* persist = std::get_if<effect::Persist>(&effect)) {
        group.records.push_back(std::move(persist->record));
      } else {
        sends.push_back(std::move(effect));
      }
    }
    group.ends.push_back(group.records.size());
  }
  group.events = std::move(events);
  const bool writes = !group.records.empty();
  trap_.look(group.records);
  if (planted(Bug::kStoredCheckpointDeletedFirst)) {
    for (const Effect& effect : sends) {
      if (const auto* gone = std::get_if<effect::CheckpointUnneeded>(&effect)) carry_out(*gone);
    }
  }
  if (planted(Bug::kSendBeforePersist)) {
    send(sends);
    sends.clear();
  }
  if (!commit(group)) {
    if (phase_ != Phase::kUp) return;
    if (planted(Bug::kAnswerAfterFailedCommit)) send(sends);
    if (planted(Bug::kSchedulerKeptAfterFailedCommit)) return settle_unknown();
    return recover();
  }
  if (writes && trap_springs(Trap::kCrashAfterCommit)) return die("is gone");
  send(sends);
}

bool Coordinator::commit(Group& group) {
  if (group.records.empty()) {
    told(group);
    return true;
  }
  if (planted(Bug::kFailedCommitTakenAsNotDone)) stale_ = places_.disk.snapshot();
  CommitFault fault = CommitFault::kNone;
  if (trap_springs(Trap::kFailCommitDone)) fault = CommitFault::kFailsDone;
  if (trap_springs(Trap::kFailCommitNotDone)) fault = CommitFault::kFailsNotDone;
  if (trap_springs(Trap::kCrashBeforeCommit)) fault = CommitFault::kDies;
  places_.setting.say(name_, "commits ", group.records.size(), " records");
  try {
    places_.disk.commit(group.records, fault, places_.setting.random);
  } catch (const DiskFailure& failure) {
    places_.setting.say(name_, "cannot commit: ", failure.what());
    unknown_ = std::move(group);
    if (fault == CommitFault::kDies) die("is gone");
    return false;
  } catch (const ConstraintViolation& violation) {
    throw Violation(std::string("the database refuses a record: ") + violation.what());
  }
  told(group);
  return true;
}

// A commit whose outcome was unknown: all of it is there, or nothing.
void Coordinator::settle_unknown() {
  if (unknown_.empty()) return;
  const Group group = std::exchange(unknown_, {});
  Auditor& auditor = places_.disk.auditor();
  if (auditor.holds(places_.promises.ledger())) return undone(group);
  told(group);
  auditor.audit_rows(places_.promises.ledger());
}

// What became durable, event by event.
void Coordinator::told(const Group& group) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < group.events.size(); ++i) {
    const Event& event = group.events[i];
    if (const auto* arrived = std::get_if<event::WorkerFrameArrived>(&event)) {
      places_.promises.applies(arrived->frame, awake());
    } else if (std::holds_alternative<event::DrainRequested>(event)) {
      places_.promises.ledger().set_draining(true);
    }
    const std::span<const Record> all(group.records);
    places_.promises.committed(all.subspan(begin, group.ends[i] - begin), awake());
    begin = group.ends[i];
  }
}

// What a scheduler had heard, and had answered with nothing that lasts.
void Coordinator::undone(const Group& group) {
  for (const Event& event : group.events) {
    if (const auto* arrived = std::get_if<event::WorkerFrameArrived>(&event)) {
      places_.promises.undone(arrived->frame);
    }
  }
}

void Coordinator::send(std::vector<Effect>& effects) {
  if (effects.empty()) return;
  std::size_t count = effects.size();
  const bool crash = trap_springs(Trap::kCrashAmidSending);
  if (crash) {
    count = static_cast<std::size_t>(
        places_.setting.random.between(0, static_cast<std::int64_t>(count) - 1));
  }
  for (std::size_t i = 0; i < effects.size(); ++i) {
    if (i < count) {
      send_one(effects[i]);
    } else if (const auto* command = std::get_if<effect::SendToWorker>(&effects[i])) {
      places_.setting.coverage.count(kinds_of(command->frame), Fate::kDied);
    }
  }
  if (crash) die("is gone");
}

void Coordinator::send_one(const Effect& effect) {
  if (const auto* command = std::get_if<effect::SendToWorker>(&effect)) {
    places_.promises.leaves(command->frame);
    if (places_.setting.log.kept()) {
      places_.setting.say(name_, "tells worker ", command->frame.session.low, " by ", command->peer,
                          ": ", describe(command->frame));
    }
    places_.network.send_down(command->peer, encode(OutboundFrame(command->frame)),
                              kinds_of(command->frame));
  } else if (const auto* settled = std::get_if<effect::CheckpointSettled>(&effect)) {
    carry_out(*settled);
  } else if (const auto* unneeded = std::get_if<effect::CheckpointUnneeded>(&effect)) {
    carry_out(*unneeded);
  } else {
    const auto& answer = std::get<effect::ReplyToClient>(effect);
    places_.setting.say(name_, "answers ", answer.peer, ": ", answer.reply.text, answer.reply.what);
    places_.answers.given(answer.peer, answer.reply);
  }
}

void Coordinator::carry_out(const effect::CheckpointSettled& settled) {
  Depot& depot = places_.depot;
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
  if (unneeded.evicted) places_.depot.rows.erase(unneeded.trial);
  places_.depot.files.erase(unneeded.file);
}

// A failed commit has an unknown outcome: what the file holds afterwards is the truth.
void Coordinator::recover() {
  phase_ = Phase::kRecovering;
  back_off_ = std::clamp(2 * back_off_, kFirstBackOff, kLongestBackOff);
  places_.setting.agenda.after(back_off_, [this, life = life_] {
    if (life != life_) return;
    places_.setting.say(name_, "opens the database again");
    places_.disk.reopen();
    settle_unknown();
    last_step_ = clock().steady;
    phase_ = Phase::kUp;
    waking_ = false;
    rebuild();
    if (phase_ == Phase::kUp && !inbox_.empty()) wake();
  });
}

void Coordinator::kill() {
  if (up()) die("is killed");
}

void Coordinator::drain() {
  if (phase_ != Phase::kUp || draining_) return;
  draining_ = true;
  apply({event::DrainRequested{}});
}

void Coordinator::freeze() {
  if (phase_ != Phase::kUp) return;
  places_.setting.say(name_, "is stopped by a signal");
  phase_ = Phase::kFrozen;
}

void Coordinator::thaw() {
  if (phase_ != Phase::kFrozen) return;
  places_.setting.say(name_, "goes on");
  phase_ = Phase::kUp;
  waking_ = false;
  step(true);
}

void Coordinator::die(std::string_view how) {
  places_.setting.say(name_, how);
  ++life_;
  phase_ = Phase::kDown;
  scheduler_.reset();
  places_.depot.serving = false;
  inbox_.clear();
  stale_.reset();
  places_.disk.kill(places_.setting.random);
  places_.network.coordinator_died(number_);
  died_();
}

bool Coordinator::at_rest() const {
  return phase_ == Phase::kUp && !draining_ && inbox_.empty() && scheduler_->all_finished();
}

}  // namespace firesweep::simulation
