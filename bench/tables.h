// Tables of the searches that bench programs replay: CSV, compressed by xz.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace firesweep {

using Rows = std::vector<std::vector<std::string>>;

// The cells of the table, without the header. Throws std::runtime_error if it cannot be read.
Rows rows_of(const std::filesystem::path& file);

}  // namespace firesweep
