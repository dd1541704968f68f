#include "coordinator/core/scheduler.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "coordinator/core/scheduler_core.h"

namespace firesweep {
namespace {

// A pause of the coordinator itself longer than this (ticks come at least every half second) is no
// silence of others.
Duration suspension(Duration lease) {
  return std::min<Duration>(std::chrono::seconds(5), lease / 3);
}

}  // namespace

Scheduler::Scheduler(Snapshot snapshot, SchedulerOptions options, Instant now, Heard heard)
    : core_(std::make_unique<SchedulerCore>(std::move(snapshot), std::move(options), now,
                                            std::move(heard))) {}
Scheduler::~Scheduler() = default;
Scheduler::Scheduler(Scheduler&&) noexcept = default;
Scheduler& Scheduler::operator=(Scheduler&&) noexcept = default;
std::vector<Effect> Scheduler::on(const Event& event, Instant now) { return core_->on(event, now); }
Heard Scheduler::heard() const { return core_->heard(); }
Overview Scheduler::overview(Instant now) const { return core_->overview(now); }
bool Scheduler::idle() const { return core_->idle(); }
bool Scheduler::awaits_checkpoints(Instant now) const { return core_->awaits_checkpoints(now); }
bool Scheduler::all_finished() const { return core_->all_finished(); }

SchedulerCore::SchedulerCore(Snapshot snapshot, SchedulerOptions options, Instant now, Heard heard)
    : options_(std::move(options)),
      roster_(std::move(heard)),
      shelf_(options_.checkpoint_bytes),
      now_(now) {
  assert(options_.config_hash);
  for (auto& [trial, checkpoint] : snapshot.checkpoints) shelf_.put(trial, std::move(checkpoint));
  for (SweepSnapshot& sweep : snapshot.sweeps) restore(std::move(sweep));
}

void SchedulerCore::restore_space(Sweep& sweep, const SweepSnapshot& snapshot) {
  const auto broken = [&](std::string why) {
    sweep.broken = std::move(why);
    sweep.trials =
        Trials(std::max(snapshot.total_trials, static_cast<std::int64_t>(snapshot.trials.size())));
  };
  if (!snapshot.broken.empty()) return broken(snapshot.broken);
  auto space = SweepSpace::make(sweep.frozen);
  Result<void> made;
  if (!space) made = tl::unexpected(space.error());
  for (const auto& extension : snapshot.extensions) {
    by_hash_[extension->hash] = sweep.id;
    if (made) made = space->extend(extension);
  }
  if (!made) return broken("this build cannot generate its trials: " + to_string(made.error()));
  // A number that came to mean another trial would be trained under its name.
  if (space->trials() != snapshot.total_trials) {
    return broken("this build makes " + std::to_string(space->trials()) + " trials of it where " +
                  std::to_string(snapshot.total_trials) + " were submitted");
  }
  sweep.frozen = space->newest();
  sweep.trials = Trials(space->trials());
  sweep.space.emplace(std::move(*space));
}

void SchedulerCore::restore(SweepSnapshot&& snapshot) {
  Sweep& sweep = sweeps_[snapshot.sweep];
  sweep.id = snapshot.sweep;
  sweep.state = snapshot.state;
  sweep.failing = snapshot.failing;
  sweep.asleep = options_.only_submitted;
  sweep.frozen = std::move(snapshot.frozen);
  sweep.best_trial = snapshot.best_trial;
  sweep.best_accuracy = snapshot.best_accuracy;
  by_hash_[sweep.frozen->hash] = sweep.id;
  restore_space(sweep, snapshot);
  for (const auto& [number, stored] : snapshot.trials) {
    Trial trial;
    trial.state = stored.state;
    trial.restarts = stored.restarts;
    trial.checkpoint_epoch = stored.checkpoint_epoch;
    trial.train_seconds = stored.train_seconds;
    trial.session = stored.session;
    trial.worker = stored.worker;
    trial.started = stored.started;
    trial.epoch_at_lease = stored.known_epoch;
    sweep.trials.restore(number, std::move(trial));
    if (std::holds_alternative<Waiting>(stored.state)) sweep.queue.put_back(number);
    if (live_attempt(stored.state) != AttemptNo{}) restore_lease(sweep, number, stored);
  }
  if (is_unfinished(sweep.state)) sweep.prepare();
  if (sweep.state == SweepState::kRunning && sweep.space) running_.insert(sweep.id);
  touched_sweeps_.insert(sweep.id);
}

// The worker is held a place for one lease, to claim what it was given before the restart.
void SchedulerCore::restore_lease(Sweep& sweep, std::int64_t number,
                                  const TrialSnapshot& snapshot) {
  Worker& worker = roster_.enter(snapshot.session, now());
  worker.name = snapshot.worker;
  Lease lease;
  lease.key = {make_trial_id(sweep.id, number), live_attempt(snapshot.state)};
  lease.assigned_at = now();
  lease.started = snapshot.started || std::holds_alternative<Running>(snapshot.state);
  lease.started_at = now();
  lease.train_seconds_before = snapshot.train_seconds;
  lease.last_epoch = std::max(snapshot.checkpoint_epoch, snapshot.resumed_from_epoch);
  lease.first_unit = options_.first_unit_ceiling;
  if (sweep.space) {
    if (const auto config = sweep.space->config(number)) {
      const Cost cost = sweep.space->cost(number);
      lease.work = work_of(*sweep.frozen, *config, cost);
      lease.epochs = config->epochs;
      lease.first_unit = first_unit_bound(cost.macs, config->batch_size, options_.stall_floor,
                                          options_.first_unit_ceiling);
      sweep.trials.touch(number).work = lease.work;
    }
  }
  lease.progress.start(now(), lease.first_unit);
  worker.leases.emplace(lease.key, std::move(lease));
}

std::vector<Effect> SchedulerCore::on(const Event& event, Instant now) {
  const Duration gap = now.steady - now_.steady;
  if (gap > suspension(options_.lease)) {
    roster_.extend(gap);
    shelf_.extend(gap);
  }
  now_ = now;
  std::visit([this](const auto& one) { handle(one); }, event);
  const std::set<SweepId> touched = std::exchange(touched_sweeps_, {});
  for (const SweepId id : touched) settle(sweeps_.at(id));
  if (draining_) {
    quit_idle_workers();
  } else {
    dispatch();
  }
  return flush();
}

// What was held back on an older socket, or came twice, is overtaken: it neither shows that the
// worker lives nor says where and with what. The reports in it are judged, since each has its own
// number.
void SchedulerCore::handle(const event::WorkerFrameArrived& event) {
  const WorkerFrame& frame = event.frame;
  if (roster_.has_left(frame.session)) return;  // Goodbye is a session's last word
  const std::optional<std::uint64_t> heard = roster_.heard(frame.session);
  const bool overtaken = heard && frame.sequence <= *heard;
  std::optional<Claim> claim;
  bool heard_stranger = false;
  for (const WorkerMessage& message : frame.messages) {
    if (const auto* hello = std::get_if<Hello>(&message)) {
      if (!overtaken && !greet(event.peer, frame.session, *hello, claim)) return;
      continue;
    }
    if (std::holds_alternative<Goodbye>(message)) return leave(frame.session);
    Worker* worker = roster_.find(frame.session);
    if (worker == nullptr || !worker->connected) {
      heard_stranger = true;
      continue;
    }
    if (const auto* heartbeat = std::get_if<Heartbeat>(&message)) {
      if (!overtaken) beat(*worker, *heartbeat, claim);
    } else {
      take(*worker, std::get<Report>(message));
    }
  }
  if (overtaken) return;
  Worker* worker = roster_.find(frame.session);
  if (worker != nullptr) worker->last_heard = now();
  if (worker == nullptr || !worker->connected) {
    if (heard_stranger) tell_stranger(event.peer, frame.session, WhoAreYou{});
    return;
  }
  roster_.note_heard(frame.session, frame.sequence, now());
  // A reconnect that its worker has not noticed.
  if (worker->peer != event.peer) tell_stranger(event.peer, frame.session, WhoAreYou{});
  if (claim) compare(*worker, *claim);
}

Error SchedulerCore::broken_error(const Sweep& sweep) {
  return {ErrorCode::kConflict, "sweep " + std::to_string(sweep.id.value),
          "it is broken: " + sweep.broken,
          "go on with the firesweep that began it; it may be stopped or cancelled here"};
}

void SchedulerCore::settle(Sweep& sweep) {
  if (sweep.broken.empty() && sweep.state == SweepState::kRunning && sweep.trials.waiting() == 0 &&
      sweep.trials.live().empty()) {
    move_sweep(sweep, SweepEvent::kNoTrialLeft);
  } else if (sweep.state == SweepState::kStopping && sweep.trials.live().empty()) {
    move_sweep(sweep, sweep.failing ? SweepEvent::kDrainedAfterFailure : SweepEvent::kDrained);
  }
}

void SchedulerCore::move_sweep(Sweep& sweep, SweepEvent event) {
  const auto next = transition(sweep.state, event);
  assert(next.has_value());
  sweep.state = *next;
  sweep.failing = event == SweepEvent::kTooManyFailures;
  if (sweep.state == SweepState::kRunning && sweep.space) {
    running_.insert(sweep.id);
  } else {
    running_.erase(sweep.id);
  }
  touched_sweeps_.insert(sweep.id);
  persist(record::SweepChanged{sweep.id, sweep.state, sweep.failing, utc()});
}

std::vector<Effect> SchedulerCore::flush() {
  std::vector<Effect> effects;
  effects.reserve(records_.size() + changed_trials_.size() + messages_.size() + replies_.size());
  for (Record& record : records_) effects.push_back(effect::Persist{std::move(record)});
  for (auto& [id, message] : changed_trials_) {
    const Trial& trial = *find(id).trial;
    const bool failed = std::holds_alternative<Failed>(trial.state);
    effects.push_back(effect::Persist{
        record::TrialChanged{id, trial.state, trial.restarts, trial.checkpoint_epoch,
                             failed ? std::move(message) : std::string(), utc()}});
  }
  for (auto& [session, messages] : messages_) {
    Worker* worker = roster_.find(session);
    if (worker == nullptr || !worker->connected) continue;
    worker->sent_at = now();
    effects.push_back(effect::SendToWorker{
        worker->peer, CoordinatorFrame{session, ++worker->sequence, std::move(messages)}});
  }
  std::move(replies_.begin(), replies_.end(), std::back_inserter(effects));
  for (const SessionId session : departed_) roster_.remove(session);
  departed_.clear();
  records_.clear();
  changed_trials_.clear();
  messages_.clear();
  replies_.clear();
  return effects;
}

void SchedulerCore::tell(const Worker& worker, CoordinatorMessage message) {
  if (worker.connected) messages_[worker.session].push_back(std::move(message));
}

void SchedulerCore::tell_stranger(const PeerId& peer, SessionId session,
                                  CoordinatorMessage message) {
  replies_.push_back(
      effect::SendToWorker{peer, CoordinatorFrame{session, 0, {std::move(message)}}});
}

void SchedulerCore::mark(TrialId trial, std::string message) {
  std::string& kept = changed_trials_[trial];
  if (!message.empty()) kept = std::move(message);
  touched_sweeps_.insert(sweep_of(trial));
}

SchedulerCore::Place SchedulerCore::find(TrialId id) {
  const auto sweep = sweeps_.find(sweep_of(id));
  if (sweep == sweeps_.end()) return {};
  const std::int64_t number = number_of(id);
  return {&sweep->second, number, sweep->second.trials.find(number)};
}

Lease* SchedulerCore::lease_of(const Place& place, Worker** holder) {
  const AttemptNo live = live_attempt(place.trial->state);
  if (live == AttemptNo{}) return nullptr;
  *holder = roster_.find(place.trial->session);
  assert(*holder != nullptr);
  const auto lease = (*holder)->leases.find({make_trial_id(place.sweep->id, place.number), live});
  assert(lease != (*holder)->leases.end());
  return &lease->second;
}

bool SchedulerCore::idle() const {
  return std::all_of(roster_.workers().begin(), roster_.workers().end(),
                     [](const auto& entry) { return entry.second.leases.empty(); });
}

// Whatever is not RUNNING needs nothing but its held trials to end.
bool SchedulerCore::all_finished() const { return running_.empty() && idle(); }

}  // namespace firesweep
