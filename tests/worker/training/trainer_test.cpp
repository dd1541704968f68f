#include "worker/training/trainer.h"

#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "tests/worker/training/closed_form.h"
#include "tests/worker/training/trainer_run.h"
#include "worker/training/checkpoint.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

TEST(Train, SameSeedGivesTheSameLossesBitForBit) {
  const RunLog one = run(small_job()), two = run(small_job());
  expect_same_run(one, two);
  ASSERT_EQ(one.units.size(), two.units.size());
  for (std::size_t i = 0; i < one.units.size(); ++i)
    EXPECT_EQ(one.units[i].loss, two.units[i].loss) << i;

  TrainJob other = small_job();
  other.config.seed = 6;
  EXPECT_NE(run(other).epochs[0].train_loss, one.epochs[0].train_loss);
}

TrainJob overfitting_job() {
  TrainJob job = small_job();
  job.config.val_size = 0;
  job.config.augmentation = "none";
  job.config.label_smoothing = 0;
  job.architecture = small_architecture(4, /*dropout=*/0);
  job.config.batch_size = 32;
  job.config.epochs = 40;
  return job;
}

void expect_overfits(const TrainJob& job) {
  const Dataset few = synthetic_dataset(64, 8, 4);
  const RunLog told = run(job, {}, -1, -1, few);
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(told.outcome));
  EXPECT_EQ(told.epochs.back().train_accuracy, 1);
  EXPECT_LT(told.epochs.back().train_loss, 0.1);
}

TEST(Train, Overfits64Images) { expect_overfits(overfitting_job()); }

TEST(Train, MuonOverfits64Images) {
  TrainJob job = overfitting_job();
  job.config.optimizer = "muon";
  job.config.lr = 0.03;
  job.config.sgd_lr = 0.05;
  job.config.weight_decay = 5e-4;
  expect_overfits(job);
}

TEST(Train, ReportsWhatItMeasured) {
  TrainJob job = small_job();
  job.config.tta = "flip";
  job.train_seconds_before = 100;
  const RunLog told = run(job);
  const TrialResult& result = told.result();
  const Cost cost = cost_of(job.architecture);
  EXPECT_EQ(result.params, cost.params);
  EXPECT_EQ(result.macs, cost.macs);
  EXPECT_EQ(result.train_macs, 3 * cost.macs * 96 * 2);
  EXPECT_GT(result.model_bytes, 4 * cost.params);
  EXPECT_EQ(result.epochs, 2);
  EXPECT_EQ(result.selected_epoch, 2);
  EXPECT_TRUE(result.device.starts_with(test_device())) << result.device;
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
  if (test_device() == "cpu") {
    EXPECT_GT(unit.loss, 0);  // a GPU's sums are read less often
  }
}

TEST(Train, TtaAsksForViewsOfTheTestImages) {
  TrainJob job = small_job();
  EXPECT_FALSE(run(job).result().test_accuracy_flip.has_value());
  job.config.tta = "flip";
  EXPECT_TRUE(run(job).result().test_accuracy_flip.has_value());
  job.config.tta = "flip_shift";
  const RunLog told = run(job);
  EXPECT_TRUE(told.result().test_accuracy_flip.has_value());
  EXPECT_EQ(told.units.size(), 2 * (kStepsPerEpoch + 1) + 2U);
}

TEST(Train, EveryFieldOfTheRecipeTogetherTrains) {
  TrainJob job = small_job();
  job.config.optimizer = "muon";
  job.config.lr = 0.03;
  job.config.augmentation = "crop_flip";
  job.config.pad_mode = "reflect";
  job.config.crop_padding = 2;
  job.config.flip = "alternating";
  job.config.bn_momentum = 0.4;
  job.config.bn_bias_lr_factor = 8;
  job.config.trivial_augment = true;
  job.config.cutout = 8;
  job.config.mixup_alpha = 0.2;
  job.config.cutmix_alpha = 1;
  job.config.init = "dirac_whiten";
  job.config.tta = "flip_shift";
  job.config.drop_last = false;
  const RunLog one = run(job), two = run(job);
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(one.outcome));
  expect_same_run(one, two);
}

TEST(Train, SelectBestKeepsTheBestEpochsWeights) {
  const TemporaryFolder folder;
  TrainJob job = small_job();
  job.config.select = "best";
  job.config.schedule = "constant";
  job.config.epochs = 6;
  job.config.lr = 0.05;  // rough enough that the last epoch is not the best
  const RunLog told = run(job, folder.path());
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
  const RunLog until = run(shorter, folder.path() / "until");
  EXPECT_EQ(until.result().test_correct, told.result().test_correct);
  const auto left =
      part_of(read_checkpoint(folder.path() / "selected.safetensors")->tensors, "model");
  const auto right =
      part_of(read_checkpoint(folder.path() / "until" / "selected.safetensors")->tensors, "model");
  for (std::size_t i = 0; i < left.size(); ++i)
    EXPECT_TRUE(at::equal(left[i].tensor, right[i].tensor));
}

