#include "worker/runtime/slot/simulated_trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <numbers>
#include <string_view>
#include <system_error>

#include "shared/base/splitmix.h"
#include "shared/domain/dataset_info.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

using Clock = std::chrono::steady_clock;

// Whose sizes its trials have; it looks at no data.
constexpr DatasetName kLikeDataset = DatasetName::kCifar100;

constexpr auto kUnitEvery = std::chrono::milliseconds(100);  // while an epoch takes time

// Noise over a key and a counter.
class Noise {
 public:
  Noise(std::string_view config_hash, std::int64_t seed)
      : key_(splitmix64(fnv1a(config_hash) ^ splitmix64(static_cast<std::uint64_t>(seed)))) {}

  // Uniform in [0, 1).
  double uniform(std::uint64_t stream, std::int64_t counter) const {
    return unit_of(
        splitmix64(key_ + splitmix64(stream << 40 ^ static_cast<std::uint64_t>(counter))));
  }

  // Standard normal (Box and Muller, 1958), from `stream` and the one after it.
  double normal(std::uint64_t stream, std::int64_t counter) const {
    const double radius = std::sqrt(-2.0 * std::log1p(-uniform(stream, counter)));
    return radius * std::cos(2.0 * std::numbers::pi * uniform(stream + 1, counter));
  }

 private:
  std::uint64_t key_;
};

// Even numbers: a normal draw takes two streams.
enum Stream : std::uint64_t {
  kTrialStream = 2,
  kTrainStream = 4,
  kValStream = 6,
  kTestStream = 8,
  kFailureStream = 10,
  kFailingEpochStream = 11
};

// Accuracy as a function of the epoch, and what follows from it.
class Curve {
 public:
  explicit Curve(const TrainJob& job)
      : cost_(cost_of(job.architecture)),
        chance_(1.0 / static_cast<double>(std::max<std::int64_t>(job.architecture.classes, 2))),
        noise_(job.config_hash, job.config.seed) {
    const TrialConfig& config = job.config;
    const double params = std::max(static_cast<double>(cost_.params), 1e3);
    const double macs = std::max(static_cast<double>(cost_.macs), 1e6);
    const double size = std::log10(params) + 0.15 * std::log10(macs / 1e6) - 3.0;
    const double best = 0.85 * (1.0 - std::exp(-0.55 * size));
    const double optimum = config.optimizer == "sgd"    ? 0.1
                           : config.optimizer == "muon" ? 0.03
                                                        : 3e-3;
    const double decades = std::log10(std::max(config.lr, 1e-9) / optimum);
    const double lr_factor = std::max(0.0, 1.0 - 0.2 * decades * decades);
    const double smoothing = config.label_smoothing - 0.1;
    const double reached =
        best * lr_factor - 0.5 * smoothing * smoothing + 0.004 * noise_.normal(kTrialStream, 0);
    asymptote_ = std::clamp(reached, chance_, 0.99);
  }

  const Cost& cost() const { return cost_; }
  const Noise& noise() const { return noise_; }

  double validation(std::int64_t epoch) const { return accuracy(epoch, 0.0, kValStream); }
  double test(std::int64_t epoch) const { return accuracy(epoch, -0.003, kTestStream); }
  // Grows past the held-out accuracy as the model memorises.
  double train(std::int64_t epoch) const {
    return accuracy(epoch, 0.10 * (1.0 - std::exp(-static_cast<double>(epoch) / 15.0)),
                    kTrainStream);
  }
  double top5(double top1) const { return 1.0 - std::pow(1.0 - top1, 2.2); }
  // Cross-entropy of a classifier of that accuracy: ln(classes) at chance.
  double loss(double top1) const {
    return -std::log(chance_) * std::pow((1.0 - top1) / (1.0 - chance_), 1.3);
  }

 private:
  double accuracy(std::int64_t epoch, double shift, Stream stream) const {
    const double grown = 1.0 - std::exp(-static_cast<double>(epoch) / 5.0);
    const double mean = chance_ + (asymptote_ + shift - chance_) * grown;
    return std::clamp(mean + 0.002 * noise_.normal(stream, epoch), 0.0, 1.0);
  }

  Cost cost_;
  double chance_;
  Noise noise_;
  double asymptote_ = 0;
};

// The number of the last whole epoch, beside the identity of the work.
class SimulatedCheckpoint {
 public:
  SimulatedCheckpoint(const TrainJob& job, const TrainLocation& place)
      : identity_(identity_of(job.config_hash, job)) {
    if (job.config.simulated_seconds > 0 && !place.checkpoint_folder.empty()) {
      path_ = place.checkpoint_folder / "last.simulated";
      stored_ = place.checkpoint_folder / "stored.simulated";
    }
  }

