// A picture of the coordinator's present, for displays and `status`. Plain data.
#pragma once

#include <chrono>
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

struct SweepOverview {
  SweepId sweep;
  std::string name;
  SweepState state = SweepState::kRunning;
  TrialCounts trials;
  double done_share = 0;               // of the analytic work, in [0, 1]
  std::optional<double> seconds_left;  // estimate, once anything was measured
  double idle_seconds = 0;             // of workers at the end, once no trial waits (end_idle.h)
  std::optional<TrialId> best_trial;
  std::optional<double> best_accuracy;  // by the sweep's metric
  std::string blocked;                  // "no capable worker: …", or empty
  std::string broken;                   // why this build cannot go on with it, or empty
};

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
