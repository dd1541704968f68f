#pragma once

#include "coordinator/core/scheduler.h"

namespace firesweep {

// The scheduler's defaults with the hash of the codec room.
SchedulerOptions default_scheduler_options();

}  // namespace firesweep
