// Training that goes on where it was stopped or killed.
#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <fstream>

#include "shared/domain/longer_training.h"
#include "tests/worker/training/trainer_run.h"
#include "worker/training/checkpoint.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

void expect_same_checkpoint(const fs::path& a, const fs::path& b) {
  const Checkpoint left = read_checkpoint(a).value(), right = read_checkpoint(b).value();
  EXPECT_EQ(left.epoch, right.epoch);
  EXPECT_EQ(left.best_metric, right.best_metric);
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

TEST(Resume, StoppedAtAnyBatchAndResumedEqualsUninterruptedBitForBit) {
  const TemporaryFolder folder;
  const TrainJob job = demanding_job();
  const RunLog whole = run(job, folder.path() / "whole");
  const int units = static_cast<int>(whole.units.size());
  ASSERT_EQ(units, 2 * (kStepsPerEpoch + 1) + 1);  // a validation batch an epoch, then a test batch
  for (int stop = 0; stop < units; ++stop) {
    const fs::path here = folder.path() / std::to_string(stop);
    const RunLog first = run(job, here, stop);
    ASSERT_TRUE(std::holds_alternative<TrainStopped>(first.outcome)) << stop;
    const RunLog second = run(job, here);
    EXPECT_EQ(second.started,
              (std::vector<std::int64_t>{std::get<TrainStopped>(first.outcome).checkpoint_epoch}));
    SCOPED_TRACE("stopped after unit " + std::to_string(stop));
    expect_same_run(whole, second);
    expect_same_checkpoint(folder.path() / "whole" / "last.safetensors", here / "last.safetensors");
    expect_same_checkpoint(folder.path() / "whole" / "selected.safetensors",
                           here / "selected.safetensors");
  }
}

// More epochs of a constant schedule from the checkpoint of the shorter training.
void expect_longer_equals_uninterrupted(std::int64_t cooldown_epochs) {
  const TemporaryFolder folder;
  TrainJob shorter = demanding_job();
  shorter.config.schedule = "constant";
  TrainJob longer = shorter;
  longer.config.epochs = shorter.config.epochs + 2;
  longer.config.cooldown_epochs = cooldown_epochs;
  ASSERT_TRUE(begins_with(longer.config, shorter.config));
  longer.config_hash = "of the longer one";
  const RunLog whole = run(longer, folder.path() / "whole");
  const RunLog first = run(shorter, folder.path() / "shorter");
  longer.begun_as = {{"another's", folder.path() / "nowhere"},
                     {shorter.config_hash, folder.path() / "shorter"}};
  const RunLog second = run(longer, folder.path() / "longer");
  EXPECT_EQ(second.started, std::vector{shorter.config.epochs});
  EXPECT_TRUE(second.warnings.empty());
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(second.outcome));
  EXPECT_EQ(second.result().val_accuracy, whole.result().val_accuracy);
  EXPECT_EQ(second.result().test_loss, whole.result().test_loss);
  EXPECT_EQ(second.result().epochs, longer.config.epochs);
  EXPECT_TRUE(second.result().resume_exact);
  expect_same_checkpoint(folder.path() / "whole" / "last.safetensors",
                         folder.path() / "longer" / "last.safetensors");
  expect_same_checkpoint(folder.path() / "whole" / "selected.safetensors",
                         folder.path() / "longer" / "selected.safetensors");
  EXPECT_EQ(read_checkpoint(folder.path() / "longer" / "last.safetensors")->config_hash,
            longer.config_hash);
}

TEST(Resume, ALongerTrainingFromAShorterOnesCheckpointEqualsUninterruptedBitForBit) {
  expect_longer_equals_uninterrupted(0);
}

TEST(Resume, OneThatCoolsDownFromThereDoesToo) {
  expect_longer_equals_uninterrupted(1);
  expect_longer_equals_uninterrupted(2);
}

TEST(Resume, KilledAtAnyBatchAndResumedEqualsUninterruptedBitForBit) {
  const TemporaryFolder folder;
  TrainJob job = demanding_job();
  job.config.optimizer = "sgd";
  job.config.lr = 0.05;
  const RunLog whole = run(job);
  for (int die = 1; die <= static_cast<int>(whole.units.size()); ++die) {
    const fs::path here = folder.path() / std::to_string(die);
    const RunLog first = run(job, here, -1, die);
    ASSERT_TRUE(std::holds_alternative<TrainFailed>(first.outcome)) << die;
    const auto& failed = std::get<TrainFailed>(first.outcome);
    EXPECT_EQ(failed.reason, Reason::kError);
    EXPECT_EQ(failed.checkpoint_epoch, (die - 1) / (kStepsPerEpoch + 1)) << die;
    SCOPED_TRACE("killed at unit " + std::to_string(die));
    expect_same_run(whole, run(job, here));
  }
}

