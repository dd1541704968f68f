#include "coordinator/search/samplers/variation.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace firesweep {
namespace {

using Kind = Dimension::Kind;

constexpr double kStep = 0.1;  // of a range, the standard deviation

double moved_from(double at, SearchRandom& random) {
  double moved = std::abs(at + kStep * random.normal());
  if (moved >= 1) moved = 2 - moved;  // reflected at the ends
  return std::clamp(moved, 0.0, std::nextafter(1.0, 0.0));
}

// Another choice, as far away as a real number would be.
double changed_choice(const Dimension& dimension, double at, SearchRandom& random) {
  const double from = part_of(dimension, at).middle();
  const double to = moved_from(from, random);
  const double choice = choice_at(dimension, to);
  if (choice != at) return choice;
  const bool down = at > 0 && (to < from || at + 1 >= static_cast<double>(dimension.choices));
  return down ? at - 1 : at + 1;
}

double changed(const Dimension& dimension, double at, SearchRandom& random) {
  if (dimension.kind == Kind::kContinuous) return moved_from(at, random);
  if (!dimension.borders.empty()) return changed_choice(dimension, at, random);
  const auto choices = static_cast<double>(dimension.choices);
  if (dimension.kind == Kind::kCategorical) {
    const auto other =
        static_cast<double>(random.below(static_cast<std::size_t>(dimension.choices - 1)));
    return other < at ? other : other + 1;
  }
  const double step = std::max(1.0, std::round(std::abs(kStep * choices * random.normal())));
  const double moved = random.unit() < 0.5 ? at - step : at + step;
  if (moved >= 0 && moved < choices) return moved;
  const double back = moved < 0 ? at + step : at - step;
  return std::clamp(back, 0.0, choices - 1);
}

}  // namespace

void repair(const SearchSpace& space, Coordinates& point, SearchRandom& random) {
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!is_active(space, i, point)) {
      point[i] = kAbsent;
    } else if (point[i] == kAbsent) {
      point[i] = random_coordinate(space[i], random);
    }
  }
}

Coordinates mutate_one(const SearchSpace& space, Coordinates point, SearchRandom& random) {
  std::vector<std::size_t> changeable;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const bool fixed = space[i].kind != Kind::kContinuous && space[i].choices < 2;
    if (point[i] != kAbsent && !fixed) changeable.push_back(i);
  }
  if (changeable.empty()) return point;
  const std::size_t i = changeable[random.below(changeable.size())];
  point[i] = changed(space[i], point[i], random);
  repair(space, point, random);
  return point;
}

Coordinates cross(const SearchSpace& space, const Coordinates& a, const Coordinates& b,
                  SearchRandom& random) {
  Coordinates child = a;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (random.unit() < 0.5) child[i] = b[i];
  }
  repair(space, child, random);
  return child;
}

}  // namespace firesweep
