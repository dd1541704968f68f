#include "worker/runtime/slot/trial_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <iterator>
#include <new>
#include <optional>
#include <stdexcept>

#include "shared/base/build_commit.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TrainOutcome must_not_train(const TrainJob&, const Dataset&, const TrainLocation&,
                            const TrainCallbacks&) {
  ADD_FAILURE() << "trained";
  return TrainStopped{};
}

class TrialRunnerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "firesweep-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  TrialRunner runner(TorchTraining torch = {}) {
    Locations nowhere;
    nowhere.data_dir = folder_;
    nowhere.system_dir = folder_;
    return TrialRunner(torch, nowhere, CheckpointFolders(folder_ / "checkpoints"), "cpu");
  }

  static Assign assignment(std::string trainer, double seconds = 0) {
    Assign assign;
    assign.key = {make_trial_id(SweepId{1}, 1), AttemptNo{1}};
    assign.trainer = std::move(trainer);
    assign.dataset = "cifar100";
    assign.config.epochs = 2;
    assign.config.simulated_seconds = seconds;
    assign.architecture = {"tiny", "a", {3, 32, 32}, 100, {{"0", Linear{3, 100}, {100, 0, 0}}}};
    assign.config_hash = "0123456789abcdef0123";
    return assign;
  }

  static TrainCallbacks silent() { return {}; }

  TrainFailed failure(TorchTraining torch, const Assign& assign,
                      TrainCallbacks callbacks = silent()) {
    auto its = runner(torch);
    const auto outcome = its.run(assign, std::move(callbacks), stop_);
    EXPECT_TRUE(std::holds_alternative<TrainFailed>(outcome));
    return std::holds_alternative<TrainFailed>(outcome) ? std::get<TrainFailed>(outcome)
                                                        : TrainFailed{};
  }

  // The one in which checkpoints were kept.
  fs::path only_folder() const {
    const fs::directory_iterator folders(folder_ / "checkpoints");
    EXPECT_EQ(std::distance(begin(folders), end(folders)), 1);
    return fs::directory_iterator(folder_ / "checkpoints")->path();
  }

  fs::path folder_;
  StopFlag stop_;
};

TEST_F(TrialRunnerTest, UnknownTrainerIsABadConfig) {
  const TrainFailed failed = failure({}, assignment("tensorflow"));
  EXPECT_EQ(failed.reason, Reason::kBadConfig);
  EXPECT_THAT(failed.message, HasSubstr("tensorflow"));
}

TEST_F(TrialRunnerTest, TorchIsUnknownToABuildWithoutIt) {
  EXPECT_EQ(failure({}, assignment("torch")).reason, Reason::kBadConfig);
}

TEST_F(TrialRunnerTest, MissingDatasetIsAnErrorThatAnotherHostMayNotHave) {
  TorchTraining torch;
  torch.train = must_not_train;
  const TrainFailed failed = failure(torch, assignment("torch"));
  EXPECT_EQ(failed.reason, Reason::kError);
  EXPECT_THAT(failed.message, HasSubstr("cifar100"));
}

TEST_F(TrialRunnerTest, WhatIsThrownIsTyped) {
  TrainCallbacks callbacks = silent();
  callbacks.started = [](std::int64_t) { throw std::runtime_error("disk on fire"); };
  const TrainFailed failed = failure({}, assignment("simulated"), callbacks);
  EXPECT_EQ(failed.reason, Reason::kError);
  EXPECT_EQ(failed.message, "disk on fire");
  callbacks.started = [](std::int64_t) { throw std::bad_alloc(); };
  EXPECT_EQ(failure({}, assignment("simulated"), callbacks).reason, Reason::kOom);
}

TEST_F(TrialRunnerTest, OnlyShortSimulatedTrialsAreInstantaneous) {
  EXPECT_TRUE(is_instantaneous(assignment("simulated")));
  EXPECT_FALSE(is_instantaneous(assignment("simulated", 0.1)));
  EXPECT_FALSE(is_instantaneous(assignment("torch")));
  Assign endless = assignment("simulated");
  endless.config.epochs = 1'000'000;
  EXPECT_FALSE(is_instantaneous(endless));
}

TEST_F(TrialRunnerTest, ResultCarriesTheBuild) {
  auto its = runner();
  const auto outcome = its.run(assignment("simulated"), {}, stop_);
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(outcome));
  EXPECT_EQ(std::get<TrainFinished>(outcome).result.build_commit, build_commit());
}

