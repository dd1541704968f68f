// The picture people watch, made from what the scheduler holds. Changes nothing.
#pragma once

#include "coordinator/core/overview.h"
#include "coordinator/core/quarantine.h"
#include "coordinator/core/roster.h"
#include "coordinator/core/sweeps.h"

namespace firesweep {

// Pure.
class Picture {
 public:
  Picture(const Sweeps& sweeps, const Roster& roster, const Quarantine& quarantine,
          const SchedulerOptions& options, Duration now)
      : sweeps_(sweeps), roster_(roster), quarantine_(quarantine), options_(options), now_(now) {}

  Overview overview() const;

 private:
  SweepOverview of(const Sweep& sweep) const;
  WorkerOverview of(const Worker& worker) const;
  double share_done(const Worker& worker, const Lease& lease) const;

  const Sweeps& sweeps_;
  const Roster& roster_;
  const Quarantine& quarantine_;
  const SchedulerOptions& options_;
  const Duration now_;
};

}  // namespace firesweep
