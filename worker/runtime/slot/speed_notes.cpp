#include "worker/runtime/slot/speed_notes.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "shared/base/clock.h"
#include "shared/base/compute_clock.h"
#include "shared/codec/host_speeds.h"
#include "shared/domain/dataset_info.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

constexpr std::int64_t kFewestSteps = 8;
constexpr auto kWriteEvery = std::chrono::seconds(1);
constexpr double kLeastComputing = 0.05;

}  // namespace

LearntSpeed speed_of_epoch(const Assign& assign, const EpochMetrics& metrics,
                           const DeviceShare& share, double computing) {
  LearntSpeed speed;
  const DatasetInfo* dataset = find_dataset(assign.dataset);
  if (dataset == nullptr || !(metrics.images_per_s > 0)) return speed;
  const TrialImages images = trial_images(assign.config, dataset->train_count);
  if (images.steps < kFewestSteps) return speed;
  speed.name = assign.architecture.name;
  speed.kind =
      training_kind(assign.config, assign.architecture.hash, cost_of(assign.architecture).macs);
  speed.share = share;
  speed.source = SpeedSource::kTrained;
  speed.images = static_cast<double>(images.per_epoch);
  speed.seconds = computing * speed.images / metrics.images_per_s;
  speed.epochs = 1;
  return speed;
}

SpeedNotes::SpeedNotes(std::filesystem::path file, DeviceKey device, DeviceShare share)
    : file_(std::move(file)), device_(std::move(device)), share_(share) {}

void SpeedNotes::start() {
  epoch_began_ = Clock::now();
  computed_ = compute_seconds(share_.threads);
}

void SpeedNotes::epoch(const Assign& assign, const EpochMetrics& metrics) {
  double computing = 1;
  if (device_.cores > 0) {  // a CPU
    const double passed = std::chrono::duration<double>(Clock::now() - epoch_began_).count();
    const double computed = compute_seconds(share_.threads) - computed_;
    computing = std::clamp(computed / std::max(passed, 1e-9), kLeastComputing, 1.0);
  }
  start();
  LearntSpeed speed = speed_of_epoch(assign, metrics, share_, computing);
  if (broken_ || !(speed.images > 0)) return;
  speed.learnt_ms = system_now().utc.count();
  waiting_.push_back(std::move(speed));
  if (Clock::now() - written_ >= kWriteEvery) flush();
}

void SpeedNotes::flush() {
  if (broken_ || waiting_.empty()) return;
  const auto written = update_host_speeds(file_, [&](HostSpeeds& speeds) {
    for (const LearntSpeed& speed : waiting_) learn(speeds, device_, speed);
  });
  waiting_.clear();
  written_ = Clock::now();
  if (written) return;
  broken_ = true;
  spdlog::warn("event=speeds_not_kept what=\"{}\"", to_string(written.error()));
}

}  // namespace firesweep
