#include "coordinator/cli/estimate.h"

#include <algorithm>
#include <thread>

#include "shared/domain/dataset_info.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

// Training throughput of one AVX2 core on these networks, in multiply-adds a second; measured
// values replace it.
constexpr double kAssumedMacsPerCore = 20e9;
// What a trial costs the coordinator, and the database for its rows; measured on null trials.
constexpr double kSecondsPerTrial = 1e-4;
constexpr double kBytesPerTrial = 1100;
constexpr double kBytesPerEpoch = 120;

// Images a second of all slots together where the host was measured with this architecture; 0
// otherwise.
double measured_rate(const HostSpeeds& host, const std::string& hash, int slots) {
  const auto found = host.by_architecture.find(hash);
  if (found == host.by_architecture.end()) return 0;
  return slots == 1 ? found->second.one_slot : found->second.slot_per_core;
}

}  // namespace

Estimate estimate(const TrialSpace& space, int slots, std::optional<double> measured_macs_per_s,
                  const std::optional<HostSpeeds>& host) {
  Estimate result;
  result.counts = space.counts();
  const SweepSpec& spec = space.frozen().spec;
  const bool simulated = spec.trainer == "simulated";
  const DatasetInfo* dataset = find_dataset(spec.dataset);
  const std::int64_t all = dataset == nullptr ? 50'000 : dataset->train_count;
  double simulated_seconds = 0;
  double host_seconds = 0;
  bool host_known = true;  // every trial's architecture was measured on this host
  for (const std::int64_t number : space.dispatch_order()) {
    const auto config = space.config(number);
    if (!config) continue;
    const Cost cost = space.cost(*config);
    const double work = static_cast<double>(trial_macs(*config, cost.macs, all));
    VariantShare& share = result.variants[config->variant];
    ++share.trials;
    if (cost.macs > share.cost.macs) share.cost = cost;
    share.work_macs += work;
    result.work_macs += work;
    const double rate = host ? measured_rate(*host, space.architecture(*config).hash, slots) : 0.0;
    host_known = host_known && rate > 0;
    if (rate > 0) {
      host_seconds +=
          static_cast<double>(trial_images(*config, all).per_epoch * config->epochs) / rate;
    }
    result.bytes += kBytesPerTrial + kBytesPerEpoch * static_cast<double>(config->epochs);
    simulated_seconds += config->simulated_seconds * static_cast<double>(config->epochs);
  }
  const int cores = std::max(1u, std::thread::hardware_concurrency());
  if (simulated) {
    result.seconds = simulated_seconds / slots;
    result.basis = "simulated trials";
  } else if (measured_macs_per_s) {
    result.seconds = result.work_macs / (*measured_macs_per_s * slots);
    result.basis = "from the speed measured in this database";
  } else if (host_known && host) {
    result.seconds = host_seconds;
    result.basis = "from the speed that `firesweep-worker bench` measured on this host";
  } else if (host && host->trained_macs_per_s > 0) {
    result.seconds = result.work_macs / (host->trained_macs_per_s * slots);
    result.basis = "from the speed of trials that this host trained";
  } else {
    result.seconds = result.work_macs / (kAssumedMacsPerCore * cores);
    result.basis = "assuming " + std::to_string(cores) +
                   " CPU cores of ordinary speed; nothing was measured here yet";
  }
  result.seconds =
      std::max(result.seconds, kSecondsPerTrial * static_cast<double>(result.counts.trials));
  return result;
}

}  // namespace firesweep
