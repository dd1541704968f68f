#include "coordinator/core/trials.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace firesweep {

const Trial* Trials::find(std::int64_t number) const {
  const auto found = trials_.find(number);
  return found == trials_.end() ? nullptr : &found->second;
}

Trial* Trials::find(std::int64_t number) {
  const auto found = trials_.find(number);
  return found == trials_.end() ? nullptr : &found->second;
}

Trial& Trials::touch(std::int64_t number) {
  if (Trial* known = find(number)) return *known;
  return restore(number, Trial{});
}

Trial& Trials::restore(std::int64_t number, Trial trial) {
  const auto [place, fresh] = trials_.emplace(number, std::move(trial));
  assert(fresh);
  count(number, place->second.state, 1);
  if (place->second.reused) ++reused_;
  return place->second;
}

Result<void> Trials::apply(std::int64_t number, const TrialEvent& event) {
  Trial* trial = find(number);
  assert(trial != nullptr);
  auto next = transition(trial->state, event);
  if (!next) return tl::unexpected(std::move(next.error()));
  count(number, trial->state, -1);
  trial->state = *next;
  count(number, trial->state, 1);
  if (std::holds_alternative<trial_event::Reused>(event)) {
    trial->reused = true;
    ++reused_;
  }
  return {};
}

void Trials::count(std::int64_t number, const TrialState& state, int by) {
  kinds_[state.index()] += by;
  std::set<std::int64_t>* listed = nullptr;
  if (live_attempt(state) != AttemptNo{}) listed = &live_;
  if (std::holds_alternative<Failed>(state)) listed = &failed_;
  if (listed == nullptr) return;
  if (by > 0) {
    listed->insert(number);
  } else {
    listed->erase(number);
  }
}

std::int64_t Trials::waiting() const {
  const auto untouched = total_ - static_cast<std::int64_t>(trials_.size());
  return std::max<std::int64_t>(untouched, 0) + of_kind<Waiting>();
}

TrialCounts Trials::counts() const {
  TrialCounts counts;
  counts.total = total_;
  counts.waiting = waiting();
  counts.assigned = of_kind<Assigned>();
  counts.running = of_kind<Running>();
  counts.stopping = of_kind<Stopping>();
  counts.complete = of_kind<Complete>();
  counts.pruned = of_kind<Pruned>();
  counts.failed = of_kind<Failed>();
  counts.cancelled = of_kind<Cancelled>();
  counts.reused = reused_;
  return counts;
}

}  // namespace firesweep
