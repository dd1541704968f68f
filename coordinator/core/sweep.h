// One sweep as the scheduler holds it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/core/dispatch_queue.h"
#include "coordinator/core/end_idle.h"
#include "coordinator/core/trials.h"
#include "coordinator/core/work.h"
#include "coordinator/search/lineage.h"
#include "coordinator/search/race.h"
#include "coordinator/search/sweep_space.h"
#include "coordinator/search/termination/promotion.h"
#include "coordinator/search/termination/terminator.h"
#include "shared/base/ids.h"
#include "shared/domain/metrics.h"
#include "shared/domain/sweep_spec.h"
#include "shared/domain/sweep_state.h"

namespace firesweep {

// Plain data with a few questions; not thread-safe.
struct Sweep {
  SweepId id;
  SweepState state = SweepState::kRunning;
  bool failing = false;  // STOPPING that ends in FAILED
  bool asleep = false;   // from the snapshot, and not submitted again where that is asked for
  std::shared_ptr<const FrozenSweep> frozen;
  // Absent where this build cannot read a sweep frozen by another, or makes other trials of it;
  // `broken` then says why. Its held trials are still judged, nothing new is assigned, and the
  // other sweeps go on.
  std::optional<SweepSpace> space;
  std::string broken;
  Trials trials{0};
  DispatchQueue queue;

  // By early_terminate one of the two; without it both are null.
  std::unique_ptr<Terminator> terminator;
  std::unique_ptr<RungPromotion> promotion;
  std::optional<Race> race;  // absent where the file has no racing, or is broken

  std::optional<Lineage> lineage;  // absent where the sweep is broken

  EndIdle idle;
  Pace pace;
  double work_total = 0;  // estimated from a sample where the sweep is large
  double work_done = 0;   // of trials that have ended
  std::optional<TrialId> best_trial;
  std::optional<double> best_accuracy;

  // Of the newest file: its limits hold for the whole sweep.
  const SweepSpec& spec() const { return frozen->spec; }

  // Learns which of the space's trials belong together: its lineage, and its race, if its file asks
  // for one.
  void lay_out();
  // Begins the queue, estimates the total work and counts what has ended; needed before the first
  // dispatch, does nothing later.
  void prepare();
  // Takes a space with more segments: their trials wait behind those that did before.
  void grow(SweepSpace grown);
  // Analytic, see work.h; 0 where this build cannot generate the trial.
  double work_of_trial(std::int64_t number) const;
  // Keeps the better of the known best and this result, by the sweep's metric. A method that learns
  // takes it in; then this is the result's ordinal.
  std::optional<std::int64_t> consider(TrialId trial, const TrialResult& result);
  // One more trial may be leased: RUNNING, awake, below max_concurrent_trials, and something waits.
  bool wants_worker() const;
  // The trial waits at a rung until it is promoted: it is not dispatched as others that wait.
  bool at_rung(std::int64_t number) const { return promotion && promotion->waits(number); }
  // What its trials ask of a worker's amp.
  std::vector<std::string> amps() const;
  // Of these, what waiting trials ask, as far as it is known.
  std::vector<std::string> amps_waiting() const;

 private:
  std::vector<std::int64_t> order() const;
  double estimated_work(const std::vector<std::int64_t>& order) const;
};

}  // namespace firesweep
