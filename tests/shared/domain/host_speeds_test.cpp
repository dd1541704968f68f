#include "shared/domain/host_speeds.h"

#include <gtest/gtest.h>

#include <cmath>

namespace firesweep {
namespace {

const DeviceKey kCpu{"AMD EPYC", 2};
const DeviceKey kGpu{"NVIDIA H100", 0};
const DeviceShare kPerCore{2, 1};
const DeviceShare kAlone{1, 2};

TrainingKind kind(const std::string& hash, std::int64_t macs = 1'000'000) {
  return {hash, macs, "auto", 128};
}

LearntSpeed speed(const TrainingKind& of, double images_per_s,
                  SpeedSource source = SpeedSource::kTrained, DeviceShare share = kPerCore) {
  LearntSpeed one;
  one.kind = of;
  one.share = share;
  one.source = source;
  one.images = 10 * images_per_s;
  one.seconds = 10;
  one.epochs = source == SpeedSource::kTrained ? 1 : 0;
  return one;
}

TEST(HostSpeeds, EpochsOfOneKindAddUpAndOlderOnesFade) {
  HostSpeeds speeds;
  learn(speeds, kCpu, speed(kind("a"), 100));
  learn(speeds, kCpu, speed(kind("a"), 200));
  const auto known = find_speed(speeds, kCpu, kind("a"), kPerCore);
  ASSERT_TRUE(known);
  EXPECT_DOUBLE_EQ(known->images_per_s, (0.9 * 1000 + 2000) / (0.9 * 10 + 10));
  EXPECT_EQ(known->epochs, 2);
  for (int i = 0; i < 60; ++i) learn(speeds, kCpu, speed(kind("a"), 200));
  EXPECT_NEAR(find_speed(speeds, kCpu, kind("a"), kPerCore)->images_per_s, 200, 0.5);
}

TEST(HostSpeeds, WhatWasTrainedReplacesAProbeAndNotTheOtherWay) {
  HostSpeeds speeds;
  learn(speeds, kCpu, speed(kind("a"), 50, SpeedSource::kProbe));
  learn(speeds, kCpu, speed(kind("a"), 100));
  learn(speeds, kCpu, speed(kind("a"), 70, SpeedSource::kProbe));
  EXPECT_EQ(find_speed(speeds, kCpu, kind("a"), kPerCore),
            (KnownSpeed{100, SpeedSource::kTrained, 1}));
}

TEST(HostSpeeds, WhatTookNoTimeTeachesNothing) {
  HostSpeeds speeds;
  LearntSpeed nothing = speed(kind("a"), 100);
  nothing.seconds = 0;
  learn(speeds, kCpu, nothing);
  EXPECT_FALSE(find_speed(speeds, kCpu, kind("a"), kPerCore));
}

TEST(HostSpeeds, ArchitecturePrecisionAndDeviceAreToldApart) {
  HostSpeeds speeds;
  learn(speeds, kCpu, speed(kind("a"), 100));
  EXPECT_FALSE(find_speed(speeds, kCpu, kind("b"), kPerCore));
  EXPECT_FALSE(find_speed(speeds, kGpu, kind("a"), kPerCore));
  EXPECT_FALSE(find_speed(speeds, {"AMD EPYC", 4}, kind("a"), kPerCore)) << "other cores";
  TrainingKind off = kind("a");
  off.amp = "off";
  EXPECT_FALSE(find_speed(speeds, kCpu, off, kPerCore));
}

TEST(HostSpeeds, FormsOfOneFileAreToldApartByTheirMacs) {
  HostSpeeds speeds;
  learn(speeds, kCpu, speed(kind("a", 1'000'000), 100));
  learn(speeds, kCpu, speed(kind("a", 4'000'000), 30));
  EXPECT_DOUBLE_EQ(find_speed(speeds, kCpu, kind("a", 4'000'000), kPerCore)->images_per_s, 30);
  EXPECT_DOUBLE_EQ(find_speed(speeds, kCpu, kind("a", 1'100'000), kPerCore)->images_per_s,
                   100 / 1.1)
      << "with other classes: the same MACs a second";
  EXPECT_FALSE(find_speed(speeds, kCpu, kind("a", 2'000'000), kPerCore));
}

TEST(HostSpeeds, TheNearestBatchIsTakenAndTheSameClassIsTheSame) {
  HostSpeeds speeds;
  learn(speeds, kCpu, speed(kind("a"), 100));
  TrainingKind of = kind("a");
  of.batch_size = 32;
  learn(speeds, kCpu, speed(of, 60));
  of.batch_size = 200;  // as 128
  EXPECT_DOUBLE_EQ(find_speed(speeds, kCpu, of, kPerCore)->images_per_s, 100);
  of.batch_size = 16;
  EXPECT_DOUBLE_EQ(find_speed(speeds, kCpu, of, kPerCore)->images_per_s, 60);
}

TEST(HostSpeeds, AnotherShareIsJudgedByTheWholeThroughput) {
  HostSpeeds speeds;
  learn(speeds, kCpu, speed(kind("a"), 100));  // two slots of one thread: 200 together
  EXPECT_DOUBLE_EQ(find_speed(speeds, kCpu, kind("a"), kAlone)->images_per_s, 200);
  EXPECT_DOUBLE_EQ(find_speed(speeds, kCpu, kind("a"), {1, 1})->images_per_s, 100);
  EXPECT_DOUBLE_EQ(find_speed(speeds, kCpu, kind("a"), {4, 1})->images_per_s, 50);
  learn(speeds, kGpu, speed(kind("a"), 1000, SpeedSource::kTrained, {4, 2}));
  EXPECT_DOUBLE_EQ(find_speed(speeds, kGpu, kind("a"), {1, 8})->images_per_s, 4000);
}

TEST(HostSpeeds, WhatWasTrainedInAnotherShareIsWorthMoreThanAProbe) {
  HostSpeeds speeds;
  learn(speeds, kCpu, speed(kind("a"), 50, SpeedSource::kProbe, kPerCore));
  learn(speeds, kCpu, speed(kind("a"), 300, SpeedSource::kTrained, kAlone));
  EXPECT_EQ(find_speed(speeds, kCpu, kind("a"), kPerCore),
            (KnownSpeed{150, SpeedSource::kTrained, 1}));
}

TEST(HostSpeeds, UnknownNetworksAreJudgedByTheirMacsBetweenKnownOnes) {
  HostSpeeds speeds;
  learn(speeds, kCpu, speed(kind("a", 1'000'000), 100));  // 1e8 MACs a second
  learn(speeds, kCpu, speed(kind("b", 100'000'000), 4));  // 4e8
  const auto between = infer_speed(speeds, kCpu, kind("c", 10'000'000), kPerCore);
  ASSERT_TRUE(between);
  EXPECT_NEAR(*between, 2e8 / 10'000'000, 1e-9) << "half way on the logarithms";
  EXPECT_NEAR(*infer_speed(speeds, kCpu, kind("c", 10'000), kPerCore), 1e8 / 10'000, 1e-6);
  EXPECT_NEAR(*infer_speed(speeds, kCpu, kind("c", 1'000'000'000), kPerCore), 0.4, 1e-9);
  EXPECT_FALSE(infer_speed(speeds, kGpu, kind("c"), kPerCore));
}

TEST(HostSpeeds, OneSlotIsFasterOnTheGeometricMeanOfWhatWasMeasured) {
  HostSpeeds speeds;
  EXPECT_FALSE(one_slot_is_faster(speeds, kCpu));
  learn(speeds, kCpu, speed(kind("a"), 230, SpeedSource::kBench, kAlone));
  EXPECT_FALSE(one_slot_is_faster(speeds, kCpu)) << "nothing to compare with";
  learn(speeds, kCpu, speed(kind("a"), 100, SpeedSource::kBench, kPerCore));
  EXPECT_TRUE(one_slot_is_faster(speeds, kCpu)) << "230 beside 2 × 100";
  learn(speeds, kCpu, speed(kind("b"), 150, SpeedSource::kBench, kAlone));
  learn(speeds, kCpu, speed(kind("b"), 100, SpeedSource::kBench, kPerCore));
  EXPECT_FALSE(one_slot_is_faster(speeds, kCpu)) << "150 beside 2 × 100 outweighs it";
}

TEST(HostSpeeds, AProbeDoesNotDecideOnSlots) {
  HostSpeeds speeds;
  learn(speeds, kCpu, speed(kind("a"), 400, SpeedSource::kProbe, kAlone));
  learn(speeds, kCpu, speed(kind("a"), 100, SpeedSource::kBench, kPerCore));
  EXPECT_FALSE(one_slot_is_faster(speeds, kCpu));
}

TEST(HostSpeeds, OfTooManyTheOldestIsForgotten) {
  HostSpeeds speeds;
  for (int i = 0; i < 1'001; ++i) {
    LearntSpeed one = speed(kind(std::to_string(i)), 100);
    one.learnt_ms = i == 7 ? 0 : 1 + i;
    learn(speeds, kCpu, one);
  }
  EXPECT_EQ(speeds.devices[0].learnt.size(), 1'000u);
  EXPECT_FALSE(find_speed(speeds, kCpu, kind("7"), kPerCore));
  EXPECT_TRUE(find_speed(speeds, kCpu, kind("0"), kPerCore));
}

}  // namespace
}  // namespace firesweep
