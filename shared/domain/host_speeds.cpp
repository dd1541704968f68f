#include "shared/domain/host_speeds.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <map>
#include <tuple>

namespace firesweep {
namespace {

constexpr double kFading = 0.9;  // what a past epoch counts, per epoch since
constexpr std::size_t kMostLearnt = 1'000;
// Two forms of one file, or one file with other classes, of about the same work are as fast.
constexpr double kMostMacsRatio = 1.25;

std::int64_t batch_class(std::int64_t batch_size) {
  return static_cast<std::int64_t>(
      std::bit_floor(static_cast<std::uint64_t>(std::max<std::int64_t>(batch_size, 1))));
}

const DeviceSpeeds* find_device(const HostSpeeds& speeds, const DeviceKey& device) {
  const auto it = std::find_if(speeds.devices.begin(), speeds.devices.end(),
                               [&](const DeviceSpeeds& one) { return one.device == device; });
  return it == speeds.devices.end() ? nullptr : &*it;
}

DeviceSpeeds& device_of(HostSpeeds& speeds, const DeviceKey& device) {
  for (DeviceSpeeds& one : speeds.devices)
    if (one.device == device) return one;
  return speeds.devices.emplace_back(DeviceSpeeds{device, {}});
}

// Cores that a share keeps busy; a GPU is always one device in use.
double in_use(const DeviceKey& device, const DeviceShare& share) {
  if (device.cores == 0) return 1;
  return static_cast<double>(
      std::clamp<std::int64_t>(share.slots * share.threads, 1, device.cores));
}

// What a slot of `wanted` trains where `known` was measured in another share.
double rate_in(const DeviceKey& device, const LearntSpeed& known, const DeviceShare& wanted) {
  if (known.share == wanted) return known.images_per_s();
  const double whole =
      known.images_per_s() * static_cast<double>(known.share.slots) / in_use(device, known.share);
  return whole * in_use(device, wanted) / static_cast<double>(wanted.slots);
}

std::int64_t distance(std::int64_t a, std::int64_t b) { return std::abs(a - b); }

// Smaller is nearer: measured before probed, then the same share before the same batch.
auto farness(const LearntSpeed& known, const TrainingKind& kind, const DeviceShare& share) {
  const double batches = std::abs(std::log2(static_cast<double>(known.kind.batch_size) /
                                            static_cast<double>(batch_class(kind.batch_size))));
  return std::tuple(known.source == SpeedSource::kProbe, known.share != share,
                    distance(known.share.slots, share.slots),
                    distance(known.share.threads, share.threads), batches,
                    -static_cast<int>(known.source));
}

double macs_ratio(std::int64_t a, std::int64_t b) {
  if (a <= 0 || b <= 0) return 1;
  const double ratio = static_cast<double>(a) / static_cast<double>(b);
  return std::max(ratio, 1 / ratio);
}

void forget_oldest(std::vector<LearntSpeed>& learnt) {
  if (learnt.size() <= kMostLearnt) return;
  learnt.erase(std::min_element(learnt.begin(), learnt.end(), [](const auto& a, const auto& b) {
    return a.learnt_ms < b.learnt_ms;
  }));
}

}  // namespace

TrainingKind training_kind(const TrialConfig& config, const std::string& architecture,
                           std::int64_t macs) {
  return {architecture, macs, config.amp, config.batch_size};
}

void learn(HostSpeeds& speeds, const DeviceKey& device, LearntSpeed observed) {
  if (!(observed.images > 0) || !(observed.seconds > 0)) return;
  observed.kind.batch_size = batch_class(observed.kind.batch_size);
  std::vector<LearntSpeed>& learnt = device_of(speeds, device).learnt;
  const auto known = std::find_if(learnt.begin(), learnt.end(), [&](const LearntSpeed& one) {
    return one.kind == observed.kind && one.share == observed.share;
  });
  if (known == learnt.end()) {
    learnt.push_back(std::move(observed));
    forget_oldest(learnt);
    return;
  }
  if (observed.source < known->source) return;
  if (observed.source == SpeedSource::kTrained && known->source == SpeedSource::kTrained) {
    observed.images += kFading * known->images;
    observed.seconds += kFading * known->seconds;
    observed.epochs += known->epochs;
  }
  *known = std::move(observed);
}

std::optional<KnownSpeed> find_speed(const HostSpeeds& speeds, const DeviceKey& device,
                                     const TrainingKind& kind, const DeviceShare& share) {
  const DeviceSpeeds* of = find_device(speeds, device);
  if (of == nullptr) return std::nullopt;
  const LearntSpeed* nearest = nullptr;
  const auto order = [&](const LearntSpeed& one) {
    return std::tuple_cat(std::tuple(macs_ratio(one.kind.macs, kind.macs)),
                          farness(one, kind, share));
  };
  for (const LearntSpeed& one : of->learnt) {
    if (one.kind.architecture != kind.architecture || one.kind.amp != kind.amp) continue;
    if (macs_ratio(one.kind.macs, kind.macs) > kMostMacsRatio) continue;
    if (nearest == nullptr || order(one) < order(*nearest)) nearest = &one;
  }
  if (nearest == nullptr) return std::nullopt;
  const double same_work =
      kind.macs > 0 && nearest->kind.macs > 0
          ? static_cast<double>(nearest->kind.macs) / static_cast<double>(kind.macs)
          : 1;
  return KnownSpeed{rate_in(device, *nearest, share) * same_work, nearest->source, nearest->epochs};
}

std::optional<double> infer_speed(const HostSpeeds& speeds, const DeviceKey& device,
                                  const TrainingKind& kind, const DeviceShare& share) {
  const DeviceSpeeds* of = find_device(speeds, device);
  if (of == nullptr || kind.macs <= 0) return std::nullopt;
  // By MACs an image, the nearest measurement of each.
  std::map<std::int64_t, const LearntSpeed*> measured;
  for (const LearntSpeed& one : of->learnt) {
    if (one.kind.macs <= 0 || one.kind.amp != kind.amp) continue;
    const LearntSpeed*& place = measured.try_emplace(one.kind.macs, &one).first->second;
    if (farness(one, kind, share) < farness(*place, kind, share)) place = &one;
  }
  if (measured.empty()) return std::nullopt;
  const auto log_pace = [&](const LearntSpeed& one) {  // logarithm of MACs a second
    return std::log(rate_in(device, one, share) * static_cast<double>(one.kind.macs));
  };
  const auto above = measured.lower_bound(kind.macs);
  double pace = 0;
  if (above == measured.begin() || above == measured.end()) {
    pace = log_pace(*(above == measured.end() ? std::prev(above) : above)->second);
  } else {
    const auto below = std::prev(above);
    const double from = std::log(static_cast<double>(below->first));
    const double to = std::log(static_cast<double>(above->first));
    const double part = (std::log(static_cast<double>(kind.macs)) - from) / (to - from);
    pace = (1 - part) * log_pace(*below->second) + part * log_pace(*above->second);
  }
  return std::exp(pace) / static_cast<double>(kind.macs);
}

bool one_slot_is_faster(const HostSpeeds& speeds, const DeviceKey& cpu) {
  const DeviceSpeeds* of = find_device(speeds, cpu);
  if (of == nullptr || cpu.cores < 2) return false;
  const DeviceShare alone{1, cpu.cores}, per_core{cpu.cores, 1};
  double log_ratio = 0;
  for (const LearntSpeed& one : of->learnt) {
    if (one.source == SpeedSource::kProbe || one.share != alone) continue;
    for (const LearntSpeed& many : of->learnt) {
      if (many.source == SpeedSource::kProbe || many.share != per_core || many.kind != one.kind)
        continue;
      log_ratio +=
          std::log(one.images_per_s() / (many.images_per_s() * static_cast<double>(cpu.cores)));
    }
  }
  return log_ratio > 0;
}

}  // namespace firesweep