TEST_F(TrialRunnerTest, WhatServesTheResumeStaysUntilTheAttemptIsForgotten) {
  auto its = runner();
  const Assign assign = assignment("simulated", 1e-4);
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(its.run(assign, silent(), stop_)));
  const fs::path resume = only_folder() / "last.simulated";
  EXPECT_TRUE(fs::exists(resume));
  its.forget({assign.key.trial, AttemptNo{2}});
  EXPECT_TRUE(fs::exists(resume));
  its.forget(assign.key);
  EXPECT_FALSE(fs::exists(resume));
}

TEST_F(TrialRunnerTest, ALongerTrialThatBeginsFromNothingSaysThatItMissedACheckpoint) {
  const Assign shorter = assignment("simulated", 1e-4);
  Assign longer = shorter;
  longer.key.trial = make_trial_id(SweepId{1}, 2);
  longer.config.epochs = 3;
  longer.config_hash = "f123456789abcdef0123";
  longer.begun_as = {{shorter.key, shorter.config_hash, false}};
  const auto missed_at_start = [this](const Assign& assign) {
    auto its = runner();
    std::optional<bool> missed;
    TrainCallbacks callbacks = silent();
    callbacks.started = [&](std::int64_t) { missed = its.checkpoint_missed(); };
    EXPECT_TRUE(std::holds_alternative<TrainFinished>(its.run(assign, callbacks, stop_)));
    return missed;
  };
  EXPECT_EQ(missed_at_start(longer), true);
  fs::remove_all(folder_ / "checkpoints");
  EXPECT_EQ(missed_at_start(shorter), false) << "nothing is shorter";
  EXPECT_EQ(missed_at_start(longer), false) << "the shorter one's is there";
  Assign timeless = longer;
  timeless.config.simulated_seconds = 0;
  EXPECT_EQ(missed_at_start(timeless), true) << "it keeps no checkpoint";
}

TEST_F(TrialRunnerTest, StoppedTrialKeepsItsResume) {
  auto its = runner();
  const Assign assign = assignment("simulated", 1e-4);
  TrainCallbacks callbacks = silent();
  callbacks.epoch = [this](const EpochMetrics&) { stop_.request(); };
  ASSERT_TRUE(std::holds_alternative<TrainStopped>(its.run(assign, callbacks, stop_)));
  its.forget(assign.key);
  EXPECT_TRUE(fs::exists(only_folder() / "last.simulated"));
}

// The hash of simulated work is the same on all datasets.
TEST_F(TrialRunnerTest, ACheckpointOfAnotherDatasetIsNotGoneOnFrom) {
  Assign cifar = assignment("simulated", 1e-4);
  cifar.config.epochs = 3;
  Assign fashion = cifar;
  fashion.key.trial = make_trial_id(SweepId{2}, 1);
  fashion.dataset = "fashion_mnist";
  // The epoch that the attempt goes on from; it is stopped in the next one.
  const auto begins_at = [this](const Assign& assign) {
    auto its = runner();
    std::int64_t from = -1;
    StopFlag stop;
    TrainCallbacks callbacks = silent();
    callbacks.started = [&](std::int64_t epoch) { from = epoch; };
    callbacks.epoch = [&](const EpochMetrics& metrics) {
      if (metrics.epoch > from) stop.request();
    };
    EXPECT_TRUE(std::holds_alternative<TrainStopped>(its.run(assign, callbacks, stop)));
    return from;
  };
  EXPECT_EQ(begins_at(cifar), 0);
  EXPECT_EQ(begins_at(fashion), 0);
  EXPECT_EQ(begins_at(cifar), 1) << "the other's has not taken its place";
  EXPECT_EQ(begins_at(fashion), 1);
  Assign longer = fashion;
  longer.config.epochs = 9;
  longer.config_hash = "f123456789abcdef0123";
  longer.begun_as = {{fashion.key, fashion.config_hash, false}};
  EXPECT_EQ(begins_at(longer), 2) << "its own dataset's";
  longer.dataset = "cifar10";
  EXPECT_EQ(begins_at(longer), 0);
}

// What builds before this one left there is gone on from.
TEST_F(TrialRunnerTest, TheFolderOfRealTrainingIsNamedByConfigHashAndSeedAlone) {
  const Assign assign = assignment("torch");
  TorchTraining torch;
  torch.train = must_not_train;
  failure(torch, assign);
  EXPECT_EQ(only_folder(), folder_ / "checkpoints" / "0123456789abcdef-seed1");
}

}  // namespace
}  // namespace firesweep
