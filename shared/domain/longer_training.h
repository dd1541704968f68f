// Trainings of which a shorter one is the beginning.
#pragma once

#include "shared/domain/trial_config.h"

namespace firesweep {

// The first epochs of such a training do not depend on how many follow: its rate is constant, or
// begun anew every epoch, or laid over a number of epochs of its own (schedule_epochs), after which
// it stays as it is. Pure.
bool may_be_continued(const TrialConfig& config);

// The two differ in their epochs, and in nothing else. Pure.
bool same_but_for_epochs(TrialConfig one, const TrialConfig& other);

}  // namespace firesweep
