#include "coordinator/cli/estimate.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "coordinator/report/render/human.h"
#include "coordinator/search/trial_point.h"
#include "shared/domain/dataset_info.h"
#include "shared/domain/methods.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

// Training throughput in multiply-adds a second where nothing is known: of a CPU core with AVX2 (a
// network of the study does 75 to 110·10⁹ on one, docs/results/variants.md), and of a GPU.
constexpr double kAssumedMacsPerCore = 80e9;
constexpr double kAssumedMacsPerGpu = 5e12;
// What a trial costs the coordinator, and the database for its rows; measured on null trials.
constexpr double kSecondsPerTrial = 1e-4;
constexpr double kBytesPerTrial = 1100;
constexpr double kBytesPerEpoch = 120;
constexpr std::int64_t kMostSampled = 20'000;
constexpr std::int64_t kSampledPoints = 256;
constexpr std::size_t kMostKinds = 64;

using KindKey = std::tuple<std::string, std::int64_t, std::string, std::int64_t>;
KindKey key_of(const TrainingKind& kind) {
  return {kind.architecture, kind.macs, kind.amp, kind.batch_size};
}

const Architecture& architecture_of(const TrialSpace& space, const TrialConfig& config) {
  return space.frozen().architectures.at(config.variant);
}

TrainingKind kind_of(const TrialSpace& space, const TrialConfig& config) {
  return training_kind(config, architecture_of(space, config).hash, space.cost(config).macs);
}

// A trial's images, those that are only evaluated counted by what they cost beside training.
double images_worth(const TrialConfig& config, const DatasetInfo& all) {
  const TrialImages images = trial_images(config, all.train_count);
  const std::int64_t test =
      config.test_size > 0 ? std::min(config.test_size, all.test_count) : all.test_count;
  const std::int64_t test_looks = config.protocol == Protocol::kStudy ? config.epochs : 1;
  return static_cast<double>(images.per_epoch * config.epochs) +
         static_cast<double>(images.held_out * config.epochs + test * test_looks) /
             static_cast<double>(kPassesPerImage);
}

// The trials in the order of dispatch, as far as their cost goes; of a method that learns, as if
// its points lay evenly.
template <class Take>
void each_trial(const TrialSpace& space, std::span<const std::int64_t> order, const Take& take) {
  if (!learns(space.frozen().spec.method)) {
    TrialSpace::Point point(space);
    TrialSpace::PartialConfig config(point, is_of_cost);
    for (const std::int64_t number : order) {
      point.move_to(number / space.seed_count());
      take(config.read());
    }
    return;
  }
  const std::vector<TrialConfig> sample = space.sample(kSampledPoints);
  for (std::int64_t i = 0; i < space.counts().trials && !sample.empty(); ++i) {
    take(sample[static_cast<std::size_t>(i) % sample.size()]);
  }
}

// Images a second of one slot by kind, and what the figures are from.
class Speeds {
 public:
  explicit Speeds(const KnownHost& host) : host_(host) {}

  double of(const TrainingKind& kind) {
    const auto [place, fresh] = known_.try_emplace(key_of(kind), 0);
    if (fresh) place->second = look_up(kind);
    return place->second;
  }

  // "from 412 epochs trained on this host and a probe of 1.8 s".
  std::string basis() const {
    std::vector<std::string> parts;
    if (trained_ > 0) parts.push_back(human_whole(epochs_) + " epochs trained on this host");
    if (bench_ > 0) parts.emplace_back("`firesweep-worker bench` on this host");
    if (probed_ > 0 && host_.probed_seconds > 0) {
      parts.push_back("a probe of " + human_fixed(host_.probed_seconds, 1, " s"));
    } else if (probed_ > 0) {
      parts.emplace_back("an earlier probe of this host");
    }
    if (database_ > 0) parts.emplace_back("the speed measured in this database");
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      text += i == 0 ? "from " : i + 1 == parts.size() ? " and " : ", ";
      text += parts[i];
    }
    const auto more = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    if (inferred_ > 0) more(networks(inferred_) + " estimated from MACs");
    if (assumed_ > 0) more(assumption());
    if (assumed_ > 0 && !host_.why_no_probe.empty()) more(host_.why_no_probe);
    return text;
  }

 private:
  double look_up(const TrainingKind& kind) {
    if (const auto known = find_speed(host_.speeds, host_.device, kind, host_.share)) {
      trained_ += known->source == SpeedSource::kTrained ? 1 : 0;
      bench_ += known->source == SpeedSource::kBench ? 1 : 0;
      probed_ += known->source == SpeedSource::kProbe ? 1 : 0;
      epochs_ += known->epochs;
      return known->images_per_s;
    }
    if (const auto inferred = infer_speed(host_.speeds, host_.device, kind, host_.share)) {
      ++inferred_;
      return *inferred;
    }
    const double macs = static_cast<double>(kPassesPerImage * std::max<std::int64_t>(kind.macs, 1));
    if (host_.database_macs_per_s) {
      ++database_;
      return *host_.database_macs_per_s / macs;
    }
    ++assumed_;
    return assumed_of_device() / static_cast<double>(host_.share.slots) / macs;
  }

  double assumed_of_device() const {
    if (host_.device.cores == 0) return kAssumedMacsPerGpu;
    const std::int64_t used = host_.share.slots * host_.share.threads;
    return kAssumedMacsPerCore *
           static_cast<double>(std::clamp<std::int64_t>(used, 1, host_.device.cores));
  }

  std::string assumption() const {
    std::string text = "assumed";
    if (known_.size() > static_cast<std::size_t>(assumed_)) text += " for " + networks(assumed_);
    if (host_.device.cores == 0) return text + ": a GPU of average speed";
    return text + ": " + std::to_string(host_.device.cores) +
           (host_.device.cores == 1 ? " CPU core" : " CPU cores") + " of average speed";
  }

  static std::string networks(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " network" : " networks");
  }

  const KnownHost& host_;
  std::map<KindKey, double> known_;
  std::int64_t trained_ = 0, bench_ = 0, probed_ = 0, inferred_ = 0, database_ = 0, assumed_ = 0;
  std::int64_t epochs_ = 0;
};

