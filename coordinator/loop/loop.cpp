#include "coordinator/loop/loop.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "shared/base/overloaded.h"

namespace firesweep {
namespace {

using loop::CommitOutcome;
using loop::Group;

// Between two moments of a scheduler that holds work back: what has arrived by then is heard first.
constexpr Duration kBreath = std::chrono::milliseconds(1);

// No peer has an empty name, so it can be this process's own.
const PeerId kSelf;

// Where they cannot be read the sweep trains all of its trials.
void look_up_results(Event& event, loop::Database& database) {
  auto* submit = std::get_if<event::SubmitRequested>(&event);
  if (submit == nullptr || !submit->frozen->spec.reuse) return;
  if (auto known = database.known_results()) submit->known_results = std::move(*known);
}

}  // namespace

CoordinatorLoop::CoordinatorLoop(Ports ports, Options options, Snapshot snapshot)
    : ports_(ports),
      options_(std::move(options)),
      scheduler_(std::move(snapshot), options_.scheduling, ports_.clock.now()),
      last_tick_(ports_.clock.now().steady) {}

bool CoordinatorLoop::step() {
  std::vector<Event> events = ports_.socket.receive(kGroupEvents);
  if (recovering()) {
    if (ports_.clock.now().steady >= recovery_.retry_at()) rebuild(ports_.database.reopen());
    if (recovering()) {
      tell_clients(events, {ErrorCode::kUnavailable, options_.database,
                            trouble() + ": nothing can be changed until it can be written",
                            "`firesweep status` shows when it is over"});
      return !events.empty();
    }
  }
  // A scheduler made anew gives out nothing before it knows that it drains.
  if (std::exchange(drain_again_, false)) events.insert(events.begin(), event::DrainRequested{});
  if (ports_.folder != nullptr) {
    std::vector<event::CheckpointArrived> arrived = ports_.folder->arrived();
    events.insert(events.end(), std::make_move_iterator(arrived.begin()),
                  std::make_move_iterator(arrived.end()));
  }
  const bool heard = !events.empty();
  const Duration now = ports_.clock.now().steady;
  if (now >= wake_at()) {
    events.emplace_back(event::Tick{});
    last_tick_ = now;
  }
  apply(std::move(events));
  return heard;
}

Duration CoordinatorLoop::wake_at() const {
  if (recovering()) return recovery_.retry_at();
  const Duration tick = last_tick_ + options_.tick_every;
  return scheduler_.holds_work_back() ? std::min(tick, last_applied_ + kBreath) : tick;
}

LoopCounters CoordinatorLoop::counters() const {
  LoopCounters counters = counters_;
  counters.failed_commits = recovery_.failures();
  return counters;
}

void CoordinatorLoop::apply(std::vector<Event> events) {
  if (events.empty()) return;
  const Instant now = ports_.clock.now();
  last_applied_ = now.steady;
  Group group;
  std::vector<Effect> sends;
  for (Event& event : events) {
    look_up_results(event, ports_.database);
    for (Effect& effect : scheduler_.on(event, now)) {
      if (auto* persist = std::get_if<effect::Persist>(&effect)) {
        group.records.push_back(std::move(persist->record));
      } else {
        sends.push_back(std::move(effect));
      }
    }
    group.ends.push_back(group.records.size());
  }
  group.events = std::move(events);
  const CommitOutcome outcome = commit(group);
  switch (outcome.kind) {
    case CommitOutcome::Kind::kDurable:
      return send(sends);
    case CommitOutcome::Kind::kRefused:
      if (!rebuild(ports_.database.snapshot())) return;
      if (group.events.size() > 1) return apply_one_by_one(group.events);
      ++counters_.quarantined_events;
      // People see it for as long as nothing else can be written.
      recovery_.note(options_.database + " refuses what belongs into it (" + outcome.why +
                     "); `firesweep check FILE` lists rows that contradict each other");
      return tell_clients(group.events, {ErrorCode::kConflict, options_.database,
                                         "the database refuses it: " + outcome.why, outcome.hint});
    case CommitOutcome::Kind::kUnknown:
      return tell_clients(group.events,
                          {ErrorCode::kUnavailable, options_.database,
                           trouble() + ": whether it was kept is not known yet",
                           "`firesweep status` shows when it is over; then repeat it"});
  }
}

loop::CommitOutcome CoordinatorLoop::commit(const Group& group) {
  if (group.records.empty()) {
    ports_.observer.committed(group);
    return {};
  }
  CommitOutcome outcome = ports_.database.commit(group.records);
  switch (outcome.kind) {
    case CommitOutcome::Kind::kDurable:
      ++counters_.commits;
      counters_.records += static_cast<std::int64_t>(group.records.size());
      recovery_.clear();
      ports_.observer.committed(group);
      break;
    case CommitOutcome::Kind::kRefused:
      ports_.observer.refused(group, outcome);
      break;
    case CommitOutcome::Kind::kUnknown:
      recovery_.begin(outcome.why, ports_.clock.now().steady);
      ports_.observer.unsettled(group);
      break;
  }
  return outcome;
}

// One offender must not poison its group: each event gets a transaction of its own, and the one
// that cannot be written is dropped. Workers repeat what was not acknowledged.
void CoordinatorLoop::apply_one_by_one(const std::vector<Event>& events) {
  if (std::exchange(drain_again_, false)) apply({event::DrainRequested{}});
  for (const Event& event : events) {
    if (recovering()) return;
    apply({event});
  }
}

void CoordinatorLoop::send(std::vector<Effect>& effects) {
  for (Effect& effect : effects) {
    std::visit(Overloaded{[](const effect::Persist&) {},
                          [&](effect::SendToWorker& command) {
                            ports_.socket.send(command.peer, std::move(command.frame));
                          },
                          [&](const effect::ReplyToClient& answer) {
                            ports_.socket.reply(answer.peer, answer.reply);
                          },
                          [&](const auto& of_checkpoints) {
                            if (ports_.folder != nullptr) ports_.folder->carry_out(of_checkpoints);
                          }},
               effect);
  }
}

// A failed commit has an unknown outcome: what the file holds afterwards is the truth, and the
// scheduler is made anew from it. True where there is one again; else a later step tries. What the
// one before had heard stays overtaken; that the process drains is told to it by the next group,
// since a drain that the database refuses must not recurse.
bool CoordinatorLoop::rebuild(Result<Snapshot> snapshot) {
  if (!snapshot) {
    recovery_.begin(snapshot.error().what, ports_.clock.now().steady);
    return false;
  }
  recovery_.end();
  const Instant now = ports_.clock.now();
  if (ports_.folder != nullptr) ports_.folder->reset(snapshot->checkpoints);
  scheduler_ = Scheduler(std::move(*snapshot), options_.scheduling, now, scheduler_.heard());
  if (options_.scheduling.only_submitted && submitted_) {
    scheduler_.on(event::SubmitRequested{kSelf, submitted_}, now);
  }
  drain_again_ = draining_;
  return true;
}

void CoordinatorLoop::tell_clients(const std::vector<Event>& events, const Error& error) {
  const auto tell = [&](const PeerId& peer) { ports_.socket.reply(peer, tl::unexpected(error)); };
  for (const Event& event : events) {
    std::visit(
        Overloaded{[&](const event::SubmitRequested& e) { tell(e.peer); },
                   [&](const event::ExtendRequested& e) { tell(e.peer); },
                   [&](const event::WidenRequested& e) { tell(e.peer); },
                   [&](const event::SteerRequested& e) { tell(e.peer); },
                   [&](const event::ReleaseRequested& e) { tell(e.peer); }, [](const auto&) {}},
        event);
  }
}

void CoordinatorLoop::submit(std::shared_ptr<const FrozenSweep> frozen) {
  submitted_ = frozen;
  if (!recovering()) apply({event::SubmitRequested{kSelf, std::move(frozen)}});
}

void CoordinatorLoop::drain() {
  draining_ = true;
  if (recovering()) return;  // the first group after it drains
  apply({event::DrainRequested{}});
}

}  // namespace firesweep