TEST(Resume, SavedEverySoManyEpochsAndKilledAnywhereEqualsUninterruptedBitForBit) {
  const TemporaryFolder folder;
  TrainJob job = demanding_job();
  job.config.epochs = 5;
  job.checkpoint.every_epochs = 2;
  const RunLog whole = run(job, folder.path() / "whole");
  EXPECT_EQ(whole.saved, (std::vector<std::int64_t>{2, 4, 5}));
  const int epoch = kStepsPerEpoch + 1;
  for (int die = epoch / 2; die < static_cast<int>(whole.units.size()); die += epoch) {
    const fs::path here = folder.path() / std::to_string(die);
    const RunLog first = run(job, here, -1, die);
    ASSERT_TRUE(std::holds_alternative<TrainFailed>(first.outcome)) << die;
    const std::int64_t done = die / epoch;
    const RunLog second = run(job, here);
    EXPECT_EQ(second.started, std::vector<std::int64_t>{done - done % 2}) << die;
    SCOPED_TRACE("killed at unit " + std::to_string(die));
    expect_same_run(whole, second);
  }
}

TEST(Resume, SavedByTimeAmidEpochsResumesBitForBit) {
  const TemporaryFolder folder;
  TrainJob job = demanding_job();
  const RunLog whole = run(job);
  job.checkpoint.every = std::chrono::milliseconds(0);  // at every look
  const int die = kStepsPerEpoch / 2;
  const RunLog first = run(job, folder.path(), -1, die);
  ASSERT_TRUE(std::holds_alternative<TrainFailed>(first.outcome));
  const auto saved = read_checkpoint(folder.path() / "last.safetensors");
  ASSERT_TRUE(saved) << to_string(saved.error());
  EXPECT_EQ(saved->epoch, 0);
  EXPECT_EQ(saved->batch, die - 1) << "amid the first epoch";
  expect_same_run(whole, run(job, folder.path()));
}

TEST(Resume, MuonAndMixingStoppedAndResumedEqualsUninterruptedBitForBit) {
  const TemporaryFolder folder;
  TrainJob job = demanding_job();
  job.config.optimizer = "muon";
  job.config.lr = 0.03;
  job.config.pad_mode = "reflect";
  job.config.flip = "alternating";
  job.config.cutout = 8;
  job.config.mixup_alpha = 0.5;
  job.config.cutmix_alpha = 1;
  const RunLog whole = run(job);
  for (const int stop : {1, 6}) {
    const fs::path here = folder.path() / std::to_string(stop);
    ASSERT_TRUE(std::holds_alternative<TrainStopped>(run(job, here, stop).outcome));
    SCOPED_TRACE("stopped after unit " + std::to_string(stop));
    expect_same_run(whole, run(job, here));
  }
}

TEST(Resume, ResumedTellsItsLastEpochOnceMore) {
  const TemporaryFolder folder;
  const RunLog first = run(small_job(), folder.path(), kStepsPerEpoch + 2);
  const RunLog second = run(small_job(), folder.path());
  ASSERT_EQ(first.epochs.size(), 1U);
  ASSERT_EQ(second.epochs.size(), 2U);
  EXPECT_EQ(second.epochs[0], first.epochs[0]);
}

TEST(Resume, CheckpointOfAnotherHostResumesAndSaysSo) {
  const TemporaryFolder folder;
  run(small_job(), folder.path(), kStepsPerEpoch + 2);
  Checkpoint saved = read_checkpoint(folder.path() / "last.safetensors").value();
  saved.numeric_class = "another CPU";
  ASSERT_TRUE(write_checkpoint(folder.path() / "last.safetensors", saved));
  const RunLog told = run(small_job(), folder.path());
  EXPECT_EQ(told.started, (std::vector<std::int64_t>{1}));
  EXPECT_FALSE(told.result().resume_exact);
}

TEST(Resume, UnusableCheckpointsAreWarnedAboutAndTrainingBeginsAnew) {
  const TemporaryFolder folder;
  const RunLog whole = run(small_job());
  std::ofstream(folder.path() / "last.safetensors") << "rubbish";
  const RunLog told = run(small_job(), folder.path());
  EXPECT_EQ(told.warnings.size(), 1U);
  EXPECT_EQ(told.started, (std::vector<std::int64_t>{0}));
  expect_same_run(whole, told);

  // Right by its words, but of another architecture.
  Checkpoint misfit = read_checkpoint(folder.path() / "last.safetensors").value();
  misfit.tensors.pop_back();
  ASSERT_TRUE(write_checkpoint(folder.path() / "last.safetensors", misfit));
  const RunLog again = run(small_job(), folder.path());
  EXPECT_EQ(again.warnings.size(), 1U);
  EXPECT_EQ(again.started, (std::vector<std::int64_t>{0}));
  expect_same_run(whole, again);
}

}  // namespace
}  // namespace firesweep
