#include "worker/training/trainer.h"

#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/worker/training/closed_form.h"
#include "tests/worker/training/synthetic.h"
#include "worker/training/checkpoint.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kStepsPerEpoch = 4;

const Dataset& data() {
  static const Dataset dataset = synthetic_dataset(160, 40, 4);
  return dataset;
}

// What a run told and how it ended.
struct Told {
  TrainOutcome outcome;
  std::vector<std::int64_t> started;
  std::vector<EpochMetrics> epochs;
  std::vector<LiveProgress> units;
  std::vector<std::string> warnings;

  const TrialResult& result() const { return std::get<TrainFinished>(outcome).result; }
};

// Runs a job; `stop_after` batches or evaluation batches it is asked to stop, `die_after` of them
// the run is cut off by an exception as if it had been killed, with nothing saved.
Told run(const TrainJob& job, const fs::path& folder = {}, int stop_after = -1, int die_after = -1,
         const Dataset& dataset = data()) {
  Told told;
  const auto units = [&] { return static_cast<int>(told.units.size()); };
  TrainCallbacks callbacks;
  callbacks.started = [&](std::int64_t epoch) { told.started.push_back(epoch); };
  callbacks.epoch = [&](const EpochMetrics& metrics) { told.epochs.push_back(metrics); };
  callbacks.unit = [&](const LiveProgress& progress) {
    told.units.push_back(progress);
    if (units() == die_after) throw std::runtime_error("killed");
  };
  callbacks.stop_requested = [&] { return stop_after >= 0 && units() >= stop_after; };
  callbacks.warned = [&](const std::string& text) { told.warnings.push_back(text); };
  told.outcome = train(job, dataset, {"cpu", folder}, callbacks);
  return told;
}

EpochMetrics without_timing(EpochMetrics metrics) {
  metrics.seconds = 0;
  metrics.images_per_s = 0;
  return metrics;
}

void expect_same_run(const Told& a, const Told& b) {
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(a.outcome));
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(b.outcome));
  EXPECT_EQ(without_timing(a.result()), without_timing(b.result()));
  ASSERT_FALSE(a.epochs.empty());
  EXPECT_EQ(without_timing(a.epochs.back()), without_timing(b.epochs.back()));
}

void expect_same_checkpoint(const fs::path& a, const fs::path& b) {
  const Checkpoint left = read_checkpoint(a).value(), right = read_checkpoint(b).value();
  EXPECT_EQ(left.epoch, right.epoch);
  EXPECT_EQ(left.best_accuracy, right.best_accuracy);
  EXPECT_EQ(left.selected, right.selected);
  ASSERT_EQ(left.tensors.size(), right.tensors.size());
  for (std::size_t i = 0; i < left.tensors.size(); ++i) {
    EXPECT_EQ(left.tensors[i].name, right.tensors[i].name);
    EXPECT_TRUE(at::equal(left.tensors[i].tensor, right.tensors[i].tensor)) << left.tensors[i].name;
  }
}

TrainJob demanding_job() {  // every kind of state that a checkpoint must carry
  TrainJob job = small_job();
  job.config.select = "best";
  job.config.ema_decay = 0.8;
  job.config.grad_clip = 1;
  return job;
}

TEST(Train, SameSeedGivesTheSameLossesBitForBit) {
  const Told one = run(small_job()), two = run(small_job());
  expect_same_run(one, two);
  ASSERT_EQ(one.units.size(), two.units.size());
  for (std::size_t i = 0; i < one.units.size(); ++i)
    EXPECT_EQ(one.units[i].loss, two.units[i].loss) << i;

  TrainJob other = small_job();
  other.config.seed = 6;
  EXPECT_NE(run(other).epochs[0].train_loss, one.epochs[0].train_loss);
}

