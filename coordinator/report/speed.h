// How fast trials have trained so far, as the database remembers it.
#pragma once

#include <filesystem>
#include <optional>

namespace firesweep {

// Multiply-adds a second of one slot in training (forward and backward, 3 × MACs × images/s), the
// mean over the newest results of real trials. Nothing where there is none or the database cannot
// be read.
std::optional<double> measured_macs_per_s(const std::filesystem::path& database);

}  // namespace firesweep
