#include "coordinator/core/trial_states.h"

#include <cassert>

namespace firesweep {

void TrialStates::apply(const TrialRef& ref, const TrialEvent& event) {
  const TrialState before = ref.trial->state;
  const auto moved = ref.sweep->trials.apply(ref.number, event);
  assert(moved.has_value());
  if (ref.trial->state == before) return;
  changes_.trial(ref.id());
  if (ref.sweep->race) ref.sweep->race->note(ref.number, ref.trial->state);
  if (std::holds_alternative<Waiting>(ref.trial->state)) {
    if (!ref.sweep->at_rung(ref.number)) ref.sweep->queue.put_back(ref.number);
  } else if (std::holds_alternative<Waiting>(before)) {
    ref.sweep->queue.remove(ref.number);
  }
  if (is_terminal(ref.trial->state) && !is_terminal(before)) {
    ref.sweep->work_done += ref.sweep->work_of_trial(ref.number);
  }
}

}  // namespace firesweep
