// The parts of a proposal as JSON texts, as the store keeps them. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/proposal.h"

namespace firesweep {

// [0.25, 3]: each number is read back to its last bit.
std::string encode_coordinates(const std::vector<double>& at);
// {"lr": 0.003, "optimizer": "sgd"}.
std::string encode_values(const std::map<std::string, Value>& values);
// [4, 7].
std::string encode_points(const std::vector<std::int64_t>& points);

// Sets `at`, `values` and `running` from such texts. The error names the one that does not read.
Result<void> decode_proposal(std::string_view at, std::string_view values, std::string_view running,
                             Proposal& proposal);

}  // namespace firesweep
