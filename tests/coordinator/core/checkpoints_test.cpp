// Scheduler: checkpoints that arrive from workers.
#include <gtest/gtest.h>

#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {
namespace {

StoredCheckpoint checkpoint(TrialKey key, std::int64_t number, std::int64_t epoch,
                            std::int64_t bytes = 10) {
  return {
      key.attempt, number, epoch, bytes, "", "pt", to_string(key) + "." + std::to_string(number)};
}

class TravellingCheckpoints : public ::testing::Test {
 protected:
  explicit TravellingCheckpoints(std::int64_t quota = 1000) : h(options(quota)) {}
  static SchedulerOptions options(std::int64_t quota) {
    SchedulerOptions options = test_options();
    options.checkpoint_bytes = quota;
    options.upload_limit = seconds(10);
    return options;
  }
  // The files that may go, and whether the newcomer is kept.
  std::pair<bool, std::vector<std::string>> arrive(TrialKey of, StoredCheckpoint one) {
    std::pair<bool, std::vector<std::string>> answer;
    for (const Effect& effect : h.on(event::CheckpointArrived{a.session, of, std::move(one)})) {
      if (const auto* settled = std::get_if<effect::CheckpointSettled>(&effect)) {
        answer.first = settled->kept;
      } else if (const auto* gone = std::get_if<effect::CheckpointUnneeded>(&effect)) {
        answer.second.push_back(gone->file);
      }
    }
    return answer;
  }
  void begin(int trials, std::optional<CheckpointRules> rules = {}) {
    auto sweep = make_sweep(trials);
    sweep->spec.checkpoint = rules;
    h.submit(std::move(sweep));
    a.hello();
    key = a.assigned();
    a.started(key);
  }

