#include "worker/training/schedule.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "shared/base/near_miss.h"

namespace firesweep {
namespace {

constexpr double kDivFactor = 25;
constexpr double kFinalDivFactor = 1e4;
constexpr double kMaxMomentum = 0.95;
constexpr double kBaseMomentum = 0.85;

constexpr std::array<std::pair<std::string_view, ScheduleKind>, 4> kKinds = {{
    {"constant", ScheduleKind::kConstant},
    {"cosine", ScheduleKind::kCosine},
    {"one_cycle", ScheduleKind::kOneCycle},
    {"one_cycle_per_epoch", ScheduleKind::kOneCyclePerEpoch},
}};

double anneal(double start, double end, double done) {
  return end + (start - end) / 2.0 * (std::cos(std::numbers::pi * done) + 1.0);
}

Rates one_cycle_at(const Schedule& schedule, std::int64_t step) {
  const double low = schedule.lr / kDivFactor;
  const double at = static_cast<double>(step);
  const double peak_at = schedule.warmup_fraction * static_cast<double>(schedule.laid_over) - 1.0;
  const double end_at = static_cast<double>(schedule.laid_over - 1);
  if (at <= peak_at) {
    const double done = peak_at > 0 ? at / peak_at : 1.0;
    return {anneal(low, schedule.lr, done), anneal(kMaxMomentum, kBaseMomentum, done)};
  }
  const double done = end_at > peak_at ? (at - peak_at) / (end_at - peak_at) : 1.0;
  return {anneal(schedule.lr, low / kFinalDivFactor, done),
          anneal(kBaseMomentum, kMaxMomentum, done)};
}

Rates cycle_rates_at(const Schedule& schedule, std::int64_t step) {
  Rates rates = one_cycle_at(schedule, step);
  if (!schedule.cycle_momentum) rates.momentum = schedule.momentum;
  return rates;
}

double constant_lr_at(const Schedule& schedule, std::int64_t step) {
  const std::int64_t left = schedule.total_steps - step;
  if (left >= schedule.cooldown) return schedule.lr;
  return schedule.lr * static_cast<double>(left) / static_cast<double>(schedule.cooldown);
}

}  // namespace

Result<Schedule> make_schedule(const TrialConfig& config, std::int64_t steps_per_epoch) {
  std::array<std::string_view, kKinds.size()> names;
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    names[i] = kKinds[i].first;
    if (names[i] != config.schedule) continue;
    const std::int64_t laid_over =
        config.schedule_epochs > 0 ? config.schedule_epochs : config.epochs;
    return Schedule{.kind = kKinds[i].second,
                    .lr = config.lr,
                    .momentum = config.optimizer == "adamw" ? config.beta1 : config.momentum,
                    .cycle_momentum = config.optimizer != "muon",
                    .warmup_fraction = config.warmup_fraction,
                    .steps_per_epoch = steps_per_epoch,
                    .total_steps = steps_per_epoch * config.epochs,
                    .laid_over = steps_per_epoch * laid_over,
                    .cooldown = steps_per_epoch * std::min(config.cooldown_epochs, config.epochs)};
  }
  return fail(ErrorCode::kBadInput, "schedule",
              "found \"" + config.schedule +
                  "\", expected constant, cosine, one_cycle or one_cycle_per_epoch",
              did_you_mean(config.schedule, names));
}

Rates rates_at(const Schedule& schedule, std::int64_t step) {
  assert(step >= 0 && step < schedule.total_steps);
  if (schedule.kind == ScheduleKind::kCosine || schedule.kind == ScheduleKind::kOneCycle)
    step = std::min(step, schedule.laid_over - 1);
  switch (schedule.kind) {
    case ScheduleKind::kConstant:
      return {constant_lr_at(schedule, step), schedule.momentum};
    case ScheduleKind::kCosine: {
      const double done = static_cast<double>(step) / static_cast<double>(schedule.laid_over);
      return {anneal(schedule.lr, 0.0, done), schedule.momentum};
    }
    case ScheduleKind::kOneCycle:
      return cycle_rates_at(schedule, step);
    case ScheduleKind::kOneCyclePerEpoch:
      return cycle_rates_at(schedule, step % schedule.steps_per_epoch);
  }
  assert(false);
  return {};
}

}  // namespace firesweep
