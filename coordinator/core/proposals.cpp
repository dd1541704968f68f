#include "coordinator/core/proposals.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

namespace firesweep {
namespace {

// A trial of the point waits or runs.
bool may_have_result(const Sweep& sweep, std::int64_t point) {
  assert(sweep.space);
  const std::vector<std::int64_t> trials = sweep.space->trials_of(point);
  return std::any_of(trials.begin(), trials.end(), [&](std::int64_t number) {
    const Trial* trial = sweep.trials.find(number);
    return trial == nullptr || !is_terminal(trial->state);
  });
}

}  // namespace

bool Proposals::ensure(Sweep& sweep, std::int64_t number) {
  assert(sweep.space);
  SweepSpace& space = *sweep.space;
  if (space.config(number)) return true;
  assert(space.learns());
  if (!quota_.take(now_.steady)) {
    held_back_ = true;
    return false;
  }
  std::vector<std::int64_t> running;
  for (const std::int64_t point : space.search().open()) {
    if (may_have_result(sweep, point)) running.push_back(point);
  }
  Proposal proposal = space.propose(std::move(running));
  // Trials go out in the order of their numbers, and none is touched before.
  assert(proposal.point == space.point_of(number));
  const auto kept = space.keep(proposal);
  assert(kept);
  static_cast<void>(kept);
  changes_.persist(record::PointProposed{sweep.id, std::move(proposal), now_.utc});
  return true;
}

}  // namespace firesweep