  // Of the further of this host's own and one brought from another.
  std::int64_t load(const TrainJob& job) const {
    if (path_.empty()) return 0;
    const std::int64_t epochs = job.config.epochs;
    std::int64_t furthest =
        std::max(load(path_, identity_, epochs), load(stored_, identity_, epochs));
    if (furthest > 0) return furthest;
    for (const BegunAs& one : job.begun_as) {
      const std::string identity = identity_of(one.config_hash, job);
      for (const char* name : {"last.simulated", "stored.simulated"}) {
        furthest = std::max(furthest, load(one.folder / name, identity, epochs));
      }
    }
    return furthest;
  }

  static std::int64_t load(const std::filesystem::path& path, const std::string& of,
                           std::int64_t epochs) {
    std::ifstream file(path);
    std::string identity;
    std::int64_t epoch = 0;
    if (!std::getline(file, identity) || identity != of || !(file >> epoch)) return 0;
    return epoch >= 0 && epoch <= epochs ? epoch : 0;
  }

  // Returns whether it can be loaded again.
  bool save(std::int64_t epoch) const {
    if (path_.empty()) return false;
    std::error_code error;
    std::filesystem::create_directories(path_.parent_path(), error);
    std::filesystem::path part = path_;
    part += ".part";
    std::ofstream file(part, std::ios::trunc);
    file << identity_ << '\n' << epoch << '\n';
    file.close();
    if (!file) return false;
    std::filesystem::rename(part, path_, error);
    return !error;
  }

 private:
  static std::string identity_of(const std::string& config_hash, const TrainJob& job) {
    return config_hash + " " + std::to_string(job.config.seed);
  }

  std::string identity_;
  std::filesystem::path path_;    // empty: none is kept
  std::filesystem::path stored_;  // brought from another host
};

// One call of simulate().
class Simulation {
 public:
  Simulation(const TrainJob& job, const TrainLocation& place, const TrainCallbacks& callbacks,
             const StopFlag& stop)
      : job_(job),
        config_(job.config),
        callbacks_(callbacks),
        stop_(stop),
        curve_(job),
        checkpoint_(job, place),
        images_(trial_images(config_, dataset_info(kLikeDataset).train_count)),
        validates_(images_.held_out > 0) {}

  TrainOutcome run(AttemptNo attempt) {
    saved_ = checkpoint_.load(job_);
    if (callbacks_.started) callbacks_.started(saved_);
    if (saved_ > 0) {  // a killed attempt may not have told it
      report_epoch(saved_);
      if (callbacks_.saved) callbacks_.saved(saved_);
    }
    const std::int64_t failing = failing_epoch(attempt);
    for (std::int64_t epoch = saved_ + 1; epoch <= config_.epochs; ++epoch) {
      if (!play(epoch)) {
        if (saved_ < epoch - 1 && checkpoint_.save(epoch - 1)) saved_ = epoch - 1;
        return TrainStopped{saved_};
      }
      if (epoch == failing) {
        return TrainFailed{Reason::kError, "simulated failure in epoch " + std::to_string(epoch),
                           saved_};
      }
      const bool saved = is_due(epoch) && checkpoint_.save(epoch);
      if (saved) {
        saved_ = epoch;
        saved_at_ = Clock::now();
      }
      report_epoch(epoch);
      if (saved && callbacks_.saved) callbacks_.saved(epoch);
    }
    return TrainFinished{result()};
  }

 private:
  // 0: this attempt does not fail.
  std::int64_t failing_epoch(AttemptNo attempt) const {
    const Noise& noise = curve_.noise();
    if (noise.uniform(kFailureStream, attempt.value) >= config_.simulated_failure_rate) return 0;
    const double where = noise.uniform(kFailingEpochStream, attempt.value);
    return saved_ + 1 +
           static_cast<std::int64_t>(where * static_cast<double>(config_.epochs - saved_));
  }

