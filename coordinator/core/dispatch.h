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
  // The next trial of the sweeps that run, in the order of their ids; within its credit.
  Placement next(const Worker& worker) const;

 private:
  bool may_serve(const Worker& worker, const Sweep& sweep) const;
  bool kept_away(const Worker& worker, const Sweep& sweep) const;
  bool may_have_again(const Worker& worker, const Sweep& sweep, std::int64_t number) const;
  bool another_can(const Worker& worker, const Sweep& sweep, const std::string& amp) const;

  const Sweeps& sweeps_;
  const Roster& roster_;
  const Quarantine& quarantine_;
  const CheckpointIndex& checkpoints_;
  const SchedulerOptions& options_;
  const Duration now_;
};

}  // namespace firesweep
