#include "coordinator/core/description.h"

#include <cassert>

namespace firesweep {

TrialDescription describe(const Sweep& sweep, std::int64_t number,
                          const SchedulerOptions& options) {
  assert(sweep.space);
  const auto config = sweep.space->config(number);
  assert(config);
  const ResolvedArchitecture& architecture = sweep.space->architecture(number);
  const Cost cost = sweep.space->cost(number);
  return {*config,
          architecture.name,
          architecture.hash,
          options.config_hash(*config, architecture.hash, sweep.frozen->dataset_checksum,
                              sweep.spec().trainer),
          cost.params,
          cost.macs};
}

}  // namespace firesweep
