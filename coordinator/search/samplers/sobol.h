// Sobol's low-discrepancy sequence (Sobol 1967) with the direction numbers of Joe and Kuo
// (Constructing Sobol sequences with better two-dimensional projections, SIAM J. Sci. Comput. 30,
// 2008; the file new-joe-kuo-6), scrambled in the manner of Owen by a hash (Burley, Practical
// Hash-based Owen Scrambling, JCGT 9(4), 2020). Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "coordinator/search/samplers/sampler.h"

namespace firesweep {

// The dimensions of one sequence. Further dimensions come from further sequences, whose points are
// shuffled.
inline constexpr std::size_t kSobolDimensions = 64;

// Coordinate `dimension` of point `number`, in [0, 1). Any 2^k points from a multiple of 2^k on
// have one coordinate in each of 2^k equal intervals of every dimension. `number` is below 2^32.
double sobol_coordinate(std::uint32_t number, std::size_t dimension, std::uint64_t seed);

// Point `number` of the sequence. A dimension that does not exist there is left out of it; the
// others have their coordinates all the same.
Coordinates sobol_point(const SearchSpace& space, std::uint32_t number, std::uint64_t seed);

// The points of the sequence in turn; a point of a discrete space that was tried is skipped. The
// history's length is the number of the point. Several workers need no care.
class SobolSampler : public Sampler {
 public:
  explicit SobolSampler(std::uint64_t seed) : seed_(seed) {}
  Coordinates propose(const SearchSpace& space, History history,
                      SearchRandom& random) const override;

 private:
  std::uint64_t seed_;
};

}  // namespace firesweep
