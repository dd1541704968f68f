#include "worker/runtime/devices/shared_device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>
#include <variant>

#include "worker/runtime/devices/device_place.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::int64_t kGib = std::int64_t{1} << 30;
constexpr auto kDeadline = std::chrono::seconds(20);

Assign assignment() {
  Assign assign;
  assign.key = {make_trial_id(SweepId{1}, 1), AttemptNo{1}};
  assign.architecture = {"tiny",
                         std::string(64, 'a'),
                         {3, 32, 32},
                         100,
                         {{"0", GlobalAvgPool{}, {3, 0, 0}}, {"1", Linear{3, 100}, {100, 0, 0}}}};
  return assign;
}

class SharedDeviceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "firesweep-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    device_ = {folder_ / "GPU-1.ledger", 10 * kGib, {}};
  }
  void TearDown() override { fs::remove_all(folder_); }

  DevicePlace neighbour() const {
    return {device_.ledger, device_.memory_bytes, "neighbour", 9 * kGib};
  }

  void know_neighbours() const {
    DevicePlace place = neighbour();
    ASSERT_EQ(place.waits_for(), std::nullopt);
    place.measured(2 * kGib, kGib / 2, true);
  }
  void wait_for_waits(int count) const {
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (waits_ < count && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_GE(waits_, count);
  }
  // Runs `train` in the trial's place on the device, where measurements give `memory`.
  TrainOutcome run(const std::function<TrainOutcome(const TrainCallbacks&)>& train,
                   DeviceMemory memory = {2 * kGib, kGib / 2}) {
    TrainCallbacks callbacks;
    callbacks.waits = [this] { ++waits_; };
    return train_on_shared(
        device_, assignment(), stop_, callbacks, [memory] { return memory; }, train);
  }

  fs::path folder_;
  SharedDevice device_;
  StopFlag stop_;
  std::atomic<int> waits_{0};
};

TEST_F(SharedDeviceTest, ATrialTrainsAtOnceWhereNobodyElseDoes) {
  bool trained = false;
  const auto outcome = run([&](const TrainCallbacks&) {
    trained = true;
    return TrainOutcome(TrainFinished{});
  });
  EXPECT_TRUE(std::holds_alternative<TrainFinished>(outcome));
  EXPECT_TRUE(trained);
  EXPECT_EQ(waits_, 0);
}

TEST_F(SharedDeviceTest, WaitingTellsAgainAndAgainAndCanBeStopped) {
  DevicePlace other = neighbour();
  ASSERT_EQ(other.waits_for(), std::nullopt);
  auto outcome = std::async(std::launch::async, [this] {
    return run([](const TrainCallbacks&) {
      ADD_FAILURE() << "trained beside a trial that leaves it no room";
      return TrainOutcome(TrainFinished{});
    });
  });
  wait_for_waits(2);
  stop_.request();
  ASSERT_EQ(outcome.wait_for(kDeadline), std::future_status::ready);
  EXPECT_TRUE(std::holds_alternative<TrainStopped>(outcome.get()));
  other.measured(2 * kGib, kGib / 2, true);
  EXPECT_EQ(neighbour().waits_for(), std::nullopt) << "who gave up waiting stands in nobody's way";
}

TEST_F(SharedDeviceTest, FirstStepsMeasureAndLetOthersIn) {
  run(
      [this](const TrainCallbacks& callbacks) {
        DevicePlace other{device_.ledger, device_.memory_bytes, "neighbour", 7 * kGib};
        EXPECT_THAT(other.waits_for().value_or(""), HasSubstr("beside 1 trial"));
        callbacks.epoch({});
        EXPECT_NE(other.waits_for(), std::nullopt) << "an earlier attempt's epoch, told once more";
        for (int unit = 0; unit < 15; ++unit) callbacks.unit({});
        EXPECT_NE(other.waits_for(), std::nullopt);
        callbacks.unit({});
        EXPECT_EQ(other.waits_for(), std::nullopt);
        return TrainOutcome(TrainFinished{});
      },
      {kGib, kGib / 2});
}

