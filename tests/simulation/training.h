// What training a config makes of weights, epoch by epoch: enough to tell whether an attempt went
// on from the right checkpoint, and which trainings are the beginning of a longer one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/domain/trial_config.h"

namespace firesweep::simulation {

// At a constant rate the epochs are the same whatever their number, up to where the rate cools
// down; under any other schedule they are those of this config alone. Immutable.
class Training {
 public:
  Training(const TrialConfig& config, const std::string& config_hash,
           const std::string& architecture_hash, const std::string& dataset);

  // The state before the first epoch, and after the epoch (1, 2, …) that follows a state: what a
  // checkpoint of the simulation holds. Pure.
  std::uint64_t first_weights() const { return first_; }
  std::uint64_t next_weights(std::uint64_t weights, std::int64_t epoch) const;
  // The states after each of its epochs, however often it is interrupted. Pure.
  std::vector<std::uint64_t> states() const;

 private:
  std::int64_t epochs_;
  std::int64_t cooldown_ = 0;
  std::uint64_t first_;
};

// Pure.
double accuracy_of(std::uint64_t weights);

}  // namespace firesweep::simulation
