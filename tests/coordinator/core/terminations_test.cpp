#include <gtest/gtest.h>

#include "tests/coordinator/core/two_workers.h"

namespace firesweep {
namespace {

using testing::FakeWorker;
using testing::scored;
using testing::TwoWorkers;

// Four epochs; by eta 2 trials are compared after the first and the second.
std::shared_ptr<FrozenSweep> stopping_sweep(int trials) {
  auto frozen = testing::make_sweep(trials);
  frozen->spec.early_terminate = EarlyTermination{.min_iter = 1, .eta = 2};
  return frozen;
}

class TerminationsTest : public TwoWorkers {
 protected:
  // The second trial is worse after the first epoch, and is told to stop.
  void stop_second() {
    submit(stopping_sweep(3));
    one_.report(first_, scored(1, 0.5));
    two_.report(second_, scored(1, 0.4));
  }
  TrialState second() const { return state(second_); }
};

TEST_F(TerminationsTest, AWorseTrialIsStoppedInTheReplyToItsReport) {
  stop_second();
  EXPECT_EQ(two_.verdict(), Verdict::kAccepted);
  EXPECT_EQ(two_.got<Stop>(), (std::vector<Stop>{{second_, Reason::kEarlyStop}}));
  EXPECT_TRUE(one_.got<Stop>().empty());
  EXPECT_TRUE(second() == TrialState(Stopping{{1}, Reason::kEarlyStop}));
}

TEST_F(TerminationsTest, TheDecisionIsPersistedWithItsEvidenceAfterItsEpoch) {
  stop_second();
  const auto decided = harness_.persisted<record::TrialTerminated>();
  ASSERT_EQ(decided.size(), 1);
  EXPECT_EQ(decided[0].key, second_);
  EXPECT_EQ(decided[0].evidence,
            (Evidence{.epoch = 1, .score = 0.4, .threshold = 0.5, .rank = 2, .seen = 2}));
  ASSERT_GE(harness_.records.size(), 2);
  EXPECT_TRUE(std::holds_alternative<record::EpochRecorded>(harness_.records[0]));
}

TEST_F(TerminationsTest, WhatStopsEndsPrunedAndIsNotGivenOutAgain) {
  stop_second();
  two_.handed_back(second_, 1);
  EXPECT_TRUE(second() == TrialState(Pruned{{1}}));
  ASSERT_EQ(two_.got<Assign>().size(), 1);
  EXPECT_NE(two_.assigned().trial, second_.trial);
  EXPECT_EQ(harness_.picture().trials.pruned, 1);
}

TEST_F(TerminationsTest, AResultThatWasFasterCompletesTheTrial) {
  stop_second();
  two_.finished(second_, 0.7);
  EXPECT_TRUE(second() == TrialState(Complete{{1}}));
}

TEST_F(TerminationsTest, ALostTrialThatWasToStopIsPrunedAndALateResultLeavesItSo) {
  stop_second();
  two_.deaf = true;
  harness_.pass(std::chrono::seconds(20), {&one_});
  EXPECT_TRUE(second() == TrialState(Pruned{{1}}));
  EXPECT_EQ(harness_.stored(number_of(second_.trial)).restarts, 0);
  two_.deaf = false;
  two_.finished(second_, 0.9);
  EXPECT_EQ(two_.verdict(), Verdict::kSuperseded);
  EXPECT_TRUE(second() == TrialState(Pruned{{1}}));
}

TEST_F(TerminationsTest, AfterARestartEachScoreCountsOnce) {
  submit(stopping_sweep(3));
  one_.report(first_, scored(1, 0.5));
  harness_.restart();
  one_.reconnect();
  two_.reconnect();
  one_.report(first_, scored(1, 0.5));  // a repeat from a checkpoint
  two_.report(second_, scored(1, 0.4));
  const auto decided = harness_.persisted<record::TrialTerminated>();
  ASSERT_EQ(decided.size(), 1);
  EXPECT_EQ(decided[0].evidence.seen, 2);
}

TEST_F(TerminationsTest, AStopIsRememberedThroughARestart) {
  stop_second();
  harness_.restart();
  EXPECT_TRUE(second() == TrialState(Stopping{{1}, Reason::kEarlyStop}));
  two_.reconnect();
  harness_.pass(std::chrono::seconds(5), {&one_, &two_});
  two_.handed_back(second_, 1);
  EXPECT_TRUE(second() == TrialState(Pruned{{1}}));
}

TEST_F(TerminationsTest, ARepeatedReportDecidesNothingAgain) {
  stop_second();
  two_.repeat_last_report();
  EXPECT_TRUE(harness_.persisted<record::TrialTerminated>().empty());
  two_.report(second_, scored(2, 0.1));
  EXPECT_TRUE(harness_.persisted<record::TrialTerminated>().empty()) << "it stops already";
}

TEST_F(TerminationsTest, TrialsOfOtherGroupsAreNotCompared) {
  auto frozen = stopping_sweep(3);
  frozen->spec.early_terminate->group_by = {"lr"};
  submit(frozen);
  one_.report(first_, scored(1, 0.5));
  two_.report(second_, scored(1, 0.4));
  EXPECT_TRUE(two_.got<Stop>().empty());
}

TEST_F(TerminationsTest, ADrainIsOvertaken) {
  submit(stopping_sweep(3));
  one_.report(first_, scored(1, 0.5));
  harness_.steer(request::Verb::kStop);
  EXPECT_TRUE(second() == TrialState(Stopping{{1}, Reason::kDrain}));
  two_.report(second_, scored(1, 0.4));
  EXPECT_TRUE(second() == TrialState(Stopping{{1}, Reason::kEarlyStop}));
}

TEST_F(TerminationsTest, ASweepWithoutTheRuleStopsNobody) {
  submit(testing::make_sweep(3));
  one_.report(first_, scored(1, 0.5));
  two_.report(second_, scored(1, 0.4));
  EXPECT_TRUE(two_.got<Stop>().empty());
}

TEST_F(TerminationsTest, AnExtensionHasTheSameRule) {
  submit(stopping_sweep(3));
  auto other = testing::make_sweep(5);
  other->hash = "another";
  EXPECT_EQ(testing::refused(harness_.extend(other)), ErrorCode::kBadInput);
  other->spec.early_terminate = stopping_sweep(3)->spec.early_terminate;
  EXPECT_TRUE(harness_.extend(other));
}

}  // namespace
}  // namespace firesweep