TEST(Train, StudyProtocolTestsEveryEpochAndHoldsNothingOut) {
  TrainJob job = small_job();
  job.config.protocol = Protocol::kStudy;
  job.config.drop_last = false;
  job.config.schedule = "one_cycle_per_epoch";
  const RunLog told = run(job);
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

TEST(Train, RefitTrainsOnAllImagesAndTestsOnceAfterTheLastEpoch) {
  TrainJob job = small_job();
  job.config.protocol = Protocol::kRefit;
  job.config.val_size = 0;
  job.config.drop_last = false;
  const RunLog told = run(job);
  for (const EpochMetrics& epoch : told.epochs) {
    EXPECT_FALSE(epoch.test_accuracy.has_value());
    EXPECT_FALSE(epoch.val_accuracy.has_value());
  }
  EXPECT_EQ(told.result().train_macs, 3 * told.result().macs * 160 * 2);
  EXPECT_EQ(told.result().selected_epoch, 2);
  EXPECT_FALSE(told.result().val_accuracy.has_value());
  EXPECT_FALSE(told.result().test_correct.empty());
}

TEST(Train, ALossThatIsNotANumberIsTyped) {
  TrainJob job = small_job();
  job.config.optimizer = "sgd";
  job.config.schedule = "constant";
  job.config.lr = 1e30;
  const RunLog told = run(job);
  ASSERT_TRUE(std::holds_alternative<TrainFailed>(told.outcome));
  const auto& failed = std::get<TrainFailed>(told.outcome);
  EXPECT_EQ(failed.reason, Reason::kNan);
  EXPECT_NE(failed.message.find("epoch 1"), std::string::npos) << failed.message;
}

TEST(Train, WhatDoesNotFitIsABadConfigThatNamesTheField) {
  const auto expect_refused = [](const TrainJob& job, const std::string& field) {
    const RunLog told = run(job);
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
  if (test_device() == "cpu") {
    job = small_job();
    job.config.amp = "fp16";
    expect_refused(job, "amp");
  }
  job = small_job();
  job.config.optimizer = "adam";
  expect_refused(job, "optimizer");
  for (auto [field, member] :
       {std::pair("init", &TrialConfig::init), std::pair("tta", &TrialConfig::tta),
        std::pair("flip", &TrialConfig::flip), std::pair("pad_mode", &TrialConfig::pad_mode)}) {
    job = small_job();
    job.config.*member = "other";
    expect_refused(job, field);
  }
  for (const char* const beginning :
       {R"({"max_pool": 2}, {"conv": 8})", R"("bn", {"conv": 8})", R"({"conv": 6, "groups": 3})",
        R"({"residual": [{"conv": 8}], "shortcut": [{"conv": 8}]})"}) {
    SCOPED_TRACE(beginning);
    job = small_job();
    job.config.init = "whiten";
    job.architecture = architecture_from(
        R"({"format": 1, "name": "a", "input": [3, 32, 32], "blocks": [)" + std::string(beginning) +
            R"(, "global_avg_pool", {"linear": "classes"}]})",
        4);
    expect_refused(job, "init");
  }
  job = small_job();
  job.architecture = small_architecture(5);
  expect_refused(job, "variant");
}

TEST(Train, AnUnwritableCheckpointFolderIsAnErrorThatNamesIt) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "in the way";
  const RunLog told = run(small_job(), folder.path() / "file");
  ASSERT_TRUE(std::holds_alternative<TrainFailed>(told.outcome));
  EXPECT_EQ(std::get<TrainFailed>(told.outcome).reason, Reason::kError);
  EXPECT_NE(std::get<TrainFailed>(told.outcome).message.find(folder.path().string()),
            std::string::npos);
}

TEST(Train, ADeviceThatIsNotThereIsAnError) {
  for (const char* device : {"cuda:99", "cuda", "tpu"}) {
    const TrainOutcome outcome = train(small_job(), small_data(), {device, {}}, {});
    ASSERT_TRUE(std::holds_alternative<TrainFailed>(outcome));
    EXPECT_EQ(std::get<TrainFailed>(outcome).reason, Reason::kError);
    EXPECT_NE(std::get<TrainFailed>(outcome).message.find(device), std::string::npos);
  }
}

TEST(Train, Bf16IsTakenAndResumesBitForBitOrIsRefusedAsTheHostOffersIt) {
  const auto kinds = amp_kinds("cpu");
  TrainJob job = small_job();
  job.config.amp = "bf16";
  const RunLog told = run(job);
  if (std::ranges::find(kinds, "bf16") == kinds.end()) {
    ASSERT_TRUE(std::holds_alternative<TrainFailed>(told.outcome));
    EXPECT_EQ(std::get<TrainFailed>(told.outcome).reason, Reason::kBadConfig);
    return;
  }
  EXPECT_EQ(told.result().amp, "bf16");
  EXPECT_NE(told.epochs[0].train_loss, run(small_job()).epochs[0].train_loss);
  const TemporaryFolder folder;
  const RunLog stopped = run(job, folder.path(), 2);
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
  const RunLog told = run(job), plain = run(small_job());
  EXPECT_NE(told.result().numeric_class, plain.result().numeric_class);
  EXPECT_EQ(told.epochs[0].train_loss, run(job).epochs[0].train_loss);
}

}  // namespace
}  // namespace firesweep