  Harness h;
  FakeWorker a{h, 1, "host/0"};
  FakeWorker b{h, 2, "other/0"};
  TrialKey key;
};

TEST_F(TravellingCheckpoints, TheNewestIsRecordedAndTheOneBeforeMayGo) {
  begin(1);
  EXPECT_EQ(arrive(key, checkpoint(key, 1, 1)), std::pair(true, std::vector<std::string>{}));
  EXPECT_EQ(arrive(key, checkpoint(key, 2, 2)),
            std::pair(true, std::vector<std::string>{to_string(key) + ".1"}));
  EXPECT_EQ(arrive(key, checkpoint(key, 1, 1)), std::pair(false, std::vector<std::string>{}));
  EXPECT_EQ(h.store.checkpoints.at(key.trial).number, 2);
  h.restart();
  EXPECT_FALSE(arrive(key, checkpoint(key, 2, 2)).first) << "it is known after a restart";
}

TEST_F(TravellingCheckpoints, OnlyTheNewestAttemptOfATrialThatGoesOnIsBelieved) {
  begin(1);
  b.hello();
  h.pass(seconds(16), {&b});
  h.pass(seconds(1), {&b});
  const TrialKey second{key.trial, {2}};
  EXPECT_FALSE(arrive(key, checkpoint(key, 1, 1)).first) << "a newer attempt exists";
  EXPECT_FALSE(arrive({key.trial, {3}}, checkpoint({key.trial, {3}}, 1, 1)).first);
  EXPECT_FALSE(arrive({{77}, {1}}, checkpoint({{77}, {1}}, 1, 1)).first) << "no such trial";
  EXPECT_TRUE(arrive(second, checkpoint(second, 1, 1)).first);
  b.started(second);
  b.finished(second);
  EXPECT_FALSE(arrive(second, checkpoint(second, 2, 2)).first) << "nobody will resume it";
}

TEST_F(TravellingCheckpoints, ATrialHandedBackWaitsForItsCheckpoint) {
  begin(1);
  b.hello();
  a.report(key, report::HandedBack{2, 3});
  EXPECT_TRUE(b.got<Assign>().empty());
  h.pass(seconds(5), {&b});
  arrive(key, checkpoint(key, 2, 2));
  EXPECT_TRUE(b.got<Assign>().empty()) << "that was an earlier one";
  arrive(key, checkpoint(key, 3, 2));
  ASSERT_EQ(b.got<Assign>().size(), 1u);
  EXPECT_TRUE(b.got<Assign>()[0].checkpoint_stored);
}

TEST_F(TravellingCheckpoints, AnUploadThatNeverArrivesHoldsUpNothingForever) {
  begin(1);
  b.hello();
  a.report(key, report::HandedBack{2, 3});
  h.pass(seconds(9), {&b});
  EXPECT_TRUE(std::holds_alternative<Waiting>(h.state(number_of(key.trial))));
  h.pass(seconds(2), {&b});
  EXPECT_TRUE(std::holds_alternative<Assigned>(h.state(number_of(key.trial))));
}

TEST_F(TravellingCheckpoints, ACheckpointThatWasFasterThanTheReportIsNotWaitedFor) {
  begin(1);
  b.hello();
  arrive(key, checkpoint(key, 3, 2));
  a.report(key, report::HandedBack{2, 3});
  EXPECT_EQ(b.got<Assign>().size(), 1u);
}

TEST_F(TravellingCheckpoints, TheSweepsOwnBoundTakesWhatNobodyHolds) {
  CheckpointRules few;
  few.max_bytes = 15;
  begin(2, few);
  arrive(key, checkpoint(key, 1, 1));
  a.finished(key);
  const TrialKey next = a.assigned();
  EXPECT_EQ(a.got<Assign>()[0].checkpoint.max_bytes, 15);
  a.started(next);
  EXPECT_EQ(arrive(next, checkpoint(next, 1, 1)).second,
            std::vector<std::string>{to_string(key) + ".1"});
  EXPECT_TRUE(arrive(next, checkpoint(next, 2, 2, 99)).first) << "a live trial's is always kept";
  EXPECT_EQ(h.store.checkpoints.size(), 1u);
}

TEST_F(TravellingCheckpoints, OnlyEpochsThatWereSavedCountAsSaved) {
  CheckpointRules rarely;
  rarely.every_epochs = 3;
  begin(1, rarely);
  a.progressed(key, 1);
  a.progressed(key, 2);
  EXPECT_EQ(h.stored(0).checkpoint_epoch, 0);
  a.progressed(key, 3);
  EXPECT_EQ(h.stored(0).checkpoint_epoch, 3);
  a.progressed(key, 4);
  EXPECT_EQ(h.stored(0).checkpoint_epoch, 4) << "the last one is always saved";
}

TEST_F(TravellingCheckpoints, OfASweepThatSavesByTimeWhatArrivesCountsAsSaved) {
  CheckpointRules by_time;
  by_time.every = seconds(600);
  begin(1, by_time);
  a.progressed(key, 1);
  a.progressed(key, 2);
  EXPECT_EQ(h.stored(0).checkpoint_epoch, 0);
  arrive(key, checkpoint(key, 1, 2));
  EXPECT_EQ(h.stored(0).checkpoint_epoch, 2);
}

class SmallQuota : public TravellingCheckpoints {
 protected:
  SmallQuota() : TravellingCheckpoints(15) {}
};

TEST_F(SmallQuota, TheQuotaTakesWhatNobodyHolds) {
  begin(2);
  arrive(key, checkpoint(key, 1, 1));
  a.finished(key);
  const TrialKey next = a.assigned();
  a.started(next);
  EXPECT_EQ(arrive(next, checkpoint(next, 1, 1)).second,
            std::vector<std::string>{to_string(key) + ".1"});
  EXPECT_EQ(h.store.checkpoints.size(), 1u);
  EXPECT_TRUE(arrive(next, checkpoint(next, 2, 2, 99)).first) << "a live trial's is always kept";
}

}  // namespace
}  // namespace firesweep::testing
