// Who may have what: a function of a read-only picture of workers, sweeps and checkpoints, like the
// plan of a Nomad scheduler. It changes nothing and begins nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/core/checkpoint_index.h"
#include "coordinator/core/quarantine.h"
#include "coordinator/core/roster.h"
#include "coordinator/core/sweeps.h"

namespace firesweep {

// What a worker is to be given next.
struct Placement {
  // The searches it took, by sweep. Only the last may have found a trial.
  std::vector<std::pair<SweepId, DispatchQueue::Found>> searches;
  bool found() const { return !searches.empty() && searches.back().second.number.has_value(); }
};

// Holds references for as long as it is used, and no state. Pure.
class Dispatch {
 public:
  Dispatch(const Sweeps& sweeps, const Roster& roster, const Quarantine& quarantine,
           const CheckpointIndex& checkpoints, const SchedulerOptions& options, Duration now)
      : sweeps_(sweeps),
        roster_(roster),
        quarantine_(quarantine),
        checkpoints_(checkpoints),
        options_(options),
        now_(now) {}

  // It is here, and stays.
  bool open_for_work(const Worker& worker) const;
  // The next trial of the sweeps that run, within the worker's credit. Higher priorities go first.
  // Of equal ones that sweep goes first which fewer other workers serve, then the older one: so
  // workers are shared evenly, and each stays with its sweep. A worker that holds too much for the
  // first sweep gets nothing of the others.
  Placement next(const Worker& worker) const;

 private:
  // Some sweep would give it more.
  bool has_room(const Worker& worker) const;
  bool within_credit(const Worker& worker, SweepId sweep) const;
  DispatchQueue::Found search(const Worker& worker, const Sweep& sweep) const;
  // Those that it may serve, credit apart, in that order.
  std::vector<SweepId> sweeps_for(const Worker& worker) const;
  // How many other workers hold trials of the sweep.
  std::int64_t others_on(const Worker& worker, SweepId sweep) const;
  bool may_serve(const Worker& worker, const Sweep& sweep) const;
  bool kept_away(const Worker& worker, const Sweep& sweep) const;
  bool may_have_again(const Worker& worker, const Sweep& sweep, std::int64_t number) const;
  // Of the trials that wait at a rung, the one to go on here.
  std::optional<std::int64_t> promoted(const Worker& worker, const Sweep& sweep) const;
  bool another_can(const Worker& worker, const Sweep& sweep, const std::string& amp) const;

  const Sweeps& sweeps_;
  const Roster& roster_;
  const Quarantine& quarantine_;
  const CheckpointIndex& checkpoints_;
  const SchedulerOptions& options_;
  const Duration now_;
};

}  // namespace firesweep
