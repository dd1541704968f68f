#include "coordinator/search/samplers/search_space.h"

#include <algorithm>
#include <cmath>

namespace firesweep {
namespace {

bool in_range(const Dimension& dimension, double at) {
  if (dimension.kind == Dimension::Kind::kContinuous) return at >= 0 && at < 1;
  return at >= 0 && at < static_cast<double>(dimension.choices) && at == std::floor(at);
}

}  // namespace

Part part_of(const Dimension& dimension, double choice) {
  const auto& borders = dimension.borders;
  if (borders.empty()) {
    const auto choices = static_cast<double>(dimension.choices);
    return {choice / choices, (choice + 1) / choices};
  }
  const auto index = static_cast<std::size_t>(choice);
  return {index == 0 ? 0.0 : borders[index - 1], index < borders.size() ? borders[index] : 1.0};
}

double choice_at(const Dimension& dimension, double share) {
  const auto& borders = dimension.borders;
  if (borders.empty()) {
    const auto choices = static_cast<double>(dimension.choices);
    return std::min(std::floor(share * choices), choices - 1);
  }
  return static_cast<double>(std::ranges::upper_bound(borders, share) - borders.begin());
}

bool is_active(const SearchSpace& space, std::size_t index, std::span<const double> earlier) {
  return std::ranges::all_of(space[index].activation, [&](const DimensionCondition& condition) {
    const double parent = earlier[condition.parent];
    return std::ranges::any_of(
        condition.values, [&](std::int64_t value) { return parent == static_cast<double>(value); });
  });
}

bool contains(const SearchSpace& space, const Coordinates& point) {
  if (point.size() != space.size()) return false;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const bool good =
        is_active(space, i, point) ? in_range(space[i], point[i]) : point[i] == kAbsent;
    if (!good) return false;
  }
  return true;
}

std::optional<std::size_t> size_of(const SearchSpace& space, std::size_t most) {
  const auto continuous = [](const Dimension& dimension) {
    return dimension.kind == Dimension::Kind::kContinuous;
  };
  if (std::ranges::any_of(space, continuous)) return std::nullopt;
  const bool conditional = std::ranges::any_of(
      space, [](const Dimension& dimension) { return !dimension.activation.empty(); });
  std::size_t points = conditional ? 0 : 1;
  if (conditional) {
    each_point(space, [&](const Coordinates&) { return ++points <= most; });
  } else {
    for (const Dimension& dimension : space) {
      if (points > most) break;
      points *= static_cast<std::size_t>(dimension.choices);
    }
  }
  return points <= most ? std::optional(points) : std::nullopt;
}

void each_point(const SearchSpace& space, const std::function<bool(const Coordinates&)>& visit) {
  Coordinates point(space.size(), kAbsent);
  const auto begin_from = [&](std::size_t first) {
    for (std::size_t i = first; i < space.size(); ++i) {
      point[i] = is_active(space, i, point) ? 0 : kAbsent;
    }
  };
  const auto advance = [&] {
    for (std::size_t at = space.size(); at-- > 0;) {
      const bool last = point[at] + 1 >= static_cast<double>(space[at].choices);
      if (point[at] == kAbsent || last) continue;
      ++point[at];
      begin_from(at + 1);
      return true;
    }
    return false;
  };
  begin_from(0);
  do {
    if (!visit(point)) return;
  } while (advance());
}

}  // namespace firesweep
