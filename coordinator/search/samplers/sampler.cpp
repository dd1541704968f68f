#include "coordinator/search/samplers/sampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "coordinator/search/samplers/tried.h"

namespace firesweep {
namespace {

constexpr int kTries = 100;

}  // namespace

// Box and Muller 1958.
double SearchRandom::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - unit()));
  return radius * std::cos(2 * std::numbers::pi * unit());
}

std::size_t SearchRandom::below(std::size_t count) {
  return std::min(static_cast<std::size_t>(unit() * static_cast<double>(count)), count - 1);
}

double random_coordinate(const Dimension& dimension, SearchRandom& random) {
  if (dimension.kind == Dimension::Kind::kContinuous) return random.unit();
  return choice_at(dimension, random.unit());
}

Coordinates random_point(const SearchSpace& space, SearchRandom& random) {
  Coordinates point;
  point.reserve(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    const bool active = is_active(space, i, point);
    point.push_back(active ? random_coordinate(space[i], random) : kAbsent);
  }
  return point;
}

Tried::Tried(History history) {
  for (const Observation& observation : history) points_.insert(observation.at);
}

Coordinates Tried::random_new(const SearchSpace& space, SearchRandom& random) const {
  Coordinates point = random_point(space, random);
  for (int i = 1; i < kTries && contains(point); ++i) point = random_point(space, random);
  return point;
}

Coordinates RandomSampler::propose(const SearchSpace& space, History history,
                                   SearchRandom& random) const {
  return Tried(history).random_new(space, random);
}

}  // namespace firesweep
