#include "worker/runtime/slot/trial_runner.h"

#include <spdlog/spdlog.h>

#include <exception>
#include <new>
#include <utility>

#include "shared/base/build_commit.h"
#include "shared/codec/sha256.h"
#include "shared/domain/longer_training.h"
#include "worker/runtime/slot/simulated_trainer.h"

namespace firesweep {
namespace {

constexpr std::int64_t kMostInstantaneousEpochs = 1'000;

TrainJob job_of(const Assign& assign, std::vector<BegunAs> begun_as = {}) {
  return {assign.config,     assign.architecture, assign.config_hash, assign.train_seconds_before,
          assign.checkpoint, std::move(begun_as)};
}

// The identity under which this host keeps the checkpoints of such work: its config hash, which the
// dataset's checksum is part of. That of simulated work does not tell datasets apart.
std::string kept_as(const Assign& assign, const std::string& config_hash) {
  if (find_choice<Trainer>(assign.trainer) != Trainer::kSimulated) return config_hash;
  return sha256_hex(config_hash + " on " + assign.dataset);
}

TrainOutcome failed(Reason reason, std::string message) {
  return TrainFailed{reason, std::move(message), 0};
}

}  // namespace

bool is_instantaneous(const Assign& assign) {
  return find_choice<Trainer>(assign.trainer) == Trainer::kSimulated &&
         assign.config.simulated_seconds <= 0 && assign.config.epochs <= kMostInstantaneousEpochs;
}

TrialRunner::TrialRunner(TorchTraining torch, Locations data, CheckpointFolders folders,
                         std::string device, CheckpointCourier* courier,
                         std::optional<SharedDevice> shared, std::optional<SpeedNotes> notes)
    : torch_(torch),
      data_(std::move(data)),
      folders_(std::move(folders)),
      device_(std::move(device)),
      courier_(courier),
      shared_(std::move(shared)),
      notes_(std::move(notes)) {}

TrainOutcome TrialRunner::run(const Assign& assign, TrainCallbacks callbacks,
                              const StopFlag& stop) {
  checkpoint_missed_ = false;
  upload_ = 0;
  callbacks.started = [this, &assign, started = std::move(callbacks.started)](std::int64_t epoch) {
    if (epoch == 0 && !assign.begun_as.empty()) miss_earlier(assign);
    if (started) started(epoch);
  };
  callbacks.stop_requested = [&stop] { return stop.requested(); };
  callbacks.warned = [key = assign.key](const std::string& what) {
    spdlog::warn("event=trainer_warned trial={} what=\"{}\"", to_string(key), what);
  };
  try {
    TrainOutcome outcome = run_checked(assign, callbacks, stop);
    if (auto* finished = std::get_if<TrainFinished>(&outcome)) {
      finished->result.build_commit = build_commit();
    }
    return outcome;
  } catch (const std::bad_alloc&) {
    return failed(Reason::kOom, "out of memory");
  } catch (const std::exception& thrown) {
    return failed(Reason::kError, thrown.what());
  }
}

TrainOutcome TrialRunner::run_checked(const Assign& assign, const TrainCallbacks& callbacks,
                                      const StopFlag& stop) {
  if (is_instantaneous(assign))
    return simulate(job_of(assign), assign.key.attempt, {device_, {}}, callbacks, stop);
  const auto trainer = find_choice<Trainer>(assign.trainer);
  if (!trainer || (*trainer == Trainer::kTorch && !torch_)) {
    return failed(Reason::kBadConfig, "no trainer \"" + assign.trainer + "\" in this worker");
  }
  const HeldFolder folder = folders_.hold(kept_as(assign, assign.config_hash), assign.config.seed);
  const TrainLocation place{device_, folder.path};
  const bool travels = courier_ != nullptr && !folder.path.empty();
  const bool simulated = *trainer == Trainer::kSimulated;
  using Formats = std::vector<std::string>;
  const Formats formats =
      simulated ? Formats{"simulated"} : Formats{kCheckpointFormat, kFormerCheckpointFormat};
  const std::string& format = formats.front();
  TrainCallbacks told = callbacks;
  bool began = false;
  told.started = [&](std::int64_t epoch) {
    began = true;
    if (callbacks.started) callbacks.started(epoch);
  };
  if (travels) {
    told.saved = [&](std::int64_t epochs) {
      if (callbacks.saved) callbacks.saved(epochs);
      courier_->offer(assign.key, epochs, folder.path, format, false);
    };
    checkpoint_missed_ =
        assign.checkpoint_stored && !courier_->fetch(assign.key, folder.path, formats, stop);
  }
  begun_as_ = find_earlier(assign, folder.path, formats, stop);
  TrainOutcome outcome;
  if (simulated) {
    outcome = simulate(job_of(assign, begun_as_), assign.key.attempt, place, told, stop);
  } else {
    outcome = train(assign, place, told, stop);
  }
  const auto* const stopped = std::get_if<TrainStopped>(&outcome);
  if (travels && began && stopped != nullptr) {
    upload_ = courier_->offer(assign.key, stopped->checkpoint_epoch, folder.path, format, true);
  }
  if (const auto* finished = std::get_if<TrainFinished>(&outcome);
      finished != nullptr && !folder.path.empty()) {
    const double score = finished->result.val_accuracy.value_or(finished->result.test_accuracy);
    const std::lock_guard lock(mutex_);
    finished_[assign.key] = {{folder.path, assign.sweep_hash, score},
                             assign.checkpoint,
                             may_be_continued(assign.config)};
  }
  return outcome;
}

// What lies on this host, else what the coordinator has of the longest one. A trial with a
// checkpoint of its own looks at none of them.
std::vector<BegunAs> TrialRunner::find_earlier(const Assign& assign,
                                               const std::filesystem::path& folder,
                                               const std::vector<std::string>& formats,
                                               const StopFlag& stop) const {
  std::vector<BegunAs> found;
  if (folder.empty()) return found;
  for (const EarlierTraining& one : assign.begun_as) {
    const std::string kept = kept_as(assign, one.config_hash);
    for (auto& place : folders_.folders_of(kept, assign.config.seed)) {
      found.push_back({one.config_hash, std::move(place)});
    }
  }
  if (!found.empty() || assign.checkpoint_stored || courier_ == nullptr) return found;
  for (const EarlierTraining& one : assign.begun_as) {
    if (!one.checkpoint_stored) continue;
    if (courier_->fetch(one.key, folder, formats, stop)) found.push_back({one.config_hash, folder});
    break;
  }
  return found;
}

void TrialRunner::miss_earlier(const Assign& assign) {
  checkpoint_missed_ = true;
  spdlog::warn(
      "event=begins_from_nothing trial={} why=\"no checkpoint of the shorter trial {} was found\"",
      to_string(assign.key), to_string(assign.begun_as.front().key.trial));
}

TrainOutcome TrialRunner::train(const Assign& assign, const TrainLocation& place,
                                const TrainCallbacks& callbacks, const StopFlag& stop) {
  const auto images = dataset(assign);
  if (!images) return failed(Reason::kError, to_string(images.error()));
  const auto train = [&](const TrainCallbacks& told) {
    if (!notes_) return torch_.train(job_of(assign, begun_as_), *images, place, told);
    TrainCallbacks noted = told;
    std::int64_t resumed_from = 0;  // that epoch is told again, and was noted
    noted.started = [&](std::int64_t epoch) {
      resumed_from = epoch;
      notes_->start();
      if (told.started) told.started(epoch);
    };
    noted.epoch = [&](const EpochMetrics& metrics) {
      if (told.epoch) told.epoch(metrics);
      if (metrics.epoch > resumed_from) notes_->epoch(assign, metrics);
    };
    TrainOutcome outcome = torch_.train(job_of(assign, begun_as_), *images, place, noted);
    notes_->flush();
    return outcome;
  };
  if (!shared_) return train(callbacks);
  const auto memory = [this] { return torch_.device_memory(device_); };
  return train_on_shared(*shared_, assign, stop, callbacks, memory, train);
}

Result<Dataset> TrialRunner::dataset(const Assign& assign) {
  auto known = datasets_.find(assign.dataset);
  if (known == datasets_.end()) {
    auto opened = open_dataset(assign.dataset, data_);
    if (!opened) return opened;
    known = datasets_.emplace(assign.dataset, std::move(*opened)).first;
  }
  if (known->second.info().checksum != assign.dataset_checksum) {
    return fail(ErrorCode::kConflict, "dataset " + assign.dataset,
                "this host's has checksum " + known->second.info().checksum + ", the sweep's is " +
                    assign.dataset_checksum);
  }
  return known->second;
}

void TrialRunner::forget(TrialKey key) {
  Finished done;
  {
    const std::lock_guard lock(mutex_);
    const auto finished = finished_.find(key);
    if (finished == finished_.end()) return;
    done = std::move(finished->second);
    finished_.erase(finished);
  }
  CheckpointFolders::forget_resume(done.trial.folder, done.may_be_continued);
  keep_weights(done.trial, done.rules);
}

void TrialRunner::begin_generation() {
  const std::lock_guard lock(mutex_);
  finished_.clear();
}

}  // namespace firesweep
