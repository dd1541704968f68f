// Learning rate and momentum as pure functions of the step, so that a resumed trial needs its step
// and nothing else. Free of torch.
#pragma once

#include <cstdint>
#include <string_view>

#include "shared/base/error.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

enum class ScheduleKind {
  kConstant,         // to the end, or to where it cools down
  kCosine,           // half a cosine from lr to 0 over the run
  kOneCycle,         // one cycle over the run
  kOneCyclePerEpoch  // one cycle over the run, begun anew every epoch: the published study's recipe
};

struct Schedule {
  ScheduleKind kind = ScheduleKind::kOneCycle;
  double lr = 0;        // peak
  double momentum = 0;  // of SGD and Muon, or beta1 of AdamW, where the schedule does not cycle it
  bool cycle_momentum = true;  // where it is one cycle; Muon's stays
  double warmup_fraction = 0;  // of one cycle
  std::int64_t steps_per_epoch = 0;
  std::int64_t total_steps = 0;  // of the run
  std::int64_t laid_over = 0;    // steps from the schedule's begin to its end
  std::int64_t cooldown = 0;     // last steps of the run; where it is constant
};

struct Rates {
  double lr = 0;
  double momentum = 0;  // SGD's and Muon's momentum, AdamW's beta1
};

// The schedule of a config. kBadInput names a schedule that does not exist. Pure.
Result<Schedule> make_schedule(const TrialConfig& config, std::int64_t steps_per_epoch);

// The rates of step 0 … total_steps-1. A schedule that ends before the run stays at its end. One
// cycle is PyTorch's OneCycleLR with cosine annealing, div_factor 25, final_div_factor 1e4 and
// momentum cycled 0.95 → 0.85 → 0.95 (Smith, Topin: Super-Convergence, 2018, §3) where
// `cycle_momentum`. A cooldown of n steps falls from lr to lr / n in a straight line: the rate at
// step s of a run of N is lr (N - s) / n (Hägele et al.: Scaling Laws and Compute-Optimal Training
// Beyond Fixed Training Durations, 2024, section 3). What comes before it is the same in a run
// without it, or with a later one. Pure.
Rates rates_at(const Schedule& schedule, std::int64_t step);

}  // namespace firesweep
