#include "coordinator/search/lineage.h"

#include <algorithm>
#include <set>

#include "coordinator/search/grouping.h"
#include "shared/domain/longer_training.h"

namespace firesweep {
namespace {

// The training, whatever its length.
std::string key_of(const SweepSpace& space, std::int64_t number, const TrialConfig& config) {
  return std::to_string(config.seed) + '\n' +
         training_key(config, space.architecture(number).hash, {"epochs", "cooldown_epochs"});
}

bool sweeps_epochs(const SweepSpec& spec) {
  return std::ranges::any_of(spec.parameters,
                             [](const Parameter& p) { return p.name == "epochs"; });
}

bool has_several_lengths(const SweepSpace& space) {
  std::set<std::int64_t> lengths;
  for (std::int64_t file = 0; file < space.segments(); ++file) {
    const SweepSpec& spec = space.file(file).frozen().spec;
    if (sweeps_epochs(spec)) return space.segments() > 1;
    lengths.insert(spec.base.epochs);
  }
  return lengths.size() > 1;
}

}  // namespace

Lineage::Lineage(const SweepSpace& space) {
  if (space.learns() || !has_several_lengths(space)) return;
  for (std::int64_t number = 0; number < space.raw(); ++number) {
    const auto config = space.config(number);
    if (!config) continue;
    by_key_[key_of(space, number, *config)].emplace_back(config->epochs, number);
  }
  for (auto& [key, lengths] : by_key_) std::ranges::sort(lengths);
}

std::vector<std::int64_t> Lineage::shorter(const SweepSpace& space, std::int64_t number) const {
  std::vector<std::int64_t> found;
  const auto config = by_key_.empty() ? std::nullopt : space.config(number);
  if (!config) return found;
  const auto known = by_key_.find(key_of(space, number, *config));
  if (known == by_key_.end()) return found;
  for (const auto& [epochs, other] : known->second) {
    if (epochs < config->epochs) found.insert(found.begin(), other);
  }
  return found;
}

std::vector<std::int64_t> Lineage::continued(const SweepSpace& space, std::int64_t number) const {
  std::vector<std::int64_t> found = shorter(space, number);
  if (found.empty()) return found;
  const auto config = space.config(number);
  std::erase_if(found, [&](std::int64_t other) {
    const auto shorter_one = space.config(other);
    return !config || !shorter_one || !begins_with(*config, *shorter_one);
  });
  return found;
}

Continued continued_from(const SweepSpace& space, const Lineage& lineage, std::int64_t first) {
  Continued found;
  for (std::int64_t number = first; number < space.raw(); ++number) {
    const auto is_before = [&](std::int64_t other) { return other < first; };
    if (std::ranges::none_of(lineage.shorter(space, number), is_before)) continue;
    const bool goes_on = std::ranges::any_of(lineage.continued(space, number), is_before);
    ++(goes_on ? found.go_on : found.anew);
  }
  return found;
}

}  // namespace firesweep
