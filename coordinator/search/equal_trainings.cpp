#include "coordinator/search/equal_trainings.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "shared/domain/conditions.h"
#include "shared/domain/fields.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

// What as_trained() changes.
constexpr std::array<std::string_view, 5> kInWays = {"val_size", "train_size", "test_size",
                                                     "schedule_epochs", "cooldown_epochs"};

}  // namespace

TrialConfig as_trained(TrialConfig config, const DatasetInfo& dataset) {
  const TrialImages images = trial_images(config, dataset.train_count);
  config.val_size = static_cast<double>(images.held_out);
  config.train_size = images.training;
  if (config.test_size == 0) config.test_size = dataset.test_count;
  if (config.schedule_epochs == 0) config.schedule_epochs = config.epochs;
  config.cooldown_epochs = std::min(config.cooldown_epochs, config.epochs);
  return config;
}

std::vector<std::string> written_in_ways(const SweepSpec& spec) {
  std::vector<std::string> names;
  for (const std::string_view name : kInWays) {
    if (place_of_parameter(spec, name)) names.emplace_back(name);
  }
  return names;
}

bool may_train_alike(const SweepSpec& a, const SweepSpec& b) {
  if (!written_in_ways(a).empty() || !written_in_ways(b).empty()) return true;
  return std::ranges::any_of(kInWays, [&](std::string_view name) {
    const Field* field = find_field(name);
    return get_field(a.base, *field) != get_field(b.base, *field);
  });
}

}  // namespace firesweep
