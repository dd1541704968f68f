#include "coordinator/search/samplers/parzen.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace firesweep {
namespace {

using Kind = Dimension::Kind;

constexpr double kLeastMass = 1e-300;  // of what has a logarithm

double cumulative_normal(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double centre_of(const Dimension& dimension, double at) {
  if (dimension.kind == Kind::kContinuous) return at;
  if (!dimension.borders.empty()) return part_of(dimension, at).middle();
  return (at + 0.5) / static_cast<double>(dimension.choices);
}

// A normal distribution cut to [0, 1].
struct CutNormal {
  double mean;
  double width;

  double mass(double from, double to) const {
    return cumulative_normal((to - mean) / width) - cumulative_normal((from - mean) / width);
  }
  double draw(SearchRandom& random) const {
    for (int i = 0; i < 100; ++i) {
      const double at = mean + width * random.normal();
      if (at >= 0 && at < 1) return at;
    }
    return std::clamp(mean, 0.0, std::nextafter(1.0, 0.0));
  }
};

// Scott's rule in `dimensions` dimensions for points spread over the unit interval, not narrower
// than the spacing of evenly spread points (the "magic clip" of Bergstra's implementation).
double width_for(double one, std::size_t points, std::size_t dimensions) {
  const auto n = static_cast<double>(std::max<std::size_t>(points, 1));
  const double scott = one * std::pow(n, -1.0 / (static_cast<double>(dimensions) + 4));
  return std::max(scott, 1 / std::min(100.0, n + 1) / 4);
}

}  // namespace

ParzenEstimator::ParzenEstimator(const SearchSpace& space, std::span<const std::size_t> group,
                                 std::vector<const Coordinates*> points,
                                 std::vector<double> weights, double prior_weight, double width)
    : space_(space),
      group_(group.begin(), group.end()),
      points_(std::move(points)),
      weights_(std::move(weights)) {
  weights_.push_back(prior_weight);
  double sum = 0;
  for (const double weight : weights_) sum += weight;
  for (double& weight : weights_) weight /= sum;
  widths_.assign(group_.size(), width_for(width, points_.size(), group_.size()));
}

void ParzenEstimator::draw(SearchRandom& random, Coordinates& point) const {
  double left = random.unit();
  std::size_t component = 0;
  while (component + 1 < weights_.size() && left >= weights_[component]) {
    left -= weights_[component++];
  }
  const bool prior = component == points_.size();
  for (std::size_t g = 0; g < group_.size(); ++g) {
    const std::size_t d = group_[g];
    const Dimension& dimension = space_[d];
    double& at = point[d];
    if (prior) {
      at = random_coordinate(dimension, random);
    } else if (dimension.kind == Kind::kCategorical) {
      const auto n = static_cast<double>(points_.size() + 1);
      const double stay = n / (n + 1);
      at = random.unit() < stay ? (*points_[component])[d] : random_coordinate(dimension, random);
    } else {
      const CutNormal kernel{centre_of(dimension, (*points_[component])[d]), widths_[g]};
      const double unit = kernel.draw(random);
      at = dimension.kind == Kind::kContinuous ? unit : choice_at(dimension, unit);
    }
  }
}

double ParzenEstimator::log_kernel(std::size_t g, std::size_t component, double at) const {
  const Dimension& dimension = space_[group_[g]];
  const bool prior = component == points_.size();
  const auto choices = static_cast<double>(std::max<std::int64_t>(dimension.choices, 1));
  if (prior && !dimension.borders.empty()) {
    const Part part = part_of(dimension, at);
    return std::log(std::max(part.to - part.from, kLeastMass));
  }
  if (prior) return dimension.kind == Kind::kContinuous ? 0 : -std::log(choices);
  const double own = (*points_[component])[group_[g]];
  if (dimension.kind == Kind::kCategorical) {
    const auto n = static_cast<double>(points_.size() + 1);
    const double other = 1 / (n + 1) / choices;
    return std::log(own == at ? n / (n + 1) + other : other);
  }
  const CutNormal kernel{centre_of(dimension, own), widths_[g]};
  const double whole = kernel.mass(0, 1);
  if (dimension.kind == Kind::kOrdered) {
    const Part part = part_of(dimension, at);
    return std::log(std::max(kernel.mass(part.from, part.to), kLeastMass) / whole);
  }
  const double z = (at - kernel.mean) / kernel.width;
  return -0.5 * z * z - std::log(kernel.width * std::sqrt(2 * std::numbers::pi) * whole);
}

double ParzenEstimator::log_density(const Coordinates& point) const {
  std::vector<double> logs(weights_.size());
  double most = -std::numeric_limits<double>::infinity();
  for (std::size_t component = 0; component < weights_.size(); ++component) {
    double log = std::log(weights_[component]);
    for (std::size_t g = 0; g < group_.size(); ++g) {
      log += log_kernel(g, component, point[group_[g]]);
    }
    logs[component] = log;
    most = std::max(most, log);
  }
  double sum = 0;
  for (const double log : logs) sum += std::exp(log - most);
  return most + std::log(sum);
}

}  // namespace firesweep