struct TrialCost {
  TrialConfig config;
  Cost network;
  double work = 0;
  double seconds = 0;
};

// When each slot is free again.
class Slots {
 public:
  explicit Slots(std::int64_t count) {
    for (std::int64_t i = 0; i < std::max<std::int64_t>(count, 1); ++i) free_.push(0);
  }
  void take(double seconds) {
    const double end = free_.top() + seconds;
    free_.pop();
    free_.push(end);
    last_ = std::max(last_, end);
  }
  double last() const { return last_; }

 private:
  std::priority_queue<double, std::vector<double>, std::greater<>> free_;
  double last_ = 0;
};

}  // namespace

std::vector<ProbeKind> kinds_of(const TrialSpace& space) {
  const SweepSpec& spec = space.frozen().spec;
  if (spec.trainer == Trainer::kSimulated) return {};
  const DatasetInfo& dataset = dataset_info(spec.dataset);
  struct Found {
    TrialConfig config;
    std::int64_t macs = 0;
    double work = 0;
  };
  std::map<KindKey, Found> kinds;
  // `whole` makes the config whose cost `config` has.
  const auto count = [&](const TrialConfig& config, const auto& whole) {
    const TrainingKind kind = kind_of(space, config);
    const auto [place, is_new] = kinds.try_emplace(key_of(kind));
    Found& found = place->second;
    if (is_new) found = {whole(), kind.macs, 0};
    found.work += static_cast<double>(trial_macs(config, kind.macs, dataset.train_count));
  };
  if (learns(spec.method)) {
    for (const TrialConfig& config : space.sample(kSampledPoints)) {
      count(config, [&] { return config; });
    }
  } else {
    TrialSpace::Point point(space);
    TrialSpace::PartialConfig config(point, is_of_cost);
    const std::int64_t stride = std::max<std::int64_t>(1, space.counts().raw / kMostSampled);
    for (std::int64_t number = 0; number < space.counts().raw; number += stride) {
      if (!space.has(number)) continue;
      point.move_to(number / space.seed_count());
      count(config.read(), [&] { return *space.config(number); });
    }
  }
  std::vector<Found> sorted;
  for (auto& [key, found] : kinds) sorted.push_back(std::move(found));
  std::ranges::sort(sorted, std::greater<>{}, &Found::work);
  // The cheapest and the dearest lead.
  const auto lead = [&](std::size_t place, auto found) {
    if (found != sorted.end())
      std::rotate(sorted.begin() + static_cast<std::ptrdiff_t>(place), found, found + 1);
  };
  if (!sorted.empty()) lead(0, std::ranges::min_element(sorted, {}, &Found::macs));
  if (sorted.size() > 1)
    lead(1, std::max_element(sorted.begin() + 1, sorted.end(),
                             [](const Found& a, const Found& b) { return a.macs < b.macs; }));
  if (sorted.size() > kMostKinds) sorted.resize(kMostKinds);
  std::vector<ProbeKind> result;
  for (const Found& found : sorted) {
    result.push_back({found.config, architecture_of(space, found.config), dataset.classes});
  }
  return result;
}

Estimate estimate(const TrialSpace& space, const KnownHost& host,
                  std::span<const std::int64_t> order) {
  Estimate result;
  result.counts = space.counts();
  const SweepSpec& spec = space.frozen().spec;
  const bool simulated = spec.trainer == Trainer::kSimulated;
  const DatasetInfo& dataset = dataset_info(spec.dataset);
  Speeds speeds(host);
  Slots slots(spec.max_concurrent_trials ? std::min(host.slots, *spec.max_concurrent_trials)
                                         : host.slots);
  std::unordered_map<std::string, TrialCost> newest;  // by variant: neighbours cost the same
  each_trial(space, order, [&](const TrialConfig& config) {
    TrialCost& cost = newest[config.variant];
    if (cost.work == 0 || cost.config != config) {
      const Cost network = space.cost(config);
      cost = {config, network,
              static_cast<double>(trial_macs(config, network.macs, dataset.train_count)),
              simulated ? config.simulated_seconds * static_cast<double>(config.epochs)
                        : images_worth(config, dataset) / speeds.of(kind_of(space, config))};
    }
    VariantShare& share = result.variants[config.variant];
    ++share.trials;
    if (cost.network.macs > share.cost.macs) share.cost = cost.network;
    result.least_params = std::min(result.least_params.value_or(cost.network.params),  //
                                   cost.network.params);
    result.most_params = std::max(result.most_params.value_or(cost.network.params),  //
                                  cost.network.params);
    share.weights_bytes += kBytesPerWeight * static_cast<double>(cost.network.params);
    share.work_macs += cost.work;
    result.work_macs += cost.work;
    result.bytes += kBytesPerTrial + kBytesPerEpoch * static_cast<double>(config.epochs);
    slots.take(cost.seconds);
  });
  result.basis = simulated ? "simulated trials" : speeds.basis();
  result.seconds =
      std::max(slots.last(), kSecondsPerTrial * static_cast<double>(result.counts.trials));
  return result;
}

}  // namespace firesweep
