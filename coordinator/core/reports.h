// What a worker's report means. Every report is judged by its key and the session it comes from,
// answered by its number, and a repeated one gets the answer it had.
#pragma once

#include "coordinator/core/attempts.h"
#include "coordinator/core/reuse.h"
#include "coordinator/core/terminations.h"

namespace firesweep {

// Not thread-safe.
class Reports {
 public:
  struct State {
    const SchedulerOptions& options;
    Sweeps& sweeps;
    Quarantine& quarantine;
    CheckpointIndex& checkpoints;
    TrialStates& trial_states;
    Attempts& attempts;
    Terminations& terminations;
    Reuse& reuse;
    Changes& changes;
    const Instant& now;
  };
  explicit Reports(State state) : state_(state) {}

  // Judges it and acknowledges it.
  void take(Worker& worker, const Report& report);

 private:
  Verdict judge(Worker& worker, TrialKey key, const report::Started& started);
  Verdict judge(Worker& worker, TrialKey key, const report::Progressed& progressed);
  Verdict judge(Worker& worker, TrialKey key, const report::Finished& finished);
  Verdict judge(Worker& worker, TrialKey key, const report::Errored& errored);
  Verdict judge(Worker& worker, TrialKey key, const report::HandedBack& handed_back);
  Verdict judge(Worker& worker, TrialKey key, const report::Returned& returned);
  Duration now() const { return state_.now.steady; }
  UtcTime utc() const { return state_.now.utc; }

  State state_;
};

}  // namespace firesweep
