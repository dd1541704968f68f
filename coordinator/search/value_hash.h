// Hashes that tell points apart. Equal values have equal hashes in every build; of unequal ones two
// in 2^64 have the same. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "shared/domain/trial_config.h"
#include "shared/domain/value.h"

namespace firesweep {

// Values of different types differ.
std::uint64_t hash_of(const Value& value);

// Of values; one that does not exist has a hash of its own.
std::uint64_t hash_of(const std::vector<std::optional<Value>>& values);

// Of every field of a config, its seed and its arch parameters, of which 1 equals 1.0.
std::uint64_t hash_of(const TrialConfig& config);

}  // namespace firesweep
