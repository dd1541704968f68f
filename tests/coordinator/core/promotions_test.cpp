#include "coordinator/core/promotions.h"

#include <gtest/gtest.h>

#include "tests/coordinator/core/two_workers.h"

namespace firesweep {
namespace {

using testing::FakeWorker;
using testing::scored;
using testing::TwoWorkers;

// Four epochs; by eta 2 the rungs are the first and the second.
std::shared_ptr<FrozenSweep> promoting_sweep(int trials) {
  auto frozen = testing::make_sweep(trials);
  frozen->spec.early_terminate = EarlyTermination{.min_iter = 1, .eta = 2, .promotion = true};
  return frozen;
}

class PromotionsTest : public TwoWorkers {
 protected:
  // It reports a rung, is told to wait there, and has handed the trial back with its checkpoint.
  void come_to(FakeWorker& worker, TrialKey key, std::int64_t epoch, double score) {
    worker.report(key, scored(epoch, score));
    ASSERT_EQ(worker.got<Stop>(), (std::vector<Stop>{{key, Reason::kDrain}}));
    worker.handed_back(key, epoch);
  }
  // Both first trials wait at the first rung; the workers have the next two.
  void two_wait() {
    submit(promoting_sweep(8));
    come_to(one_, first_, 1, 0.4);
    third_ = one_.assigned();
    one_.started(third_);
  }
  bool waits(TrialKey key) const { return std::holds_alternative<Waiting>(state(key)); }

