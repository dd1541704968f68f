// How an attempt begins, is stopped, and ends: leases, charges, and the one way a trial's state
// changes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "coordinator/core/changes.h"
#include "coordinator/core/checkpoint_index.h"
#include "coordinator/core/quarantine.h"
#include "coordinator/core/roster.h"
#include "coordinator/core/sweeps.h"

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
    Roster& roster;
    Quarantine& quarantine;
    CheckpointIndex& checkpoints;
    Changes& changes;
    const bool& draining;
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

  // What has not begun is recalled where its work is wanted later, and stopped where it is not.
  void request_stop(const TrialRef& ref, Reason reason);
  void stop_live(Sweep& sweep, Reason reason);
  // Sends the command a lease's state calls for, if any; also a repeated one, since frames get
  // lost.
  void remind(Worker& worker, Lease& lease);
  void remind_live(Sweep& sweep);

  // The one way a trial's state changes. An illegal pair is our own mistake: what peers send was
  // judged before.
  void apply(const TrialRef& ref, const TrialEvent& event);

 private:
  std::pair<Worker*, Lease*> lease_of(const TrialRef& ref);
  void explain_timeout(const TrialRef& ref, Ending& ending) const;
  void check_failures(Sweep& sweep);
  Duration now() const { return state_.now.steady; }
  UtcTime utc() const { return state_.now.utc; }

  State state_;
};

}  // namespace firesweep
