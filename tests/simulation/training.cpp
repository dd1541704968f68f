#include "tests/simulation/training.h"

#include <algorithm>

#include "shared/base/splitmix.h"
#include "shared/codec/config_codec.h"

namespace firesweep::simulation {
namespace {

bool has_constant_rate(const TrialConfig& config) { return config.schedule == "constant"; }

// What its epochs depend on, but for dataset and seed. At a constant rate that is not their number.
std::string content_of(const TrialConfig& config, const std::string& config_hash,
                       const std::string& architecture_hash) {
  if (!has_constant_rate(config)) return config_hash;
  TrialConfig endless = config;
  endless.epochs = 0;
  endless.cooldown_epochs = 0;
  endless.seed = 0;
  return architecture_hash + encode_config(endless);
}

}  // namespace

Training::Training(const TrialConfig& config, const std::string& config_hash,
                   const std::string& architecture_hash, const std::string& dataset)
    : epochs_(config.epochs),
      first_(mixed_bits(fnv1a(dataset + content_of(config, config_hash, architecture_hash)) +
                        static_cast<std::uint64_t>(config.seed))) {
  if (has_constant_rate(config)) cooldown_ = std::min(config.cooldown_epochs, epochs_);
}

// While it cools down, an epoch's rate follows from how many are left, of how many.
std::uint64_t Training::next_weights(std::uint64_t weights, std::int64_t epoch) const {
  const std::int64_t left = epochs_ - epoch + 1;
  std::uint64_t step = static_cast<std::uint64_t>(epoch) * kSplitMixGamma;
  if (left <= cooldown_) {
    step +=
        mixed_bits(static_cast<std::uint64_t>(left) << 32 ^ static_cast<std::uint64_t>(cooldown_));
  }
  return mixed_bits(weights + step);
}

std::vector<std::uint64_t> Training::states() const {
  std::vector<std::uint64_t> states;
  states.reserve(static_cast<std::size_t>(epochs_));
  std::uint64_t weights = first_;
  for (std::int64_t epoch = 1; epoch <= epochs_; ++epoch) {
    weights = next_weights(weights, epoch);
    states.push_back(weights);
  }
  return states;
}

double accuracy_of(std::uint64_t weights) { return unit_of(weights); }

}  // namespace firesweep::simulation
