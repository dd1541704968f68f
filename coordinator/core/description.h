// What is known of a trial before any training.
#pragma once

#include <cstdint>

#include "coordinator/core/scheduler.h"
#include "coordinator/core/sweep.h"
#include "shared/domain/records.h"

namespace firesweep {

// Of a trial that has a config, in a sweep that is not broken.
TrialDescription describe(const Sweep& sweep, std::int64_t number, const SchedulerOptions& options);

}  // namespace firesweep
