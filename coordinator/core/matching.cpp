#include "coordinator/core/matching.h"

#include <algorithm>

namespace firesweep {
namespace {

constexpr std::size_t kShownHashDigits = 4;

bool has_trainer(const Capabilities& capabilities, const FrozenSweep& frozen) {
  const auto& trainers = capabilities.trainers;
  return std::find(trainers.begin(), trainers.end(), frozen.spec.trainer) != trainers.end();
}

bool has_dataset(const Capabilities& capabilities, const FrozenSweep& frozen) {
  if (frozen.spec.trainer == "simulated") return true;
  const auto& datasets = capabilities.datasets;
  return std::any_of(datasets.begin(), datasets.end(), [&](const DatasetOnHost& dataset) {
    return dataset.checksum == frozen.dataset_checksum;
  });
}

}  // namespace

bool can_run(const Capabilities& capabilities, const FrozenSweep& frozen) {
  return has_trainer(capabilities, frozen) && has_dataset(capabilities, frozen);
}

bool fits_amp(const Capabilities& capabilities, const std::string& amp) {
  if (amp == "auto" || amp == "off") return true;
  const auto& kinds = capabilities.amp_kinds;
  return std::find(kinds.begin(), kinds.end(), amp) != kinds.end();
}

std::string why_blocked(const std::vector<const Capabilities*>& workers, const FrozenSweep& frozen,
                        const std::vector<std::string>& amps) {
  const std::string lead = "no capable worker: none ";
  std::vector<const Capabilities*> left = workers;
  const auto keep = [&left](auto&& able) {
    std::erase_if(left, [&](const Capabilities* worker) { return !able(*worker); });
    return !left.empty();
  };
  if (left.empty()) return lead + "is connected";
  if (!keep([&](const Capabilities& c) { return has_trainer(c, frozen); })) {
    return lead + "has trainer " + frozen.spec.trainer;
  }
  if (!keep([&](const Capabilities& c) { return has_dataset(c, frozen); })) {
    return lead + "has dataset " + frozen.spec.dataset + " (sha256 " +
           frozen.dataset_checksum.substr(0, kShownHashDigits) + "…)";
  }
  for (const std::string& amp : amps) {
    const bool served = std::any_of(left.begin(), left.end(),
                                    [&](const Capabilities* c) { return fits_amp(*c, amp); });
    if (!served) return lead + "has amp " + amp;
  }
  return {};
}

}  // namespace firesweep
