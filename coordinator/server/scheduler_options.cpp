#include "coordinator/server/scheduler_options.h"

#include "shared/codec/config_hash.h"

namespace firesweep {

SchedulerOptions default_scheduler_options() {
  SchedulerOptions options;
  options.config_hash = config_hash;
  return options;
}

}  // namespace firesweep