TEST(Train, StoppedAtAnyBatchAndResumedEqualsUninterruptedBitForBit) {
  const TemporaryFolder folder;
  const TrainJob job = demanding_job();
  const Told whole = run(job, folder.path() / "whole");
  const int units = static_cast<int>(whole.units.size());
  ASSERT_EQ(units, 2 * (kStepsPerEpoch + 1) + 1);  // a validation batch an epoch, then a test batch
  for (int stop = 0; stop < units; ++stop) {
    const fs::path here = folder.path() / std::to_string(stop);
    const Told first = run(job, here, stop);
    ASSERT_TRUE(std::holds_alternative<TrainStopped>(first.outcome)) << stop;
    const Told second = run(job, here);
    EXPECT_EQ(second.started,
              (std::vector<std::int64_t>{std::get<TrainStopped>(first.outcome).checkpoint_epoch}));
    SCOPED_TRACE("stopped after unit " + std::to_string(stop));
    expect_same_run(whole, second);
    expect_same_checkpoint(folder.path() / "whole" / "last.pt", here / "last.pt");
    expect_same_checkpoint(folder.path() / "whole" / "selected.pt", here / "selected.pt");
  }
}

TEST(Train, KilledAtAnyBatchAndResumedEqualsUninterruptedBitForBit) {
  const TemporaryFolder folder;
  TrainJob job = demanding_job();
  job.config.optimizer = "sgd";
  job.config.lr = 0.05;
  const Told whole = run(job);
  for (int die = 1; die <= static_cast<int>(whole.units.size()); ++die) {
    const fs::path here = folder.path() / std::to_string(die);
    const Told first = run(job, here, -1, die);
    ASSERT_TRUE(std::holds_alternative<TrainFailed>(first.outcome)) << die;
    const auto& failed = std::get<TrainFailed>(first.outcome);
    EXPECT_EQ(failed.reason, Reason::kError);
    EXPECT_EQ(failed.checkpoint_epoch, (die - 1) / (kStepsPerEpoch + 1)) << die;
    SCOPED_TRACE("killed at unit " + std::to_string(die));
    expect_same_run(whole, run(job, here));
  }
}

TEST(Train, ResumedTellsItsLastEpochOnceMore) {
  const TemporaryFolder folder;
  const Told first = run(small_job(), folder.path(), kStepsPerEpoch + 2);
  const Told second = run(small_job(), folder.path());
  ASSERT_EQ(first.epochs.size(), 1U);
  ASSERT_EQ(second.epochs.size(), 2U);
  EXPECT_EQ(second.epochs[0], first.epochs[0]);
}

TEST(Train, CheckpointOfAnotherHostResumesAndSaysSo) {
  const TemporaryFolder folder;
  run(small_job(), folder.path(), kStepsPerEpoch + 2);
  Checkpoint saved = read_checkpoint(folder.path() / "last.pt").value();
  saved.numeric_class = "another CPU";
  ASSERT_TRUE(write_checkpoint(folder.path() / "last.pt", saved));
  const Told told = run(small_job(), folder.path());
  EXPECT_EQ(told.started, (std::vector<std::int64_t>{1}));
  EXPECT_FALSE(told.result().resume_exact);
}

TEST(Train, UnusableCheckpointsAreWarnedAboutAndTrainingBeginsAnew) {
  const TemporaryFolder folder;
  const Told whole = run(small_job());
  std::ofstream(folder.path() / "last.pt") << "rubbish";
  const Told told = run(small_job(), folder.path());
  EXPECT_EQ(told.warnings.size(), 1U);
  EXPECT_EQ(told.started, (std::vector<std::int64_t>{0}));
  expect_same_run(whole, told);

  // Right by its words, but of another architecture.
  Checkpoint misfit = read_checkpoint(folder.path() / "last.pt").value();
  misfit.tensors.pop_back();
  ASSERT_TRUE(write_checkpoint(folder.path() / "last.pt", misfit));
  const Told again = run(small_job(), folder.path());
  EXPECT_EQ(again.warnings.size(), 1U);
  EXPECT_EQ(again.started, (std::vector<std::int64_t>{0}));
  expect_same_run(whole, again);
}

TEST(Train, Overfits64Images) {
  const Dataset few = synthetic_dataset(64, 8, 4);
  TrainJob job = small_job();
  job.config.val_size = 0;
  job.config.augmentation = "none";
  job.config.label_smoothing = 0;
  job.architecture = small_architecture(4, /*dropout=*/0);
  job.config.batch_size = 32;
  job.config.epochs = 40;
  const Told told = run(job, {}, -1, -1, few);
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(told.outcome));
  EXPECT_EQ(told.epochs.back().train_accuracy, 1);
  EXPECT_LT(told.epochs.back().train_loss, 0.1);
}

