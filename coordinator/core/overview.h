// A picture of the coordinator's present, for displays and `status`. Plain data.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/domain/metrics.h"
#include "shared/domain/sweep_state.h"

namespace firesweep {

struct TrialCounts {
  std::int64_t total = 0, waiting = 0, assigned = 0, running = 0, stopping = 0, complete = 0,
               pruned = 0, failed = 0, cancelled = 0;
  std::int64_t reused = 0;  // of the complete ones: their results are copies (reuse.h)
};

struct TrialAtRung {
  TrialId trial;
  double score = 0;       // by the sweep's metric, after the rung's epoch
  std::int64_t rank = 0;  // there
  std::int64_t of = 0;    // trials that it is compared with, itself among them
};

// Of the trials that wait, those that wait at a rung of the sweep's early_terminate (promotion):
// no worker is given them before they are promoted.
struct RungOverview {
  static constexpr std::size_t kMostNamed = 1'000;

  std::int64_t epoch = 0;
  std::int64_t waiting = 0;              // trials
  std::int64_t ready = 0;                // of these, that the next free workers are given
  std::vector<TrialAtRung> trials = {};  // no more than kMostNamed; of each group the best first
};

struct SweepOverview {
  SweepId sweep;
  std::string name;
  SweepState state = SweepState::kRunning;
  TrialCounts trials;
  std::vector<RungOverview> rungs = {};  // at which trials wait, by epoch
  double done_share = 0;                 // of the analytic work, in [0, 1]
  std::optional<double> seconds_left;    // estimate, once anything was measured
  double idle_seconds = 0;               // of workers at the end, once no trial waits (end_idle.h)
  std::optional<TrialId> best_trial;
  std::optional<double> best_accuracy;  // by the sweep's metric
  std::string blocked;                  // "no capable worker: …", or empty
  std::string broken;                   // why this build cannot go on with it, or empty
};

// Trials that wait at rungs.
inline std::int64_t at_rungs(const SweepOverview& sweep) {
  std::int64_t trials = 0;
  for (const RungOverview& rung : sweep.rungs) trials += rung.waiting;
  return trials;
}

// Of one worker or several: since when this coordinator knows them.
struct Attended {
  double present_s = 0;
  double trained_s = 0;  // with a trial that had begun
};

struct WorkerOverview {
  std::string name;   // host/slot
  std::string shown;  // the name, with the process where two present workers have the same
  std::string device;
  std::string state;  // "idle", "training", "silent", "quarantined"
  std::optional<TrialKey> trial;
  std::string label;  // "v3 lr=0.003 ls=0.1 seed=1": what distinguishes the trial in its sweep
  LiveProgress live;
  std::optional<double> seconds_left;  // of the trial
  std::int64_t trials_done = 0;
  double silent_s = 0;
  Attended attended;
};

struct Overview {
  std::string trouble;  // what keeps the database from being written, told by the loop; or empty
  std::vector<SweepOverview> sweeps;
  std::vector<WorkerOverview> workers;
  std::int64_t workers_gone = 0;  // that were here and have left or fallen silent
  Attended attended_by_gone;      // all together
};

}  // namespace firesweep
