// A result that is in the database, as far as a trial of equal work needs it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "shared/base/ids.h"

namespace firesweep {

struct KnownResult {
  TrialId trial;            // that was trained
  std::string config_hash;  // equal where the work is (PROMISES §3), dataset and seed apart
  std::string dataset;      // its name: the hash of simulated work does not tell datasets apart
  std::int64_t seed = 0;
  std::optional<double> val_accuracy = {};
  std::optional<double> test_accuracy = {};
  // The build that made it.
  std::string build_commit = {};
  std::string torch_version = {};
  std::string device = {};  // "cpu", "cuda:0"
  friend bool operator==(const KnownResult&, const KnownResult&) = default;
};

}  // namespace firesweep
