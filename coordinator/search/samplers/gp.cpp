#include "coordinator/search/samplers/gp.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "coordinator/search/samplers/gaussian_process.h"
#include "coordinator/search/samplers/tried.h"
#include "coordinator/search/samplers/variation.h"

namespace firesweep {
namespace {

using Kind = Dimension::Kind;

// The logarithm of the expected improvement below `best`, also where the improvement itself is too
// small for a double (Ament et al., Unexpected Improvements, NeurIPS 2023, §4.1).
double log_improvement(const GaussianProcess::Prediction& at, double best) {
  const double z = (best - at.mean) / at.deviation;
  if (z > -6) {
    const double density = std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi);
    const double below = 0.5 * std::erfc(-z / std::numbers::sqrt2);
    return std::log(at.deviation * (density + z * below));
  }
  return std::log(at.deviation) - 0.5 * z * z - 2 * std::log(-z) -
         0.5 * std::log(2 * std::numbers::pi);
}

// The observations to learn from: all of them, or the best half of `most` and the newest.
std::vector<const Observation*> chosen_from(History history, std::size_t most) {
  std::vector<const Observation*> finished;
  for (const Observation& one : history) {
    if (!one.costs.empty() && one.violation == 0) finished.push_back(&one);
  }
  if (finished.size() <= most) return finished;
  const auto newest = finished.begin() + static_cast<std::ptrdiff_t>(finished.size() - most / 2);
  std::vector<const Observation*> chosen(newest, finished.end());
  finished.erase(newest, finished.end());
  std::ranges::stable_sort(finished, {}, [](const Observation* one) { return one->costs.front(); });
  chosen.insert(chosen.end(), finished.begin(),
                finished.begin() + static_cast<std::ptrdiff_t>(most - chosen.size()));
  return chosen;
}

// A step of `size` (of the range) in every real dimension, or a mutation.
Coordinates step_from(const SearchSpace& space, const Coordinates& from, double size,
                      SearchRandom& random) {
  Coordinates point = from;
  bool moved = false;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (space[i].kind != Kind::kContinuous || point[i] == kAbsent) continue;
    point[i] = std::clamp(point[i] + size * random.normal(), 0.0, std::nextafter(1.0, 0.0));
    moved = true;
  }
  const bool discrete = std::ranges::any_of(
      space, [](const Dimension& one) { return one.kind != Kind::kContinuous; });
  if (!moved || (discrete && random.unit() < 0.3)) {
    point = mutate_one(space, std::move(point), random);
  }
  return point;
}

}  // namespace

Coordinates GpSampler::propose(const SearchSpace& space, History history,
                               SearchRandom& random) const {
  const auto learnt = chosen_from(history, options_.most_points);
  if (learnt.size() < std::max<std::size_t>(options_.startup, 2)) {
    return RandomSampler().propose(space, history, random);
  }
  std::vector<Coordinates> points;
  std::vector<double> costs;
  for (const Observation* one : learnt) {
    points.push_back(one->at);
    costs.push_back(one->costs.front());
  }
  std::optional<GaussianProcess> process(std::in_place, space, points, costs, random);
  bool believed = false;
  for (const Observation& one : history) {
    if (!one.running) continue;
    costs.push_back(process->predict(one.at).mean);
    points.push_back(one.at);
    believed = true;
  }
  if (believed) process.emplace(space, points, costs, random);

  const double best_cost = *std::ranges::min_element(costs);
  const Coordinates& best_point =
      points[static_cast<std::size_t>(std::ranges::min_element(costs) - costs.begin())];
  const Tried tried(history);
  std::optional<Coordinates> best;
  double best_score = 0;
  const auto offer = [&](Coordinates point) {
    if (tried.contains(point)) return;
    const double score = log_improvement(process->predict(point), best_cost);
    if (best && !(score > best_score)) return;
    best = std::move(point);
    best_score = score;
  };
  for (std::size_t i = 0; i < options_.candidates; ++i) {
    offer(i % 4 != 0 ? random_point(space, random)
                     : step_from(space, best_point, std::exp2(-2 - random.unit() * 6), random));
  }
  for (std::size_t i = 0; best && i < options_.refinements; ++i) {
    const double size =
        0.2 * std::pow(0.002, static_cast<double>(i) / static_cast<double>(options_.refinements));
    offer(step_from(space, *best, size, random));
  }
  return best ? *std::move(best) : tried.random_new(space, random);
}

}  // namespace firesweep
