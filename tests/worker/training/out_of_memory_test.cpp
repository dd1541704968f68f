// Training on a device whose memory is short.
#include <gtest/gtest.h>

#include <functional>
#include <new>

#include "tests/worker/training/trainer_run.h"

namespace firesweep {
namespace {

TEST(OutOfMemory, MoreMemoryThanThereIsIsTypedAsOom) {
  TrainJob job = small_job();
  const std::int64_t wide = std::int64_t{1}
                            << 45;  // beyond the address space, whatever the kernel promises
  job.architecture.layers = {{"0", Conv{3, wide, 1, 1, 0, 1, true}, {wide, 32, 32}}};
  const RunLog told = run(job);
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
  return train(small_job(), small_data(), {}, callbacks);
}

TEST(OutOfMemory, OnceIsTriedAgainToTheSameResult) {
  int starts = 0;
  const TrainOutcome outcome = train_short_of_memory(1, starts);
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(outcome));
  const RunLog undisturbed = run(small_job());
  EXPECT_EQ(without_timing(std::get<TrainFinished>(outcome).result),
            without_timing(std::get<TrainFinished>(undisturbed.outcome).result));
  EXPECT_EQ(starts, 1);
}

TEST(OutOfMemory, AgainTrainsWithMicroBatchesAndTheResultSaysSo) {
  int starts = 0;
  const TrainOutcome outcome = train_short_of_memory(3, starts);
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(outcome));
  const std::string told = std::get<TrainFinished>(outcome).result.numeric_class;
  EXPECT_NE(told.find("4 micro-batches"), std::string::npos) << told;
  EXPECT_EQ(starts, 1);
}

TEST(OutOfMemory, IsTriedAgainOnceTheDeviceIsItsAlone) {
  int starts = 0, asked = 0;
  const TrainOutcome outcome = train_short_of_memory(1, starts, [&asked] {
    ++asked;
    return true;
  });
  ASSERT_TRUE(std::holds_alternative<TrainFinished>(outcome));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(std::get<TrainFinished>(outcome).result.numeric_class.find("micro-batches"),
            std::string::npos);
}

TEST(OutOfMemory, AStopWhileItWaitsToBeAloneEndsTheTrial) {
  int starts = 0;
  const TrainOutcome outcome = train_short_of_memory(1, starts, [] { return false; });
  ASSERT_TRUE(std::holds_alternative<TrainStopped>(outcome));
  EXPECT_EQ(std::get<TrainStopped>(outcome).checkpoint_epoch, 0);
}

TEST(OutOfMemory, ForEverIsTypedAsOom) {
  int starts = 0;
  const TrainOutcome outcome = train_short_of_memory(1000, starts);
  ASSERT_TRUE(std::holds_alternative<TrainFailed>(outcome));
  EXPECT_EQ(std::get<TrainFailed>(outcome).reason, Reason::kOom);
}

}  // namespace
}  // namespace firesweep
