#include "coordinator/search/samplers/tpe.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "coordinator/search/samplers/parzen.h"
#include "coordinator/search/samplers/tried.h"

namespace firesweep {
namespace {

constexpr int kDraws = 4;  // rounds of candidates before a known point is accepted

// The dimensions that exist together: those without an activation, and those of each activation.
std::vector<std::vector<std::size_t>> groups_of(const SearchSpace& space) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const auto same = std::ranges::find_if(groups, [&](const auto& group) {
      return space[group.front()].activation == space[i].activation;
    });
    if (same == groups.end()) {
      groups.push_back({i});
    } else {
      same->push_back(i);
    }
  }
  return groups;
}

// Finished observations by cost, best first; then those that run or failed, oldest first.
std::vector<const Observation*> by_cost(History history) {
  std::vector<const Observation*> ordered;
  for (const Observation& one : history) ordered.push_back(&one);
  std::ranges::stable_sort(ordered, [](const Observation* a, const Observation* b) {
    if (a->costs.empty() || b->costs.empty()) return !a->costs.empty() && b->costs.empty();
    if (a->violation != b->violation) return a->violation < b->violation;
    return a->costs.front() < b->costs.front();
  });
  return ordered;
}

struct Split {
  std::vector<const Coordinates*> good;
  std::vector<const Coordinates*> bad;
};

// The points of a split in which the group exists.
Split in_group(const std::vector<const Observation*>& ordered, std::size_t good,
               std::size_t first_of_group) {
  Split split;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    if (ordered[i]->at[first_of_group] == kAbsent) continue;
    (i < good ? split.good : split.bad).push_back(&ordered[i]->at);
  }
  return split;
}

ParzenEstimator estimate(const SearchSpace& space, const std::vector<std::size_t>& group,
                         std::vector<const Coordinates*> points, const TpeOptions& options) {
  std::vector<double> weights(points.size(), 1);
  return {space, group, std::move(points), std::move(weights), options.prior_weight, options.width};
}

}  // namespace

struct TpeSampler::GroupModel {
  std::vector<std::size_t> group;
  ParzenEstimator good;
  ParzenEstimator bad;
};

Coordinates TpeSampler::propose(const SearchSpace& space, History history,
                                SearchRandom& random) const {
  const auto finished = static_cast<std::size_t>(
      std::ranges::count_if(history, [](const Observation& one) { return !one.costs.empty(); }));
  if (finished < options_.startup) return RandomSampler().propose(space, history, random);

  const std::vector<const Observation*> ordered = by_cost(history);
  const std::size_t good = std::min(
      static_cast<std::size_t>(std::ceil(options_.good_share * static_cast<double>(finished))),
      options_.most_good);
  std::vector<GroupModel> models;
  for (auto& group : groups_of(space)) {
    Split split = in_group(ordered, good, group.front());
    ParzenEstimator good_ones = estimate(space, group, std::move(split.good), options_);
    ParzenEstimator bad_ones = estimate(space, group, std::move(split.bad), options_);
    models.push_back({std::move(group), std::move(good_ones), std::move(bad_ones)});
  }

  const Tried tried(history);
  for (int round = 0; round < kDraws; ++round) {
    if (auto point = best_candidate(space, models, tried, random)) return *std::move(point);
  }
  return tried.random_new(space, random);
}

// Group by group; parents are set before the groups that depend on them.
std::optional<Coordinates> TpeSampler::best_candidate(const SearchSpace& space,
                                                      const std::vector<GroupModel>& models,
                                                      const Tried& tried,
                                                      SearchRandom& random) const {
  Coordinates chosen(space.size(), kAbsent);
  for (auto model = models.begin(); model != models.end(); ++model) {
    if (!is_active(space, model->group.front(), chosen)) continue;
    std::optional<Coordinates> best;
    double best_score = 0;
    for (std::size_t i = 0; i < options_.candidates; ++i) {
      Coordinates point = chosen;
      model->good.draw(random, point);
      const double score = model->good.log_density(point) - model->bad.log_density(point);
      const bool whole = std::none_of(model + 1, models.end(), [&](const GroupModel& later) {
        return is_active(space, later.group.front(), point);
      });
      if ((whole && tried.contains(point)) || (best && score <= best_score)) continue;
      best = std::move(point);
      best_score = score;
    }
    if (!best) return std::nullopt;
    chosen = *std::move(best);
  }
  return chosen;
}

}  // namespace firesweep
