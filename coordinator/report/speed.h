// How fast trials have trained so far, by the results in the database.
#pragma once

#include <filesystem>
#include <optional>

namespace firesweep {

// Multiply-adds per second of one slot in training (forward and backward, 3 × MACs × images/s): the
// mean over the newest results of real trials. Nothing if there is none or the database cannot be
// read.
std::optional<double> measured_macs_per_s(const std::filesystem::path& database);

}  // namespace firesweep