TEST_F(SharedDeviceTest, AnEpochOfTrainingTellsWhatSuchTrialsNeed) {
  run(
      [](const TrainCallbacks& callbacks) {
        callbacks.unit({});
        callbacks.epoch({});
        return TrainOutcome(TrainFinished{});
      },
      {7 * kGib, kGib / 2});
  run([this](const TrainCallbacks&) {
    EXPECT_NE(DevicePlace(device_.ledger, device_.memory_bytes, "third", kGib).waits_for(),
              std::nullopt)
        << "0.5 beside 7 and 1 GiB with their processes";
    return TrainOutcome(TrainFinished{});
  });
}

TEST_F(SharedDeviceTest, WhatTookTooMuchMemoryLetsNobodyIn) {
  know_neighbours();
  const auto train = [this](const TrainCallbacks& callbacks) {
    callbacks.unit({});
    callbacks.epoch({});
    EXPECT_NE(neighbour().waits_for(), std::nullopt) << "8 + 0.5 and 2 + 0.5 GiB on 10";
    return TrainOutcome(TrainFinished{});
  };
  run(train, {8 * kGib, kGib / 2});
}

TEST_F(SharedDeviceTest, OutOfMemoryIsTriedAgainAlone) {
  know_neighbours();
  const auto train = [this](const TrainCallbacks& callbacks) {
    callbacks.unit({});
    callbacks.epoch({});
    std::optional<DevicePlace> beside;
    beside.emplace(device_.ledger, device_.memory_bytes, "neighbour", 9 * kGib);
    EXPECT_EQ(beside->waits_for(), std::nullopt);
    auto alone = std::async(std::launch::async, callbacks.alone);
    wait_for_waits(2);
    beside.reset();
    EXPECT_EQ(alone.wait_for(kDeadline), std::future_status::ready);
    EXPECT_TRUE(alone.get());
    callbacks.epoch({});
    EXPECT_EQ(neighbour().waits_for(), "a trial that needs the device alone");
    return TrainOutcome(TrainFinished{});
  };
  run(train);
  EXPECT_EQ(neighbour().waits_for(), std::nullopt);
}

TEST_F(SharedDeviceTest, WhoWaitsToBeAloneCanBeStopped) {
  know_neighbours();
  const auto train = [this](const TrainCallbacks& callbacks) {
    callbacks.unit({});
    callbacks.epoch({});
    DevicePlace beside = neighbour();
    EXPECT_EQ(beside.waits_for(), std::nullopt);
    stop_.request();
    EXPECT_FALSE(callbacks.alone());
    return TrainOutcome(TrainStopped{});
  };
  run(train);
}

TEST_F(SharedDeviceTest, AFailureOnADeviceThatAnswersNoMoreIsTold) {
  std::string lost;
  device_.lost = [&](const std::string& why) { lost = why; };
  const auto train = [](const TrainCallbacks&) {
    return TrainOutcome(TrainFailed{Reason::kError, "CUDA error: the MPS server is gone", 0});
  };
  run(train);
  EXPECT_EQ(lost, "") << "the device answers";
  const auto dead = []() -> DeviceMemory { throw std::runtime_error("CUDA error"); };
  train_on_shared(device_, assignment(), stop_, {}, dead, train);
  EXPECT_EQ(lost, "CUDA error: the MPS server is gone");
}

TEST_F(SharedDeviceTest, WithoutALedgerItTrainsAtOnce) {
  device_.ledger = folder_ / "no" / "ledger";
  bool trained = false;
  run([&](const TrainCallbacks& callbacks) {
    trained = true;
    EXPECT_FALSE(callbacks.alone);
    return TrainOutcome(TrainFinished{});
  });
  EXPECT_TRUE(trained);
}

TEST_F(SharedDeviceTest, APlaceThatIsAnotherUsersIsRefused) {
  const auto nothing = [](const char*) { return std::optional<std::string>(); };
  EXPECT_TRUE(ledger_folder(nothing));
  std::ofstream(folder_ / "firesweep") << "a file";
  const auto refused = ledger_folder([this](const char* name) {
    return std::string(name) == "XDG_RUNTIME_DIR" ? std::optional(folder_.string()) : std::nullopt;
  });
  ASSERT_FALSE(refused);
  EXPECT_THAT(to_string(refused.error()), HasSubstr("not a folder of this user"));
}

}  // namespace
}  // namespace firesweep
