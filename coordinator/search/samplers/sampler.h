// The seam of searches that learn: what to try next, from a space and the history of what was
// tried. Pure: the same space, history and randomness give the same proposal, so that a proposal
// can be computed again from what is stored.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "coordinator/search/samplers/search_space.h"
#include "shared/base/splitmix.h"

namespace firesweep {

// A point that was tried, or is being tried.
struct Observation {
  Coordinates at;
  // One per objective; smaller is better. Empty while the trial runs, and if it failed.
  std::vector<double> costs = {};
  bool running = false;
  // By how much the constraints are violated, all together; 0 if the point is feasible.
  double violation = 0;
};

// Oldest first.
using History = std::span<const Observation>;

// The random numbers of one proposal, by counter.
class SearchRandom {
 public:
  // The numbers for the sweep's proposal `number`.
  SearchRandom(std::int64_t search_seed, std::int64_t number)
      : seed_(splitmix64(splitmix64(static_cast<std::uint64_t>(search_seed)) ^
                         static_cast<std::uint64_t>(number))) {}

  double unit() { return unit_of(splitmix64_at(seed_, counter_++)); }  // [0, 1)
  double normal();
  std::size_t below(std::size_t count);  // 0 … count - 1; `count` is at least 1

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

class Sampler {
 public:
  Sampler() = default;
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;
  virtual ~Sampler() = default;

  // A point of the space. It is new if the space has new points and the sampler finds one; a
  // running trial's point is not new.
  virtual Coordinates propose(const SearchSpace& space, History history,
                              SearchRandom& random) const = 0;
};

// A uniformly distributed coordinate of the dimension.
double random_coordinate(const Dimension& dimension, SearchRandom& random);

// A uniformly distributed point.
Coordinates random_point(const SearchSpace& space, SearchRandom& random);

// Random search: points that were not tried, uniformly distributed (Bergstra and Bengio 2012).
class RandomSampler : public Sampler {
 public:
  Coordinates propose(const SearchSpace& space, History history,
                      SearchRandom& random) const override;
};

}  // namespace firesweep