  TrialKey third_;
};

TEST_F(PromotionsTest, ATrialAtItsRungGivesItsSlotToANewOneAndIsNotCharged) {
  two_wait();
  EXPECT_TRUE(waits(first_));
  EXPECT_NE(third_.trial, first_.trial);
  EXPECT_EQ(third_.attempt, AttemptNo{1});
  EXPECT_EQ(harness_.stored(number_of(first_.trial)).restarts, 0);
  const auto& ended = harness_.stored(number_of(first_.trial)).attempts.at({1}).ended;
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->end, AttemptEnd::kHandedBack);
  EXPECT_FALSE(ended->charged);
  EXPECT_TRUE(harness_.store.sweeps.at({1}).trials.at(number_of(first_.trial)).promoted.empty());
}

TEST_F(PromotionsTest, TheBestOfItsRungIsPromotedAtOnceAndGoesOnWithoutAStop) {
  two_wait();
  two_.report(second_, scored(1, 0.5));
  EXPECT_TRUE(two_.got<Stop>().empty());
  EXPECT_TRUE(state(second_) == TrialState(Running{{1}}));
  const auto promoted = harness_.persisted<record::TrialPromoted>();
  ASSERT_EQ(promoted.size(), 1);
  EXPECT_EQ(promoted[0].key, second_);
  EXPECT_EQ(promoted[0].evidence,
            (Evidence{.epoch = 1, .score = 0.5, .threshold = 0.5, .rank = 1, .seen = 2}));
  EXPECT_TRUE(std::holds_alternative<record::EpochRecorded>(harness_.records[0]));
}

TEST_F(PromotionsTest, TheBestThatWaitsGoesOnBeforeANewTrialAndItsPromotionIsPersistedFirst) {
  two_wait();
  two_.report(second_, scored(1, 0.3));
  EXPECT_EQ(two_.got<Stop>(), (std::vector<Stop>{{second_, Reason::kDrain}}));
  two_.handed_back(second_, 1);
  const TrialKey next = two_.assigned();
  EXPECT_EQ(next, (TrialKey{first_.trial, {2}})) << "one of two may go on, and 0.4 is the better";
  std::size_t promoted = 0, opened = 0;
  for (std::size_t i = 0; i < harness_.records.size(); ++i) {
    if (std::holds_alternative<record::TrialPromoted>(harness_.records[i])) promoted = i;
    if (std::holds_alternative<record::AttemptOpened>(harness_.records[i])) opened = i;
  }
  EXPECT_LT(promoted, opened);
  EXPECT_EQ(harness_.persisted<record::TrialPromoted>().at(0).key, first_);
  // Having come to the second rung it waits there.
  two_.started(next, 1);
  two_.report(next, scored(2, 0.6));
  EXPECT_EQ(two_.got<Stop>(), (std::vector<Stop>{{next, Reason::kDrain}}));
}

// What is told of the trials that wait: which, where, and which of them go on next.
TEST_F(PromotionsTest, ThePictureNamesWhoWaitsAtWhichRung) {
  two_wait();
  SweepOverview picture = harness_.picture();
  EXPECT_EQ(at_rungs(picture), 1);
  EXPECT_EQ(picture.trials.waiting, 6) << "the others that wait have not begun";
  ASSERT_EQ(picture.rungs.size(), 1);
  EXPECT_EQ(picture.rungs[0].epoch, 1);
  EXPECT_EQ(picture.rungs[0].waiting, 1);
  EXPECT_EQ(picture.rungs[0].ready, 0) << "of one none goes on before another comes";
  ASSERT_EQ(picture.rungs[0].trials.size(), 1);
  const TrialAtRung& one = picture.rungs[0].trials[0];
  EXPECT_EQ(one.trial, first_.trial);
  EXPECT_EQ(one.score, 0.4);
  EXPECT_EQ(one.rank, 1);
  EXPECT_EQ(one.of, 1);
  const auto same = [&] {
    const auto again = harness_.picture().rungs;
    return again.size() == 1 && again[0].waiting == 1 && again[0].trials[0].trial == first_.trial;
  };
  harness_.restart();
  EXPECT_TRUE(same()) << "from what is stored";
  one_.reconnect();
  two_.reconnect();
  two_.report(second_, scored(1, 0.3));
  two_.handed_back(second_, 1);  // the first goes on in its place
  picture = harness_.picture();
  ASSERT_EQ(picture.rungs.size(), 1);
  EXPECT_EQ(picture.rungs[0].trials[0].trial, second_.trial);
  EXPECT_EQ(picture.rungs[0].trials[0].rank, 2);
  EXPECT_EQ(picture.rungs[0].trials[0].of, 2);
}

// Nobody is there to take it.
TEST_F(PromotionsTest, ThePictureSaysWhoMayGoOnNow) {
  two_wait();
  two_.report(second_, scored(1, 0.3));
  harness_.steer(request::Verb::kPause);
  two_.handed_back(second_, 1);
  const auto rungs = harness_.picture().rungs;
  ASSERT_EQ(rungs.size(), 1);
  EXPECT_EQ(rungs[0].waiting, 2);
  EXPECT_EQ(rungs[0].ready, 1);
  harness_.cancel({1});
  EXPECT_TRUE(harness_.picture().rungs.empty()) << "a cancelled sweep has none that waits";
}

TEST_F(PromotionsTest, ATrialGoesOnOnceItsCheckpointIsHereMeanwhileOthersDo) {
  submit(promoting_sweep(8));
  one_.report(first_, scored(1, 0.4));
  one_.report(first_, report::HandedBack{1, 1});
  third_ = one_.assigned();
  one_.started(third_);
  come_to(two_, second_, 1, 0.3);
  EXPECT_EQ(two_.assigned().attempt, AttemptNo{1}) << "the first's checkpoint is on its way";
  harness_.on(event::CheckpointArrived{
      one_.session, first_, {AttemptNo{1}, 1, 1, 100, "aa", "simulated", "first.checkpoint"}});
  come_to(one_, third_, 1, 0.2);
  ASSERT_EQ(one_.got<Assign>().size(), 1);
  EXPECT_EQ(one_.assigned(), (TrialKey{first_.trial, {2}}));
  EXPECT_TRUE(one_.got<Assign>()[0].checkpoint_stored);
}

TEST_F(PromotionsTest, AfterARestartWhoWaitsWaitsAndWhoWasPromotedGoesOn) {
  two_wait();
  two_.report(second_, scored(1, 0.5));  // promoted at once
  harness_.restart();
  one_.reconnect();
  two_.reconnect();
  EXPECT_TRUE(waits(first_));
  EXPECT_TRUE(state(second_) == TrialState(Running{{1}}));
  two_.report(second_, scored(1, 0.5));  // a repeat from a checkpoint
  EXPECT_TRUE(two_.got<Stop>().empty()) << "promoted once, for ever";
  EXPECT_TRUE(harness_.persisted<record::TrialPromoted>().empty());
  two_.handed_back(second_, 1);  // its host is wanted back
  come_to(one_, third_, 1, 0.2);
  EXPECT_EQ(one_.assigned(), (TrialKey{second_.trial, {2}})) << "it is no more at its rung";
  EXPECT_TRUE(waits(first_)) << "three came, and one place is taken";
}

TEST_F(PromotionsTest, ALostTrialAtItsRungWaitsThereUncharged) {
  two_wait();
  two_.report(second_, scored(1, 0.3));
  two_.deaf = true;
  harness_.pass(std::chrono::seconds(20), {&one_});
  EXPECT_TRUE(waits(second_));
  EXPECT_EQ(harness_.stored(number_of(second_.trial)).restarts, 0);
  come_to(one_, third_, 1, 0.2);
  EXPECT_EQ(one_.assigned(), (TrialKey{first_.trial, {2}}));
}

TEST_F(PromotionsTest, AResultThatWasFasterCompletesTheTrial) {
  two_wait();
  two_.report(second_, scored(1, 0.3));
  two_.finished(second_, 0.7);
  EXPECT_TRUE(state(second_) == TrialState(Complete{{1}}));
}

// Of two trials one goes on from each rung, and the other is pruned once nothing else is left.
TEST_F(PromotionsTest, AtTheSweepsEndWhatWaitsIsPrunedWithItsEvidence) {
  submit(promoting_sweep(2));
  come_to(one_, first_, 1, 0.4);
  EXPECT_TRUE(one_.got<Assign>().empty()) << "the second may yet come there";
  two_.report(second_, scored(1, 0.5));
  EXPECT_TRUE(two_.got<Stop>().empty());
  two_.report(second_, scored(2, 0.6));
  EXPECT_TRUE(two_.got<Stop>().empty()) << "nobody else can come to the second rung";
  EXPECT_TRUE(waits(first_));
  two_.finished(second_, 0.7);
  EXPECT_TRUE(state(first_) == TrialState(Pruned{{1}}));
  const auto pruned = harness_.persisted<record::TrialTerminated>();
  ASSERT_EQ(pruned.size(), 1);
  EXPECT_EQ(pruned[0].key, first_);
  EXPECT_EQ(pruned[0].evidence,
            (Evidence{.epoch = 1, .score = 0.4, .threshold = 0.5, .rank = 2, .seen = 2}));
  EXPECT_EQ(harness_.sweep_state(), SweepState::kFinished);
  EXPECT_EQ(harness_.picture().trials.pruned, 1);
  EXPECT_EQ(harness_.picture().trials.waiting, 0);
}

// The only one that could be better has failed: its place is not empty for long.
TEST_F(PromotionsTest, WhereTheOthersFailTheLastOneGoesOn) {
  submit(promoting_sweep(2));
  come_to(one_, first_, 1, 0.4);
  two_.errored(second_, Reason::kNan);
  EXPECT_EQ(one_.got<Assign>().size() + two_.got<Assign>().size(), 1);
  EXPECT_TRUE(state(first_) == TrialState(Assigned{{2}}));
}

TEST_F(PromotionsTest, AStoppedSweepKeepsItsRungs) {
  two_wait();
  harness_.steer(request::Verb::kStop);
  two_.handed_back(second_, 0);
  one_.handed_back(third_, 0);
  EXPECT_EQ(harness_.sweep_state(), SweepState::kStopped);
  EXPECT_TRUE(waits(first_));
  harness_.restart();
  one_.reconnect();
  two_.reconnect();
  harness_.steer(request::Verb::kResume);
  EXPECT_TRUE(waits(first_));
  EXPECT_FALSE(waits(second_));
  EXPECT_FALSE(waits(third_));
}

TEST_F(PromotionsTest, ACancelledTrialIsNotPromoted) {
  two_wait();
  harness_.cancel({1}, first_.trial);
  come_to(two_, second_, 1, 0.3);
  EXPECT_TRUE(std::holds_alternative<Cancelled>(state(first_)));
  EXPECT_EQ(two_.assigned().attempt, AttemptNo{1}) << "the one place is the cancelled trial's";
}

TEST_F(PromotionsTest, AnExtensionBringsTheRungsMoreTrials) {
  submit(promoting_sweep(2));
  come_to(one_, first_, 1, 0.4);
  auto more = promoting_sweep(6);
  more->hash = "more";
  ASSERT_TRUE(harness_.extend(more));
  come_to(two_, second_, 1, 0.3);
  EXPECT_EQ(two_.assigned(), (TrialKey{first_.trial, {2}}));
}

}  // namespace
}  // namespace firesweep
