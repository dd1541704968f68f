// Sweeps that clients hand in.
#include <algorithm>
#include <cassert>
#include <utility>

#include "coordinator/core/client_replies.h"
#include "coordinator/core/scheduler_core.h"

namespace firesweep {
namespace {

effect::ReplyToClient submitted(const PeerId& peer, const Sweep& sweep, bool resumed) {
  return answer(peer, JsonObject()
                          .number("sweep", sweep.id.value)
                          .text("name", sweep.spec().name)
                          .number("trials", sweep.trials.total())
                          .boolean("resumed", resumed)
                          .text("state", to_string(sweep.state))
                          .texts("warnings", sweep.spec().warnings));
}

}  // namespace

void SchedulerCore::handle(const event::SubmitRequested& event) {
  if (draining_) {
    replies_.push_back(
        refusal(event.peer, {ErrorCode::kUnavailable, event.frozen->spec.name,
                             "the coordinator is shutting down", "submit it again later"}));
    return;
  }
  if (const auto equal = find_equal(*event.frozen)) {
    resume(event.peer, sweeps_.at(*equal));
    return;
  }
  auto space = SweepSpace::make(event.frozen);
  if (!space) {
    replies_.push_back(refusal(event.peer, space.error()));
    return;
  }
  const SweepId id{sweeps_.empty() ? 1 : sweeps_.rbegin()->first.value + 1};
  Sweep& sweep = sweeps_[id];
  sweep.id = id;
  sweep.frozen = event.frozen;
  sweep.trials = Trials(space->trials());
  sweep.space.emplace(std::move(*space));
  sweep.prepare();
  by_hash_[sweep.frozen->hash] = id;
  running_.insert(id);
  touched_sweeps_.insert(id);
  persist(record::SweepAdded{id, sweep.frozen, sweep.trials.total(), utc()});
  replies_.push_back(submitted(event.peer, sweep, false));
}

// The sweep that holds the same file, by whichever rules it was submitted.
std::optional<SweepId> SchedulerCore::find_equal(const FrozenSweep& frozen) const {
  if (const auto equal = by_hash_.find(frozen.hash); equal != by_hash_.end()) return equal->second;
  for (const auto& older : frozen.by_older_rules) {
    const auto equal = by_hash_.find(older->hash);
    if (equal != by_hash_.end()) return equal->second;
  }
  return std::nullopt;
}

// The same content again goes on where it was; a finished sweep has nothing to go on with.
void SchedulerCore::resume(const PeerId& peer, Sweep& sweep) {
  if (!sweep.space) {
    replies_.push_back(refusal(peer, broken_error(sweep)));
    return;
  }
  switch (sweep.state) {
    case SweepState::kRunning:
    case SweepState::kFinished:
      break;
    case SweepState::kPaused:
    case SweepState::kStopped:
    case SweepState::kFailed:
      wake(sweep, SweepEvent::kResume);
      break;
    case SweepState::kStopping:
      replies_.push_back(
          refusal(peer, {ErrorCode::kConflict, sweep.spec().name,
                         sweep_name(sweep.id) + " has the same content and is stopping",
                         "submit it again once it has stopped"}));
      return;
    case SweepState::kCancelled:
      replies_.push_back(
          refusal(peer, {ErrorCode::kConflict, sweep.spec().name,
                         sweep_name(sweep.id) + " has the same content and was cancelled",
                         "give it another name to run it as a new sweep"}));
      return;
  }
  sweep.asleep = false;
  replies_.push_back(submitted(peer, sweep, true));
}

void SchedulerCore::handle(const event::ExtendRequested& event) {
  const auto done = extend(event.sweep, event.frozen);
  replies_.push_back(done ? answer(event.peer, *done) : refusal(event.peer, done.error()));
}

Result<JsonObject> SchedulerCore::extend(SweepId id,
                                         const std::shared_ptr<const FrozenSweep>& file) {
  const auto known = known_sweep(id);
  if (!known) return tl::unexpected(known.error());
  Sweep& sweep = **known;
  const bool as_it_is = is_under_way(sweep.state);
  if (!as_it_is && !transition(sweep.state, SweepEvent::kExtend)) {
    return refuse_event(sweep, SweepEvent::kExtend);
  }
  if (!sweep.space) return tl::unexpected(broken_error(sweep));
  if (const auto equal = find_equal(*file)) {
    return fail(ErrorCode::kConflict, file->spec.name,
                "the file is part of " + sweep_name(*equal) + " already",
                "change it to add trials");
  }
  // A sweep grows by the rules it was submitted with: its trials are recognised among the file's.
  const int rules = sweep.frozen->spec.rules;
  std::shared_ptr<const FrozenSweep> frozen = file;
  for (const auto& older : file->by_older_rules) {
    if (older->spec.rules == rules) frozen = older;
  }
  if (frozen->spec.rules != rules) {
    return fail(ErrorCode::kBadInput, file->spec.name,
                "cannot be read by version " + std::to_string(rules) + " of the rules, which " +
                    sweep_name(id) + " was submitted with",
                "submit the file as a sweep of its own");
  }
  const std::int64_t before = sweep.space->trials();
  if (const auto extended = sweep.space->extend(frozen); !extended) {
    return tl::unexpected(extended.error());
  }
  sweep.grow();
  by_hash_[frozen->hash] = id;
  persist(record::SweepExtended{id, sweep.space->segments() - 1, sweep.space->newest_base(), frozen,
                                sweep.space->trials(), utc()});
  if (!as_it_is) wake(sweep, SweepEvent::kExtend);
  return JsonObject()
      .number("sweep", id.value)
      .text("state", to_string(sweep.state))
      .number("added", sweep.space->trials() - before)
      .number("trials", sweep.space->trials())
      .number("first", sweep.space->newest_base());
}

}  // namespace firesweep
