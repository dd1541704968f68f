#include "worker/runtime/slot/simulated_trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <thread>

namespace firesweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ResolvedArchitecture architecture_of(std::int64_t width) {
  ResolvedArchitecture architecture{"wide", "hash", {3, 32, 32}, 100, {}};
  architecture.layers = {{"0", Conv{3, width, 3, 1, 1, 1, true}, {width, 32, 32}},
                         {"1", Conv{width, width, 3, 1, 1, 1, true}, {width, 32, 32}},
                         {"2", GlobalAvgPool{}, {width, 0, 0}},
                         {"3", Linear{width, 100}, {100, 0, 0}}};
  return architecture;
}

TrainJob job_of(std::int64_t width = 64) {
  TrainJob job;
  job.architecture = architecture_of(width);
  job.config_hash = "0123456789abcdef";
  return job;
}

struct CallbackLog {
  std::vector<std::int64_t> started;
  std::vector<EpochMetrics> epochs;
  int units = 0;
};

TrainCallbacks into(CallbackLog& log) {
  TrainCallbacks callbacks;
  callbacks.started = [&log](std::int64_t epoch) { log.started.push_back(epoch); };
  callbacks.unit = [&log](const LiveProgress&) { ++log.units; };
  callbacks.epoch = [&log](const EpochMetrics& metrics) { log.epochs.push_back(metrics); };
  return callbacks;
}

TrainOutcome play(const TrainJob& job, CallbackLog& log, std::int64_t attempt = 1,
                  const TrainLocation& place = {}) {
  const StopFlag stop;
  return simulate(job, AttemptNo{attempt}, place, into(log), stop);
}

TrialResult result_of(const TrainJob& job) {
  CallbackLog log;
  const auto outcome = play(job, log);
  EXPECT_TRUE(std::holds_alternative<TrainFinished>(outcome));
  return std::holds_alternative<TrainFinished>(outcome) ? std::get<TrainFinished>(outcome).result
                                                        : TrialResult{};
}

class FolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "firesweep-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};
using SimulatedCheckpoints = FolderTest;

TEST(SimulatedTrainer, SameJobGivesTheSameNumbers) {
  CallbackLog first, second;
  const auto a = play(job_of(), first);
  const auto b = play(job_of(), second);
  EXPECT_EQ(first.epochs, second.epochs);
  EXPECT_EQ(std::get<TrainFinished>(a).result, std::get<TrainFinished>(b).result);
}

