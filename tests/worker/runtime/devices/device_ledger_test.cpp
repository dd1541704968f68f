#include "worker/runtime/devices/device_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firesweep {
namespace {

using ::testing::HasSubstr;
using Phase = DevicePhase;

constexpr std::int64_t kGib = std::int64_t{1} << 30;

DeviceLedger::Trial trial(int lock, Phase phase, const DeviceShape& shape,
                          std::int64_t estimate_bytes = 0, std::int64_t held_bytes = 0,
                          bool in_other = true, int overtaken = 0) {
  return {lock, phase, shape, estimate_bytes, held_bytes, in_other, overtaken};
}

// A device of 16 GiB, of which half is margin and half a GiB lies beside the allocators.
DeviceLedger ledger(std::vector<DeviceLedger::Trial> trials) {
  DeviceLedger made;
  made.memory_bytes = 16 * kGib;
  made.other_bytes = kGib / 2;
  made.trials = std::move(trials);
  made.note_peak("small", 3 * kGib);
  made.note_peak("large", 10 * kGib);
  made.note_peak("giant", 30 * kGib);
  return made;
}

std::string what(const DeviceLedger& ledger, std::size_t index) {
  return ledger.waits_for(index).value_or("nothing");
}

TEST(DeviceLedger, AnEmptyDeviceTakesAnyTrial) {
  for (const char* shape : {"small", "giant", "new"})
    EXPECT_EQ(what(ledger({trial(1, Phase::kWaiting, shape)}), 0), "nothing") << shape;
}

TEST(DeviceLedger, ANeedIsThePeakElseWhatTheFirstStepsHeldElseTheEstimateElseAll) {
  const DeviceLedger now = ledger({});
  const auto need = [&](const DeviceShape& shape, std::int64_t estimate, std::int64_t held) {
    return now.need_of(trial(1, Phase::kSharing, shape, estimate, held));
  };
  EXPECT_EQ(need("small", 9 * kGib, 2 * kGib), 3 * kGib);
  EXPECT_EQ(need("small", 9 * kGib, 4 * kGib), 4 * kGib) << "it held more than those before";
  EXPECT_EQ(need("new", 9 * kGib, 2 * kGib), 2 * kGib + kGib / 2);
  EXPECT_EQ(need("new", 9 * kGib, 0), 9 * kGib);
  EXPECT_EQ(need("new", 0, 0), 16 * kGib) << "a line of an older build";
}

TEST(DeviceLedger, AProcessCountsUntilItIsPartOfWhatLiesBeside) {
  const DeviceLedger now = ledger({});
  EXPECT_EQ(now.need_of(trial(1, Phase::kSharing, "small", 0, 0, false)), 3 * kGib + 3 * kGib / 4);
}

TEST(DeviceLedger, TrialsOfNewShapesShareByTheirEstimates) {
  std::vector<DeviceLedger::Trial> trials;
  for (int i = 1; i <= 4; ++i)
    trials.push_back(trial(i, Phase::kWaiting, "new" + std::to_string(i), 3 * kGib));
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(what(ledger(trials), i), "nothing") << "all begin at once, whoever asks first";
  }
}

TEST(DeviceLedger, TrialsShareWhileWhatTheyNeedFits) {
  const auto one = trial(1, Phase::kSharing, "small");
  const auto five = ledger({one, one, one, one, one, trial(6, Phase::kWaiting, "small")});
  EXPECT_EQ(what(ledger({one, one, one, one}), 0), "nothing");
  EXPECT_EQ(what(ledger({one, one, one, trial(4, Phase::kWaiting, "small")}), 3), "nothing");
  EXPECT_EQ(what(ledger({one, one, trial(3, Phase::kWaiting, "large")}), 2),
            "10.0 GiB beside 2 trials with 6.0 GiB of the device's 16.0 GiB, "
            "of which 1.0 GiB are kept or used by others");
  EXPECT_THAT(what(five, 5), HasSubstr("3.0 GiB beside 5 trials with 15.0 GiB"));
  EXPECT_NE(
      what(ledger({trial(1, Phase::kSharing, "giant"), trial(2, Phase::kWaiting, "small")}), 1),
      "nothing");
}