  // The simulated trainer saves between epochs alone.
  bool is_due(std::int64_t epoch) const {
    return job_.checkpoint.due_after(
        epoch, config_.epochs,
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - saved_at_));
  }

  // Lets the epoch's time pass; false where it was interrupted.
  bool play(std::int64_t epoch) {
    const auto length = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(config_.simulated_seconds));
    const Clock::time_point start = Clock::now();
    const Clock::time_point end = start + length;
    for (Clock::time_point now = start; now < end && !stop_.requested(); now = Clock::now()) {
      report_unit(epoch,
                  std::chrono::duration<double>(now - start).count() / config_.simulated_seconds);
      stop_.wait_until(std::min(end, now + kUnitEvery));
    }
    if (stop_.requested()) return false;
    report_unit(epoch, 1.0);
    return true;
  }

  void report_epoch(std::int64_t epoch) const {
    if (callbacks_.epoch) callbacks_.epoch(metrics(epoch));
  }

  void report_unit(std::int64_t epoch, double share) const {
    if (!callbacks_.unit) return;
    LiveProgress live;
    live.epoch = epoch;
    live.epochs = config_.epochs;
    live.batches = std::max<std::int64_t>(1, images_.steps);
    live.batch = std::min(live.batches,
                          static_cast<std::int64_t>(share * static_cast<double>(live.batches)));
    live.images_per_s = images_per_s();
    live.loss = curve_.loss(curve_.train(epoch));
    live.accuracy = epoch == 1 ? 0.0 : held_out(epoch - 1);
    callbacks_.unit(live);
  }

  double held_out(std::int64_t epoch) const {
    return validates_ ? curve_.validation(epoch) : curve_.train(epoch);
  }

  double images_per_s() const {
    return config_.simulated_seconds > 0
               ? static_cast<double>(images_.per_epoch) / config_.simulated_seconds
               : 0.0;
  }

  EpochMetrics metrics(std::int64_t epoch) const {
    EpochMetrics metrics;
    metrics.epoch = epoch;
    metrics.train_accuracy = curve_.train(epoch);
    metrics.train_loss = curve_.loss(metrics.train_accuracy);
    if (validates_) {
      metrics.val_accuracy = curve_.validation(epoch);
      metrics.val_loss = curve_.loss(*metrics.val_accuracy);
      metrics.val_top5 = curve_.top5(*metrics.val_accuracy);
    }
    if (config_.protocol == Protocol::kStudy) metrics.test_accuracy = curve_.test(epoch);
    metrics.lr = config_.lr;
    metrics.seconds = config_.simulated_seconds;
    metrics.images_per_s = images_per_s();
    return metrics;
  }

  TrialResult result() const {
    TrialResult result;
    result.best_epoch = config_.epochs;
    for (std::int64_t epoch = 1; epoch <= config_.epochs; ++epoch) {
      if (held_out(epoch) > held_out(result.best_epoch)) result.best_epoch = epoch;
    }
    result.selected_epoch = config_.select == "best" ? result.best_epoch : config_.epochs;
    if (validates_) {
      result.val_accuracy = curve_.validation(result.selected_epoch);
      result.val_loss = curve_.loss(*result.val_accuracy);
      result.val_top5 = curve_.top5(*result.val_accuracy);
      result.best_val_accuracy = curve_.validation(result.best_epoch);
    }
    result.test_accuracy = curve_.test(result.selected_epoch);
    result.test_loss = curve_.loss(result.test_accuracy);
    result.test_top5 = curve_.top5(result.test_accuracy);
    if (config_.tta != "none")
      result.test_accuracy_flip = std::min(1.0, result.test_accuracy + 0.006);
    result.train_loss = curve_.loss(curve_.train(config_.epochs));
    result.epochs = config_.epochs;
    result.params = curve_.cost().params;
    result.macs = curve_.cost().macs;
    result.train_macs = training_macs(result.macs, images_.per_epoch, config_.epochs);
    result.model_bytes = 4 * result.params;
    result.train_seconds = config_.simulated_seconds * static_cast<double>(config_.epochs);
    result.images_per_s = images_per_s();
    result.device = "simulated";
    result.numeric_class = "simulated";
    result.amp = "off";
    return result;
  }

  const TrainJob& job_;
  const TrialConfig& config_;
  const TrainCallbacks& callbacks_;
  const StopFlag& stop_;
  Curve curve_;
  SimulatedCheckpoint checkpoint_;
  TrialImages images_;
  bool validates_;
  std::int64_t saved_ = 0;  // the newest epoch on disk
  Clock::time_point saved_at_ = Clock::now();
};

}  // namespace

TrainOutcome simulate(const TrainJob& job, AttemptNo attempt, const TrainLocation& place,
                      const TrainCallbacks& callbacks, const StopFlag& stop) {
  return Simulation(job, place, callbacks, stop).run(attempt);
}

}  // namespace firesweep