TEST(SimulatedTrainer, ReportsStartEveryEpochAndTheResult) {
  TrainJob job = job_of();
  job.config.epochs = 4;
  CallbackLog log;
  const auto outcome = play(job, log);
  EXPECT_THAT(log.started, ElementsAre(0));
  ASSERT_EQ(log.epochs.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(log.epochs[i].epoch, static_cast<std::int64_t>(i) + 1);
  const TrialResult& result = std::get<TrainFinished>(outcome).result;
  EXPECT_EQ(result.device, "simulated");
  EXPECT_EQ(result.epochs, 4);
  EXPECT_EQ(result.selected_epoch, 4);
  EXPECT_EQ(result.val_accuracy, log.epochs.back().val_accuracy);
  EXPECT_EQ(result.params, cost_of(job.architecture).params);
}

TEST(SimulatedTrainer, SeedsDifferALittle) {
  TrainJob other = job_of();
  other.config.seed = 2;
  const double a = *result_of(job_of()).val_accuracy;
  const double b = *result_of(other).val_accuracy;
  EXPECT_NE(a, b);
  EXPECT_NEAR(a, b, 0.05);
}

TEST(SimulatedTrainer, BiggerModelsAreBetterWithDiminishingReturns) {
  const double small = *result_of(job_of(8)).val_accuracy;
  const double middle = *result_of(job_of(64)).val_accuracy;
  const double big = *result_of(job_of(512)).val_accuracy;
  EXPECT_GT(middle, small);
  EXPECT_GT(big, middle);
  EXPECT_LT(big - middle, middle - small);
}

TEST(SimulatedTrainer, LearningRateHasAnOptimum) {
  const auto accuracy = [](double lr, const char* optimizer) {
    TrainJob job = job_of();
    job.config.lr = lr;
    job.config.optimizer = optimizer;
    return *result_of(job).val_accuracy;
  };
  EXPECT_GT(accuracy(3e-3, "adamw"), accuracy(3e-2, "adamw"));
  EXPECT_GT(accuracy(3e-3, "adamw"), accuracy(3e-4, "adamw"));
  EXPECT_GT(accuracy(0.1, "sgd"), accuracy(3e-3, "sgd"));
}

TEST(SimulatedTrainer, AccuraciesAreFractionsWhateverTheConfig) {
  for (const double lr : {1e-8, 1e-3, 1e3}) {
    for (const std::int64_t epochs : {1, 300}) {
      TrainJob job = job_of(4);
      job.config.lr = lr;
      job.config.epochs = epochs;
      const TrialResult result = result_of(job);
      for (const double accuracy :
           {*result.val_accuracy, *result.val_top5, result.test_accuracy, result.test_top5}) {
        EXPECT_GE(accuracy, 0.0);
        EXPECT_LE(accuracy, 1.0);
      }
      EXPECT_GE(result.test_loss, 0.0);
    }
  }
}

TEST(SimulatedTrainer, WithoutValidationSplitNothingIsValidated) {
  TrainJob job = job_of();
  job.config.val_size = 0;
  CallbackLog log;
  const auto outcome = play(job, log);
  EXPECT_EQ(log.epochs.front().val_accuracy, std::nullopt);
  EXPECT_EQ(std::get<TrainFinished>(outcome).result.val_accuracy, std::nullopt);
}

TEST(SimulatedTrainer, StudyProtocolTestsEveryEpoch) {
  TrainJob job = job_of();
  job.config.protocol = Protocol::kStudy;
  CallbackLog log;
  play(job, log);
  EXPECT_NE(log.epochs.front().test_accuracy, std::nullopt);
  EXPECT_EQ(log.epochs.front().val_accuracy, std::nullopt);
}

TEST(SimulatedTrainer, RefitTestsOnceAtTheEnd) {
  TrainJob job = job_of();
  job.config.protocol = Protocol::kRefit;
  CallbackLog log;
  const auto outcome = play(job, log);
  EXPECT_EQ(log.epochs.back().test_accuracy, std::nullopt);
  EXPECT_EQ(log.epochs.back().val_accuracy, std::nullopt);
  EXPECT_EQ(std::get<TrainFinished>(outcome).result.val_accuracy, std::nullopt);
  EXPECT_GT(std::get<TrainFinished>(outcome).result.test_accuracy, 0);
}

TEST(SimulatedTrainer, BestSelectsTheBestEpoch) {
  TrainJob job = job_of();
  job.config.epochs = 60;  // far along, so that noise decides
  job.config.select = "best";
  CallbackLog log;
  const auto outcome = play(job, log);
  const TrialResult& result = std::get<TrainFinished>(outcome).result;
  EXPECT_EQ(result.selected_epoch, result.best_epoch);
  for (const EpochMetrics& metrics : log.epochs)
    EXPECT_LE(*metrics.val_accuracy, *result.val_accuracy);
}

TEST(SimulatedTrainer, FailureRateIsARateOverAttemptsAndRepeats) {
  TrainJob job = job_of();
  job.config.epochs = 2;
  job.config.simulated_failure_rate = 0.25;
  int failed = 0;
  for (int attempt = 1; attempt <= 400; ++attempt) {
    CallbackLog log, again;
    const auto outcome = play(job, log, attempt);
    const auto repeated = play(job, again, attempt);
    ASSERT_EQ(outcome.index(), repeated.index());
    if (const auto* failure = std::get_if<TrainFailed>(&outcome)) {
      ++failed;
      EXPECT_EQ(failure->reason, Reason::kError);
      EXPECT_THAT(failure->message, HasSubstr("simulated"));
    }
  }
  EXPECT_GT(failed, 60);
  EXPECT_LT(failed, 140);
}

TEST(SimulatedTrainer, RateOneFailsAlwaysAndRateZeroNever) {
  TrainJob job = job_of();
  job.config.simulated_failure_rate = 1.0;
  CallbackLog log;
  EXPECT_TRUE(std::holds_alternative<TrainFailed>(play(job, log)));
  EXPECT_THAT(log.started, ElementsAre(0));
}

TEST(SimulatedTrainer, StopInterruptsTheWaiting) {
  TrainJob job = job_of();
  job.config.simulated_seconds = 3600;
  StopFlag stop;
  std::promise<void> begun;
  TrainCallbacks callbacks;
  callbacks.started = [&](std::int64_t) { begun.set_value(); };
  auto outcome = std::async(std::launch::async,
                            [&] { return simulate(job, AttemptNo{1}, {}, callbacks, stop); });
  begun.get_future().wait();
  stop.request();
  ASSERT_EQ(outcome.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  const auto ended = outcome.get();
  ASSERT_TRUE(std::holds_alternative<TrainStopped>(ended));
  EXPECT_EQ(std::get<TrainStopped>(ended).checkpoint_epoch, 0);
}

TEST_F(SimulatedCheckpoints, LaterAttemptGoesOnAndEndsAsIfUninterrupted) {
  TrainJob job = job_of();
  job.config.epochs = 5;
  job.config.simulated_seconds = 1e-4;
  const TrainLocation place{"cpu", folder_ / "trial"};

  StopFlag stop;
  CallbackLog log;
  TrainCallbacks callbacks = into(log);
  callbacks.epoch = [&](const EpochMetrics& metrics) {
    if (metrics.epoch == 3) stop.request();
  };
  const auto stopped = simulate(job, AttemptNo{1}, place, callbacks, stop);
  ASSERT_TRUE(std::holds_alternative<TrainStopped>(stopped));
  EXPECT_EQ(std::get<TrainStopped>(stopped).checkpoint_epoch, 3);

  CallbackLog resumed, whole;
  const auto second = play(job, resumed, 2, place);
  const auto uninterrupted = play(job, whole);
  EXPECT_THAT(resumed.started, ElementsAre(3));
  ASSERT_EQ(resumed.epochs.size(), 3u);
  EXPECT_EQ(resumed.epochs.front(), whole.epochs[2]);  // told once more
  EXPECT_EQ(resumed.epochs.back(), whole.epochs.back());
  EXPECT_EQ(std::get<TrainFinished>(second).result, std::get<TrainFinished>(uninterrupted).result);
}

TEST_F(SimulatedCheckpoints, CheckpointOfOtherWorkIsNotUsed) {
  TrainJob job = job_of();
  job.config.epochs = 2;
  job.config.simulated_seconds = 1e-4;
  job.config.simulated_failure_rate = 0;
  const TrainLocation place{"cpu", folder_};
  CallbackLog first, second;
  play(job, first, 1, place);
  job.config_hash = "another";
  job.config.epochs = 9;
  play(job, second, 1, place);
  EXPECT_THAT(second.started, ElementsAre(0));
}

TEST_F(SimulatedCheckpoints, FolderThatCannotBeWrittenOnlyCostsTheResume) {
  TrainJob job = job_of();
  job.config.epochs = 2;
  job.config.simulated_seconds = 1e-4;
  CallbackLog log;
  EXPECT_TRUE(std::holds_alternative<TrainFinished>(play(job, log, 1, {"cpu", "/proc/no/such"})));
}

}  // namespace
}  // namespace firesweep
