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
  if (const auto equal = by_hash_.find(event.frozen->hash); equal != by_hash_.end()) {
    resume(event.peer, sweeps_.at(equal->second));
    return;
  }
  auto space = TrialSpace::make(event.frozen);
  if (!space) {
    replies_.push_back(refusal(event.peer, space.error()));
    return;
  }
  const SweepId id{sweeps_.empty() ? 1 : sweeps_.rbegin()->first.value + 1};
  Sweep& sweep = sweeps_[id];
  sweep.id = id;
  sweep.frozen = event.frozen;
  sweep.trials = Trials(space->counts().trials);
  sweep.space.emplace(std::move(*space));
  sweep.prepare();
  by_hash_[sweep.frozen->hash] = id;
  running_.insert(id);
  touched_sweeps_.insert(id);
  persist(record::SweepAdded{id, sweep.frozen, sweep.trials.total(), utc()});
  replies_.push_back(submitted(event.peer, sweep, false));
}

// The same content again goes on where it was; a finished sweep has nothing to go on with.
void SchedulerCore::resume(const PeerId& peer, Sweep& sweep) {
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

}  // namespace firesweep