TEST(Train, ReportsWhatItMeasured) {
  TrainJob job = small_job();
  job.config.flip_tta = true;
  job.train_seconds_before = 100;
  const Told told = run(job);
  const TrialResult& result = told.result();
  const Cost cost = cost_of(job.architecture);
  EXPECT_EQ(result.params, cost.params);
  EXPECT_EQ(result.macs, cost.macs);
  EXPECT_EQ(result.train_macs, 3 * cost.macs * 96 * 2);
  EXPECT_GT(result.model_bytes, 4 * cost.params);
  EXPECT_EQ(result.epochs, 2);
  EXPECT_EQ(result.selected_epoch, 2);
  EXPECT_EQ(result.device, "cpu");
  EXPECT_EQ(result.amp, "off");
  EXPECT_TRUE(result.resume_exact);
  EXPECT_GT(result.train_seconds, 100);
  EXPECT_GT(result.images_per_s, 0);
  EXPECT_GT(result.peak_memory_bytes, 10'000'000);
  EXPECT_FALSE(result.numeric_class.empty());
  EXPECT_FALSE(result.torch_version.empty());
  EXPECT_TRUE(result.test_accuracy_flip.has_value());
  EXPECT_EQ(result.val_accuracy, told.epochs[1].val_accuracy);
  EXPECT_EQ(result.best_val_accuracy,
            std::max(told.epochs[0].val_accuracy, told.epochs[1].val_accuracy));
  EXPECT_GE(result.test_top5, result.test_accuracy);
  EXPECT_FALSE(told.epochs[0].test_accuracy.has_value());

  const auto ones = [](const std::vector<std::uint8_t>& bits) {
    double count = 0;
    for (const std::uint8_t byte : bits) count += std::popcount(byte);
    return count;
  };
  ASSERT_EQ(result.val_correct.size(), 8U);
  ASSERT_EQ(result.test_correct.size(), 5U);
  EXPECT_DOUBLE_EQ(ones(result.val_correct) / 64, *result.val_accuracy);
  EXPECT_DOUBLE_EQ(ones(result.test_correct) / 40, result.test_accuracy);

  const LiveProgress& unit = told.units.at(2);
  EXPECT_EQ(unit.epoch, 1);
  EXPECT_EQ(unit.epochs, 2);
  EXPECT_EQ(unit.batch, 3);
  EXPECT_EQ(unit.batches, kStepsPerEpoch);
  EXPECT_GT(unit.loss, 0);
}

TEST(Train, SelectBestKeepsTheBestEpochsWeights) {
  const TemporaryFolder folder;
  TrainJob job = small_job();
  job.config.select = "best";
  job.config.schedule = "constant";
  job.config.epochs = 6;
  job.config.lr = 0.05;  // rough enough that the last epoch is not the best
  const Told told = run(job, folder.path());
  std::int64_t best = 0;
  for (const EpochMetrics& epoch : told.epochs)
    if (best == 0 ||
        epoch.val_accuracy > told.epochs[static_cast<std::size_t>(best - 1)].val_accuracy)
      best = epoch.epoch;
  ASSERT_LT(best, 6);
  EXPECT_EQ(told.result().best_epoch, best);
  EXPECT_EQ(told.result().selected_epoch, best);
  EXPECT_EQ(told.result().val_accuracy,
            told.epochs[static_cast<std::size_t>(best - 1)].val_accuracy);

  // The weights are those of a run that stopped there.
  TrainJob shorter = job;
  shorter.config.epochs = best;
  shorter.config.select = "last";
  const Told until = run(shorter, folder.path() / "until");
  EXPECT_EQ(until.result().test_correct, told.result().test_correct);
  const auto left = part_of(read_checkpoint(folder.path() / "selected.pt")->tensors, "model");
  const auto right =
      part_of(read_checkpoint(folder.path() / "until" / "selected.pt")->tensors, "model");
  for (std::size_t i = 0; i < left.size(); ++i)
    EXPECT_TRUE(at::equal(left[i].tensor, right[i].tensor));
}

