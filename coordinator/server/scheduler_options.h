#pragma once

#include "coordinator/core/scheduler.h"

namespace firesweep {

// The scheduler's defaults with the hash and the frozen form of the codec room.
SchedulerOptions default_scheduler_options();

}  // namespace firesweep
