// The points of a grid, or of a random space of finitely many points, by number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// A dimension is one parameter, or several that are zipped. Without conditions a point's number has
// a digit for each dimension, the last one running fastest. With conditions a dimension has a digit
// only at points where it exists, so that each point has one number: points are numbered in blocks,
// one for each combination of the dimensions that conditions name, and within a block by the digits
// of the others that exist there. Immutable but for a cache: use from one thread.
class PointGrid {
 public:
  static constexpr std::int64_t kAbsent = -1;

  // Every domain of the spec has finitely many values. kBadInput if there are more than `most` (at
  // most 2^62) points, which the error calls 10,000,000 trials, or more than 100,000 blocks; found
  // out in bounded time.
  static Result<PointGrid> make(const SweepSpec& spec, std::int64_t most);

  std::int64_t points() const { return points_; }
  // How many there would be without conditions; nothing above 2^62.
  std::optional<std::int64_t> combinations() const;

  // Which of its values a parameter (by its place in the spec) has at a point, or kAbsent.
  std::int64_t digit(std::int64_t point, std::size_t parameter) const;

  // The parameters of each dimension, and how many values they have.
  struct Dimension {
    std::vector<std::size_t> parameters;
    std::int64_t size = 0;
  };
  const std::vector<Dimension>& dimensions() const { return dimensions_; }

  // The point with these digits, one for each dimension. Those of dimensions that do not exist
  // there are not looked at; nothing where another is kAbsent.
  std::optional<std::int64_t> point_of(std::span<const std::int64_t> digits) const;

  // Of a grid without conditions: how far apart the points of neighbouring values are.
  std::int64_t stride(std::size_t parameter) const;

  // Points with every combination of values that these parameters have at any point; nothing if
  // they are more than `most`.
  std::optional<std::vector<std::int64_t>> samples(const std::vector<bool>& parameters,
                                                   std::size_t most) const;

 private:
  // What a dimension's condition asks of another one, by its digits.
  struct Need {
    std::size_t dimension;
    std::vector<bool> met;
  };
  struct Terms {
    std::vector<Need> needs;
    bool never = false;                 // what the sweep does not vary is against it
    std::optional<std::size_t> parent;  // its place in `parents_`, if conditions name it
  };
  struct Block {
    std::int64_t first;                 // point
    std::vector<std::int64_t> parents;  // digits of `parents_`
    std::vector<std::int64_t> strides;  // by dimension; 0 for parents and where it does not exist
  };

  PointGrid() = default;
  void lay_dimensions(const SweepSpec& spec, const std::vector<std::size_t>& order);
  void read_conditions(const SweepSpec& spec);
  Result<void> lay_blocks(std::int64_t most);
  bool exists(std::size_t dimension, std::span<const std::int64_t> digits) const;
  const Block& block_of(std::int64_t point) const;

  std::vector<Dimension> dimensions_;      // in the file's order
  std::vector<Terms> terms_;               // of each dimension
  std::vector<std::size_t> dimension_of_;  // by parameter
  std::vector<std::size_t> parents_;       // dimensions, each after those that it depends on
  std::vector<Block> blocks_;              // by first point and, likewise, by parents
  std::int64_t points_ = 0;
  mutable std::size_t last_block_ = 0;
};

}  // namespace firesweep
