#include "coordinator/core/races.h"

#include <utility>

#include "coordinator/core/description.h"

namespace firesweep {

// What waits in a cancelled sweep is cancelled with it.
void Races::judge(Sweep& sweep) {
  if (!sweep.race || sweep.state == SweepState::kCancelled) return;
  // A round that ends with what is raced out of it begins the next.
  for (auto decided = sweep.race->decide(); !decided.empty(); decided = sweep.race->decide()) {
    for (const RacedOut& out : decided) {
      const TrialId id = make_trial_id(sweep.id, out.number);
      sweep.trials.touch(out.number);
      state_.changes.persist(record::TrialRacedOut{id, describe(sweep, out.number, state_.options),
                                                   out.evidence, state_.now.utc});
      state_.trial_states.apply({&sweep, out.number, sweep.trials.find(out.number)},
                                trial_event::RacedOut{});
    }
  }
}

}  // namespace firesweep
