#include "worker/runtime/device_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firesweep {
namespace {

using ::testing::HasSubstr;
using Phase = DevicePhase;

constexpr std::int64_t kGib = std::int64_t{1} << 30;

// A device of 10 GiB, half a GiB of which lay beside a trial that ran alone.
DeviceLedger ledger(std::vector<DeviceLedger::Trial> trials) {
  DeviceLedger made;
  made.memory_bytes = 10 * kGib;
  made.other_bytes = kGib / 2;
  made.trials = std::move(trials);
  made.note_peak("small", 2 * kGib);
  made.note_peak("large", 8 * kGib);
  made.note_peak("giant", 20 * kGib);
  return made;
}

std::string what(const DeviceLedger& ledger, std::size_t index) {
  return ledger.waits_for(index).value_or("nothing");
}

TEST(DeviceLedger, AnEmptyDeviceTakesAnyTrial) {
  for (const char* shape : {"small", "giant", "new"})
    EXPECT_EQ(what(ledger({{1, Phase::kWaiting, shape}}), 0), "nothing") << shape;
}

TEST(DeviceLedger, AnUnknownShapeIsMeasuredAloneAndAKnownOneShares) {
  const DeviceLedger one = ledger({{1, Phase::kWaiting, "new"}, {2, Phase::kWaiting, "small"}});
  EXPECT_EQ(one.phase_if_admitted(0), Phase::kMeasured);
  EXPECT_EQ(one.phase_if_admitted(1), Phase::kSharing);
  EXPECT_THAT(what(ledger({{1, Phase::kSharing, "small"}, {2, Phase::kWaiting, "new"}}), 1),
              HasSubstr("1 trial to end, to be measured alone"));
}

TEST(DeviceLedger, NobodyTrainsBesideATrialThatIsMeasured) {
  EXPECT_THAT(what(ledger({{1, Phase::kMeasured, "new"}, {2, Phase::kWaiting, "small"}}), 1),
              HasSubstr("being measured"));
}

TEST(DeviceLedger, KnownShapesShareWhileWhatTheyNeedFits) {
  const DeviceLedger::Trial one{1, Phase::kSharing, "small"}, two{2, Phase::kSharing, "small"};
  const DeviceLedger::Trial three{3, Phase::kSharing, "small"};
  EXPECT_EQ(what(ledger({one, two, three, {4, Phase::kWaiting, "small"}}), 3), "nothing")
      << "four times 2.5 GiB";
  EXPECT_EQ(what(ledger({one, {2, Phase::kWaiting, "large"}}), 1),
            "8.5 GiB beside 1 trial with 2.5 GiB of the device's 10.0 GiB");
  EXPECT_NE(what(ledger({{1, Phase::kSharing, "giant"}, {2, Phase::kWaiting, "small"}}), 1),
            "nothing");
}

TEST(DeviceLedger, NobodyOvertakes) {
  const DeviceLedger now = ledger({{1, Phase::kSharing, "small"},
                                   {2, Phase::kWaiting, "large"},
                                   {3, Phase::kWaiting, "small"}});
  EXPECT_EQ(what(now, 2), "1 trial that came before it");
}

TEST(DeviceLedger, WhoRanOutOfMemoryGetsTheDeviceAloneOnceTheOthersHaveEnded) {
  EXPECT_THAT(what(ledger({{1, Phase::kWaitingAlone, "small"}, {2, Phase::kSharing, "small"}}), 0),
              HasSubstr("1 trial to end, to have the device alone"));
  const DeviceLedger left =
      ledger({{1, Phase::kWaitingAlone, "small"}, {3, Phase::kWaiting, "small"}});
  EXPECT_EQ(what(left, 0), "nothing");
  EXPECT_EQ(left.phase_if_admitted(0), Phase::kAlone);
  EXPECT_EQ(what(left, 1), "1 trial that came before it");
  EXPECT_THAT(what(ledger({{1, Phase::kAlone, "small"}, {3, Phase::kWaiting, "small"}}), 1),
              HasSubstr("needs the device alone"));
}

TEST(DeviceLedger, OfTwoPeaksOfAShapeTheLargerCounts) {
  DeviceLedger now = ledger({});
  now.note_peak("small", kGib);
  EXPECT_EQ(now.need_of("small"), 2 * kGib + kGib / 2);
  now.note_peak("small", 3 * kGib);
  EXPECT_EQ(now.need_of("small"), 3 * kGib + kGib / 2);
}

TEST(DeviceLedger, OfVeryManyShapesTheNewestAreKept) {
  DeviceLedger now = ledger({});
  for (int i = 0; i < 511; ++i) {
    now.note_peak("small", kGib);
    now.note_peak("shape" + std::to_string(i), kGib);
  }
  EXPECT_EQ(now.peaks.size(), 512U);
  EXPECT_TRUE(now.need_of("small"));
  EXPECT_FALSE(now.need_of("giant"));
}

TEST(DeviceLedger, TextReadsBackAsItWas) {
  const DeviceLedger now = ledger({{7, Phase::kWaitingAlone, "a/1/bf16"},
                                   {1, Phase::kMeasured, "b"},
                                   {2, Phase::kSharing, "c"},
                                   {3, Phase::kAlone, "d"},
                                   {4, Phase::kWaiting, "e"}});
  const DeviceLedger read = decode_ledger(encode_ledger(now));
  EXPECT_EQ(encode_ledger(read), encode_ledger(now));
  EXPECT_EQ(read.trials.size(), 5U);
  EXPECT_EQ(read.peaks.size(), 3U);
}

TEST(DeviceLedger, WhatCannotBeReadIsLeftOut) {
  const DeviceLedger read = decode_ledger(
      "other many\npeak 5\ntrial 0 waiting a\ntrial 1 dancing a\nnonsense\n\npeak 7 a\n"
      "end\ntrial 9 sharing left-over\n");
  EXPECT_EQ(read.other_bytes, 0);
  ASSERT_EQ(read.peaks.size(), 1U);
  EXPECT_EQ(read.peaks[0].bytes, 7);
  EXPECT_TRUE(read.trials.empty());
  EXPECT_TRUE(decode_ledger("").peaks.empty());
}

}  // namespace
}  // namespace firesweep
