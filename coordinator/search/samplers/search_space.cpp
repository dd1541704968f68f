#include "coordinator/search/samplers/search_space.h"

#include <algorithm>
#include <cmath>

namespace firesweep {
namespace {

constexpr double kMostPoints = 0x1p53;

bool in_range(const Dimension& dimension, double at) {
  if (dimension.kind == Dimension::Kind::kContinuous) return at >= 0 && at < 1;
  return at >= 0 && at < static_cast<double>(dimension.choices) && at == std::floor(at);
}

}  // namespace

bool is_active(const SearchSpace& space, std::size_t index, std::span<const double> earlier) {
  const auto& activation = space[index].activation;
  if (!activation) return true;
  const double parent = earlier[activation->parent];
  return std::ranges::any_of(
      activation->values, [&](std::int64_t value) { return parent == static_cast<double>(value); });
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

std::optional<double> size_of(const SearchSpace& space) {
  double points = 1;
  for (const Dimension& dimension : space) {
    if (dimension.kind == Dimension::Kind::kContinuous) return std::nullopt;
    points = std::min(points * static_cast<double>(dimension.choices), kMostPoints);
  }
  return points;
}

void each_point(const SearchSpace& space, const std::function<bool(const Coordinates&)>& visit) {
  Coordinates digits(space.size(), 0);
  for (;;) {
    Coordinates point;
    for (std::size_t i = 0; i < space.size(); ++i) {
      point.push_back(is_active(space, i, point) ? digits[i] : kAbsent);
    }
    if (!visit(point)) return;
    std::size_t at = space.size();
    while (at > 0 && ++digits[at - 1] >= static_cast<double>(space[at - 1].choices)) {
      digits[--at] = 0;
    }
    if (at == 0) return;
  }
}

}  // namespace firesweep