TEST(DeviceLedger, AMeasurementOfTheFirstStepsReplacesTheEstimate) {
  DeviceLedger now = ledger({trial(1, Phase::kSharing, "new", 15 * kGib, 0, false),
                             trial(2, Phase::kWaiting, "small", 15 * kGib)});
  ASSERT_NE(what(now, 1), "nothing");
  now.measured(0, 2 * kGib, kGib, false);
  EXPECT_EQ(what(now, 1), "nothing");
  EXPECT_EQ(now.need_of(trial(3, Phase::kWaiting, "new", 15 * kGib)), 15 * kGib)
      << "first steps say nothing of other trials";
  now.measured(0, 2 * kGib, kGib, true);
  EXPECT_EQ(now.need_of(trial(3, Phase::kWaiting, "new", 15 * kGib)), 2 * kGib);
}

TEST(DeviceLedger, WhatLiesBesideIsToldOnceAllThatTrainAreMeasured) {
  DeviceLedger now = ledger({trial(1, Phase::kSharing, "a", 3 * kGib, 0, false),
                             trial(2, Phase::kSharing, "b", 3 * kGib, 0, false)});
  now.measured(0, 2 * kGib, 9 * kGib, false);
  EXPECT_EQ(now.other_bytes, kGib / 2) << "nobody knows what the second holds";
  EXPECT_FALSE(now.trials[0].in_other);
  now.measured(1, 4 * kGib, 3 * kGib, false);
  EXPECT_EQ(now.other_bytes, kGib) << "3 GiB less the 2 of the first";
  EXPECT_TRUE(now.trials[0].in_other);
  EXPECT_TRUE(now.trials[1].in_other);
}

TEST(DeviceLedger, WhoFitsOvertakesWhoDoesNotSoManyTimesAndNoMore) {
  DeviceLedger now =
      ledger({trial(1, Phase::kSharing, "small"), trial(2, Phase::kWaiting, "giant")});
  for (int i = 0; i < kMostOvertakes; ++i) {
    now.trials.push_back(trial(3 + i, Phase::kWaiting, "small"));
    ASSERT_EQ(what(now, 2), "nothing") << i;
    now.admit(2);
    EXPECT_EQ(now.trials[2].phase, Phase::kSharing);
    EXPECT_EQ(now.trials[1].overtaken, i + 1);
    now.trials.pop_back();  // and it has ended
  }
  now.trials.push_back(trial(99, Phase::kWaiting, "small"));
  EXPECT_EQ(what(now, 2), "a trial that came before it and was overtaken 16 times");
  now.trials.erase(now.trials.begin());
  EXPECT_EQ(what(now, 0), "nothing") << "the giant's turn";
}

TEST(DeviceLedger, RoomIsKeptForWhoCameBeforeAndFits) {
  const DeviceLedger now =
      ledger({trial(1, Phase::kSharing, "small"), trial(2, Phase::kWaiting, "large"),
              trial(3, Phase::kWaiting, "small")});
  EXPECT_EQ(what(now, 1), "nothing");
  EXPECT_THAT(what(now, 2), HasSubstr("beside 2 trials with 13.0 GiB"));
}