TEST(Train, StudyProtocolTestsEveryEpochAndHoldsNothingOut) {
  TrainJob job = small_job();
  job.config.protocol = "study";
  job.config.drop_last = false;
  job.config.schedule = "one_cycle_per_epoch";
  const Told told = run(job);
  ASSERT_EQ(told.epochs.size(), 2U);
  for (const EpochMetrics& epoch : told.epochs) {
    EXPECT_TRUE(epoch.test_accuracy.has_value());
    EXPECT_FALSE(epoch.val_accuracy.has_value());
  }
  EXPECT_EQ(told.units.front().batches, 7);  // 160 images, the last 16 as a batch of their own
  EXPECT_EQ(told.epochs.back().test_accuracy, told.result().test_accuracy);
  EXPECT_FALSE(told.result().val_accuracy.has_value());
  EXPECT_TRUE(told.result().val_correct.empty());
}

TEST(Train, ALossThatIsNotANumberIsTyped) {
  TrainJob job = small_job();
  job.config.optimizer = "sgd";
  job.config.schedule = "constant";
  job.config.lr = 1e30;
  const Told told = run(job);
  ASSERT_TRUE(std::holds_alternative<TrainFailed>(told.outcome));
  const auto& failed = std::get<TrainFailed>(told.outcome);
  EXPECT_EQ(failed.reason, Reason::kNan);
  EXPECT_NE(failed.message.find("epoch 1"), std::string::npos) << failed.message;
}

TEST(Train, WhatDoesNotFitIsABadConfigThatNamesTheField) {
  const auto expect_refused = [](const TrainJob& job, const std::string& field) {
    const Told told = run(job);
    ASSERT_TRUE(std::holds_alternative<TrainFailed>(told.outcome)) << field;
    const auto& failed = std::get<TrainFailed>(told.outcome);
    EXPECT_EQ(failed.reason, Reason::kBadConfig) << field;
    EXPECT_TRUE(failed.message.starts_with(field + ": ")) << failed.message;
    EXPECT_TRUE(told.started.empty());
  };
  TrainJob job = small_job();
  job.config.batch_size = 97;
  expect_refused(job, "batch_size");
  job = small_job();
  job.config.val_size = 161;
  expect_refused(job, "val_size");
  job = small_job();
  job.config.val_size = 0;
  job.config.select = "best";
  expect_refused(job, "select");
  job = small_job();
  job.config.amp = "fp16";
  expect_refused(job, "amp");
  job = small_job();
  job.config.optimizer = "adam";
  expect_refused(job, "optimizer");
  job = small_job();
  job.architecture = small_architecture(5);
  expect_refused(job, "variant");
}

TEST(Train, MoreMemoryThanThereIsIsTypedAsOom) {
  TrainJob job = small_job();
  const std::int64_t wide = std::int64_t{1}
                            << 45;  // beyond the address space, whatever the kernel promises
  job.architecture.layers = {{"0", Conv{3, wide, 1, 1, 0, 1, true}, {wide, 32, 32}}};
  const Told told = run(job);
  ASSERT_TRUE(std::holds_alternative<TrainFailed>(told.outcome));
  EXPECT_EQ(std::get<TrainFailed>(told.outcome).reason, Reason::kOom)
      << std::get<TrainFailed>(told.outcome).message;
}

// The device's memory is short from the first batch on, `failures` times.
TrainOutcome train_short_of_memory(int failures, int& starts,
                                   const std::function<bool()>& alone = {}) {
  TrainCallbacks callbacks;
  callbacks.alone = alone;
  callbacks.started = [&starts](std::int64_t) { ++starts; };
  callbacks.unit = [&failures](const LiveProgress&) {
    if (failures-- > 0) throw std::bad_alloc();
  };
  return train(small_job(), data(), {}, callbacks);
}

TEST(Train, OutOfMemoryOnceIsTriedAgainToTheSameResult) {
  int starts = 0;
  const TrainOutcome outcome = train_short_of_memory(1, starts);
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(outcome));
  const Told undisturbed = run(small_job());
  EXPECT_EQ(without_timing(std::get<TrainFinished>(outcome).result),
            without_timing(std::get<TrainFinished>(undisturbed.outcome).result));
  EXPECT_EQ(starts, 1);
}

