// What a sampler sees of a sweep's parameters: one dimension per parameter, or for several that are
// varied together, without names or units. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace firesweep {

// Coordinate `parent` has one of these values. A parent comes before its children and is not
// continuous.
struct DimensionCondition {
  std::size_t parent = 0;
  std::vector<std::int64_t> values;
  friend bool operator==(const DimensionCondition&, const DimensionCondition&) = default;
};

struct Dimension {
  enum class Kind {
    kCategorical,  // choices 0 … choices - 1 without an order
    kOrdered,      // choices 0 … choices - 1, of which neighbours are alike; each has its part of
                   // the unit interval, in their order
    kContinuous,   // [0, 1), on the scale on which the parameter is drawn uniformly
  };
  Kind kind = Kind::kContinuous;
  std::int64_t choices = 0;                         // at least 1, except for kContinuous
  std::vector<DimensionCondition> activation = {};  // it exists only where all of them are met
  // Of an ordered dimension: where one choice's part ends and the next begins, ascending, one fewer
  // than choices. Empty where the parts are equal.
  std::vector<double> borders = {};
  friend bool operator==(const Dimension&, const Dimension&) = default;
};

using SearchSpace = std::vector<Dimension>;

// The part of the unit interval that an ordered choice stands for.
struct Part {
  double from = 0, to = 1;
  double middle() const { return (from + to) / 2; }
};
Part part_of(const Dimension& dimension, double choice);

// The choice whose part holds `share`, in [0, 1). Categorical choices have equal parts.
double choice_at(const Dimension& dimension, double share);

// A point: per dimension the choice as a whole number, a real number in [0, 1), or kAbsent if the
// dimension does not exist there.
using Coordinates = std::vector<double>;
inline constexpr double kAbsent = -1;

// Whether dimension `index` exists at a point whose earlier coordinates are given.
bool is_active(const SearchSpace& space, std::size_t index, std::span<const double> earlier);

// Whether the point lies in the space: every coordinate in its range, absent exactly where it is
// inactive.
bool contains(const SearchSpace& space, const Coordinates& point);

// The number of points of a space without continuous dimensions; nothing if there is a continuous
// one, or if they are more than `most`. With conditional dimensions it walks over as many.
std::optional<std::size_t> size_of(const SearchSpace& space, std::size_t most);

// Calls `visit` with every point of a space without continuous dimensions, each once, in a fixed
// order, until it returns false.
void each_point(const SearchSpace& space, const std::function<bool(const Coordinates&)>& visit);

}  // namespace firesweep
