#include "coordinator/server/stored_rungs.h"

#include <utility>

#include "coordinator/core/scheduler.h"
#include "coordinator/server/scheduler_options.h"
#include "coordinator/server/system_clock.h"
#include "coordinator/store/stored_search.h"

namespace firesweep {

Result<std::vector<SweepOverview>> stored_rungs(const std::filesystem::path& database) {
  auto promoting = read_promoting(database);
  if (!promoting) return tl::unexpected(promoting.error());
  if (promoting->empty()) return std::vector<SweepOverview>();
  Snapshot snapshot;
  snapshot.sweeps = std::move(*promoting);
  const Instant now = system_now();
  return Scheduler(std::move(snapshot), default_scheduler_options(), now).overview(now).sweeps;
}

}  // namespace firesweep