TEST(Train, OutOfMemoryAgainTrainsInPartsAndTheResultSaysSo) {
  int starts = 0;
  const TrainOutcome outcome = train_short_of_memory(3, starts);
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(outcome));
  const std::string told = std::get<TrainFinished>(outcome).result.numeric_class;
  EXPECT_NE(told.find("batches in 4 parts"), std::string::npos) << told;
  EXPECT_EQ(starts, 1);
}

TEST(Train, OutOfMemoryIsTriedAgainOnceTheDeviceIsItsAlone) {
  int starts = 0, asked = 0;
  const TrainOutcome outcome = train_short_of_memory(1, starts, [&asked] {
    ++asked;
    return true;
  });
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(outcome));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(std::get<TrainFinished>(outcome).result.numeric_class.find("parts"), std::string::npos);
}

TEST(Train, AStopWhileItWaitsToBeAloneEndsTheTrial) {
  int starts = 0;
  const TrainOutcome outcome = train_short_of_memory(1, starts, [] { return false; });
  ASSERT_TRUE(std::holds_alternative<TrainStopped>(outcome));
  EXPECT_EQ(std::get<TrainStopped>(outcome).checkpoint_epoch, 0);
}

TEST(Train, OutOfMemoryForEverIsTypedAsOom) {
  int starts = 0;
  const TrainOutcome outcome = train_short_of_memory(1000, starts);
  ASSERT_TRUE(std::holds_alternative<TrainFailed>(outcome));
  EXPECT_EQ(std::get<TrainFailed>(outcome).reason, Reason::kOom);
}

TEST(Train, AnUnwritableCheckpointFolderIsAnErrorThatNamesIt) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "in the way";
  const Told told = run(small_job(), folder.path() / "file");
  ASSERT_TRUE(std::holds_alternative<TrainFailed>(told.outcome));
  EXPECT_EQ(std::get<TrainFailed>(told.outcome).reason, Reason::kError);
  EXPECT_NE(std::get<TrainFailed>(told.outcome).message.find(folder.path().string()),
            std::string::npos);
}

TEST(Train, ADeviceThatIsNotThereIsAnError) {
  for (const char* device : {"cuda:99", "cuda", "tpu"}) {
    const TrainOutcome outcome = train(small_job(), data(), {device, {}}, {});
    ASSERT_TRUE(std::holds_alternative<TrainFailed>(outcome));
    EXPECT_EQ(std::get<TrainFailed>(outcome).reason, Reason::kError);
    EXPECT_NE(std::get<TrainFailed>(outcome).message.find(device), std::string::npos);
  }
}

TEST(Train, Bf16IsTakenAndResumesBitForBitOrIsRefusedAsTheHostOffersIt) {
  const auto kinds = amp_kinds("cpu");
  TrainJob job = small_job();
  job.config.amp = "bf16";
  const Told told = run(job);
  if (std::ranges::find(kinds, "bf16") == kinds.end()) {
    ASSERT_TRUE(std::holds_alternative<TrainFailed>(told.outcome));
    EXPECT_EQ(std::get<TrainFailed>(told.outcome).reason, Reason::kBadConfig);
    return;
  }
  EXPECT_EQ(told.result().amp, "bf16");
  EXPECT_NE(told.epochs[0].train_loss, run(small_job()).epochs[0].train_loss);
  const TemporaryFolder folder;
  const Told stopped = run(job, folder.path(), 2);
  ASSERT_TRUE(std::holds_alternative<TrainStopped>(stopped.outcome));
  expect_same_run(told, run(job, folder.path()));
}

TEST(Train, AutoPrecisionIsOneTheHostOffers) {
  TrainJob job = small_job();
  job.config.amp = "auto";
  const auto kinds = amp_kinds("cpu");
  EXPECT_NE(std::ranges::find(kinds, run(job).result().amp), kinds.end());
}

TEST(Train, DeterministicModeTrainsAndIsANumericClassOfItsOwn) {
  TrainJob job = small_job();
  job.config.deterministic = true;
  const Told told = run(job), plain = run(small_job());
  EXPECT_NE(told.result().numeric_class, plain.result().numeric_class);
  EXPECT_EQ(told.epochs[0].train_loss, run(job).epochs[0].train_loss);
}

}  // namespace
}  // namespace firesweep
