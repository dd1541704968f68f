#include "coordinator/core/work.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "coordinator/search/grouping.h"
#include "shared/domain/dataset_info.h"
#include "shared/domain/parameter_value.h"
#include "shared/domain/trial_work.h"
#include "shared/domain/value.h"

namespace firesweep {
namespace {

constexpr double kFading = 0.95;  // a past epoch's weight, per epoch since

std::string_view short_name(std::string_view name) {
  if (name == "label_smoothing") return "ls";
  if (name == "weight_decay") return "wd";
  if (name == "batch_size") return "bs";
  return name;
}

}  // namespace

double work_of(const FrozenSweep& frozen, const TrialConfig& config, const Cost& cost) {
  const double epochs = static_cast<double>(std::max<std::int64_t>(config.epochs, 1));
  if (frozen.spec.trainer == Trainer::kSimulated) {
    return epochs * (config.simulated_seconds > 0 ? config.simulated_seconds : 1.0);
  }
  const std::int64_t images = dataset_info(frozen.spec.dataset).train_count;
  return static_cast<double>(std::max<std::int64_t>(trial_macs(config, cost.macs, images), 1));
}

std::string label_of(const SweepSpec& spec, const TrialConfig& config, bool extended) {
  std::string label = config.variant;
  for (const Parameter& parameter : spec.parameters) {
    if (parameter.name == "variant") continue;
    const auto value = value_of(config, parameter.name);
    if (!value) continue;
    label += " " + std::string(short_name(parameter.name)) + "=" + to_string(*value);
  }
  const bool one_seed = !extended && spec.seeds == std::vector<std::int64_t>{config.seed};
  if (!one_seed) label += " seed=" + std::to_string(config.seed);
  return label;
}

TrialReport report_of(std::int64_t number, const TrialConfig& config,
                      const EarlyTermination& rules) {
  const double warmup = config.warmup_fraction * static_cast<double>(config.epochs);
  return {.trial = number,
          .epochs = config.epochs,
          .group = group_of(config, rules.group_by),
          .warmup = static_cast<std::int64_t>(std::ceil(warmup))};
}

void Pace::epoch(double work, double seconds) {
  if (!(work > 0) || !(seconds >= 0)) return;
  work_ = kFading * work_ + work;
  seconds_ = kFading * seconds_ + seconds;
}

std::optional<double> Pace::seconds_for(double work) const {
  if (work_ <= 0) return std::nullopt;
  return seconds_ / work_ * work;
}

}  // namespace firesweep