TEST(DeviceLedger, WhoRanOutOfMemoryGetsTheDeviceAloneOnceTheOthersHaveEnded) {
  DeviceLedger now =
      ledger({trial(1, Phase::kWaiting, "giant"), trial(2, Phase::kSharing, "small", 0, kGib),
              trial(3, Phase::kSharing, "small"), trial(4, Phase::kWaiting, "small")});
  now.want_alone(1);
  EXPECT_EQ(now.trials[1].held_bytes, 0) << "it gave all back";
  EXPECT_THAT(what(now, 1), HasSubstr("1 trial to end, to have the device alone"));
  for (const std::size_t waiting : {0U, 3U})
    EXPECT_EQ(what(now, waiting), "a trial that ran out of memory and has the device next");
  now.trials.erase(now.trials.begin() + 2);
  EXPECT_EQ(what(now, 1), "nothing");
  now.admit(1);
  EXPECT_EQ(now.trials[1].phase, Phase::kAlone);
  EXPECT_EQ(what(now, 0), "a trial that needs the device alone");
  now.want_alone(1);
  EXPECT_EQ(now.trials[1].phase, Phase::kAlone) << "who is alone stays so";
}

TEST(DeviceLedger, TwoThatRanOutOfMemoryHaveTheDeviceOneAfterTheOther) {
  DeviceLedger now =
      ledger({trial(1, Phase::kSharing, "a", 3 * kGib), trial(2, Phase::kSharing, "b", 3 * kGib)});
  now.want_alone(1);
  now.want_alone(0);
  EXPECT_EQ(what(now, 0), "nothing");
  EXPECT_EQ(what(now, 1), "1 trial that ran out of memory before it");
  now.admit(0);
  EXPECT_EQ(what(now, 1), "a trial that needs the device alone");
  now.trials.erase(now.trials.begin());
  EXPECT_EQ(what(now, 0), "nothing");
}

TEST(DeviceLedger, OfTwoPeaksOfAShapeTheLargerCounts) {
  DeviceLedger now = ledger({});
  const auto small = trial(1, Phase::kWaiting, "small");
  now.note_peak("small", kGib);
  EXPECT_EQ(now.need_of(small), 3 * kGib);
  now.note_peak("small", 4 * kGib);
  EXPECT_EQ(now.need_of(small), 4 * kGib);
}

TEST(DeviceLedger, OfVeryManyShapesTheNewestAreKept) {
  DeviceLedger now = ledger({});
  for (int i = 0; i < 511; ++i) {
    now.note_peak("small", kGib);
    now.note_peak("shape" + std::to_string(i), kGib);
  }
  EXPECT_EQ(now.peaks.size(), 512U);
  EXPECT_EQ(now.need_of(trial(1, Phase::kWaiting, "small", kGib)), 3 * kGib);
  EXPECT_EQ(now.need_of(trial(1, Phase::kWaiting, "giant", kGib)), kGib) << "forgotten";
}

TEST(DeviceLedger, TextReadsBackAsItWas) {
  const DeviceLedger now =
      ledger({trial(7, Phase::kWaitingAlone, "a/1/bf16", 5, 0, true, 3),
              trial(2, Phase::kSharing, "c", 6, 7, false, 0), trial(3, Phase::kAlone, "d"),
              trial(4, Phase::kWaiting, "e", 0, 0, false, 16)});
  const DeviceLedger read = decode_ledger(encode_ledger(now));
  EXPECT_EQ(encode_ledger(read), encode_ledger(now));
  ASSERT_EQ(read.trials.size(), 4U);
  EXPECT_EQ(read.trials[0].overtaken, 3);
  EXPECT_EQ(read.trials[1].held_bytes, 7);
  EXPECT_FALSE(read.trials[1].in_other);
  EXPECT_EQ(read.peaks.size(), 3U);
}

TEST(DeviceLedger, TheTextOfAnOlderBuildIsRead) {
  DeviceLedger read = decode_ledger(
      "other 536870912\npeak 2147483648 small\ntrial 1 measured new\ntrial 2 waiting small\nend\n");
  read.memory_bytes = 16 * kGib;
  EXPECT_EQ(read.other_bytes, kGib / 2);
  ASSERT_EQ(read.trials.size(), 2U);
  EXPECT_EQ(what(read, 1), "a trial that needs the device alone");
  read.trials[0].phase = Phase::kSharing;
  EXPECT_NE(what(read, 1), "nothing") << "an older trial without a known need takes everything";
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
