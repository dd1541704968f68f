// The orders in which the LCBench figures were made: numpy's default_rng(seed).permutation(count)
// (its SeedSequence and PCG64: O'Neill 2014 and 2015). Pure.
#pragma once

#include <cstdint>
#include <vector>

namespace firesweep {

// 0 … count - 1 in the order that numpy 1.17 and later give for this seed. `count` is below 2^32.
std::vector<std::uint32_t> numpy_permutation(std::uint32_t seed, std::uint32_t count);

}  // namespace firesweep
