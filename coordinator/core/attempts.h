// How an attempt begins and ends: its lease, what it is charged, and what it teaches of its worker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/core/changes.h"
#include "coordinator/core/checkpoint_index.h"
#include "coordinator/core/quarantine.h"
#include "coordinator/core/stops.h"
#include "coordinator/core/trial_states.h"

namespace firesweep {

// How an attempt ends, for the state machine and for the record.
struct Ending {
  TrialEvent event;
  AttemptEnd end;
  std::optional<Reason> reason;
  std::string message;
  bool charged = false;
  bool avoid_worker = false;
};

// Not thread-safe. Every member leaves sweeps, trials, leases and the queue consistent: a live
// trial has exactly one lease, at the worker whose session it names.
class Attempts {
 public:
  struct State {
    const SchedulerOptions& options;
    Sweeps& sweeps;
    Quarantine& quarantine;
    CheckpointIndex& checkpoints;
    TrialStates& trial_states;
    Stops& stops;
    Changes& changes;
    const Instant& now;
  };
  explicit Attempts(State state) : state_(state) {}

  // Leases a waiting trial of the sweep to the worker.
  void open(Worker& worker, Sweep& sweep, std::int64_t number);
  // The first sign of work starts a trial, whatever it is; later ones change nothing.
  void start(Worker& worker, const TrialRef& ref, std::int64_t from_epoch,
             bool checkpoint_missed = false);

  void end(Worker& worker, TrialKey key, Ending ending);
  // Charged only if it had started and left nothing newer than there was when it began.
  void lose(Worker& worker, TrialKey key, const std::string& why);
  // It had never begun.
  void unstart(Worker& worker, TrialKey key, const std::string& why);

 private:
  std::vector<EarlierTraining> begun_as(const Sweep& sweep, std::int64_t number) const;
  void explain_timeout(const TrialRef& ref, Ending& ending) const;
  void check_failures(Sweep& sweep);
  Duration now() const { return state_.now.steady; }
  UtcTime utc() const { return state_.now.utc; }

  State state_;
};

}  // namespace firesweep
