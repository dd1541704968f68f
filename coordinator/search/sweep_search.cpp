// A sweep whose method learns: its points and their results.
#include <cassert>
#include <utility>

#include "coordinator/search/sweep_space.h"

namespace firesweep {

std::int64_t SweepSpace::point_of(std::int64_t number) const {
  const Segment* segment = segment_of(number);
  assert(segment != nullptr);
  return (number - segment->base) / segment->space.seed_count();
}

std::vector<std::int64_t> SweepSpace::trials_of(std::int64_t point) const {
  std::vector<std::int64_t> numbers;
  for (const Segment& segment : segments_) {
    const std::int64_t seeds = segment.space.seed_count();
    for (std::int64_t own = point * seeds; own < (point + 1) * seeds; ++own) {
      if (segment.space.has(own) && !segment.covers(own)) numbers.push_back(segment.base + own);
    }
  }
  return numbers;
}

Proposal SweepSpace::propose(std::vector<std::int64_t> running) const {
  const TrialSpace& space = segments_.back().space;
  Proposal proposal;
  proposal.point = search().points();
  proposal.results = search().results();
  proposal.at = search().propose(running, [&](const Coordinates& at) {
    const TrialSpace::Values values = space.values_at(at);
    return !proposed_.contains(values) && space.allows(values) &&
           !(space.merges() && trained_.contains(space.training_of(values)));
  });
  proposal.values = space.values_at(proposal.at);
  proposal.running = std::move(running);
  return proposal;
}

Result<void> SweepSpace::keep(const Proposal& proposal) {
  const std::string where = "point " + std::to_string(proposal.point);
  if (proposal.point != search().points()) {
    return fail(ErrorCode::kBadInput, where,
                "expected point " + std::to_string(search().points()) + " to be the next");
  }
  if (!contains(search().space(), proposal.at)) {
    return fail(ErrorCode::kBadInput, where, "its coordinates lie outside the sweep's space");
  }
  for (Segment& segment : segments_) {
    if (auto put = segment.space.put(proposal.point, proposal.values); !put) return put;
  }
  proposed_.insert(proposal.values);
  const TrialSpace& newest = segments_.back().space;
  if (newest.merges()) trained_.insert(newest.training_of(proposal.values));
  last_number_ = -1;
  const std::vector<std::int64_t> trials = trials_of(proposal.point);
  const double size = trials.empty() ? 0 : static_cast<double>(cost(trials.front()).params);
  assert(search_);
  search_->keep(proposal.at, size);
  return {};
}

std::int64_t SweepSpace::learn(std::int64_t number, std::optional<double> score) {
  assert(search_);
  return search_->learn(point_of(number), score);
}

}  // namespace firesweep
