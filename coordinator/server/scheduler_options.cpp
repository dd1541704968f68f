#include "coordinator/server/scheduler_options.h"

#include <utility>

#include "shared/codec/config_hash.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep {

SchedulerOptions default_scheduler_options() {
  SchedulerOptions options;
  options.config_hash = config_hash;
  options.freeze = [](SweepSpec spec, const std::map<std::string, Architecture>& architectures) {
    return freeze(std::move(spec), architectures);
  };
  return options;
}

}  // namespace firesweep
