// How much a trial costs, before and while it is measured; and what distinguishes it to people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/search/termination/terminator.h"
#include "shared/domain/early_termination.h"
#include "shared/domain/layers.h"
#include "shared/domain/sweep_spec.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

// The analytic work of a trial, comparable within its sweep: passes × MACs × images × epochs, or
// simulated seconds. Positive. Pure.
double work_of(const FrozenSweep& frozen, const TrialConfig& config, const Cost& cost);

// "v3 lr=0.003 ls=0.1 seed=1": what varies within the sweep, and the seed if its file, or what has
// extended it, has several. Pure.
std::string label_of(const SweepSpec& spec, const TrialConfig& config, bool extended = false);

// What a terminator is told of a trial, before its first epoch. Pure.
TrialReport report_of(std::int64_t number, const TrialConfig& config,
                      const EarlyTermination& rules);

// Seconds per unit of work, learnt from finished epochs. Not thread-safe.
class Pace {
 public:
  void epoch(double work, double seconds);
  // Nothing before the first epoch.
  std::optional<double> seconds_for(double work) const;

 private:
  double work_ = 0;  // of recent epochs, older ones fading
  double seconds_ = 0;
};

}  // namespace firesweep
