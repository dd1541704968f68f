// Trainings of which a shorter one is the beginning.
#pragma once

#include "shared/domain/trial_config.h"

namespace firesweep {

// Longer trainings may go on from the last checkpoint of this one. Its epochs do not depend on how
// many follow: its rate is constant and does not cool down, or is begun anew every epoch, or is
// laid over a number of epochs of its own (schedule_epochs), after which it stays as it is. Pure.
bool may_be_continued(const TrialConfig& config);

// Of two trainings that differ in nothing but their epochs and their cooldown: the longer one
// begins with all epochs of the shorter one, as they are. Its own cooldown may begin where the
// shorter one ends, and not earlier. Pure.
bool begins_with(const TrialConfig& longer, const TrialConfig& shorter);

}  // namespace firesweep
