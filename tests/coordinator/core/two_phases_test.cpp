// one_epoch_top_k with promotion: all trials train their epoch, then the best k go on.
#include <gtest/gtest.h>

#include "tests/coordinator/core/two_workers.h"

namespace firesweep {
namespace {

using testing::FakeWorker;
using testing::scored;
using testing::TwoWorkers;

// Four epochs; the best one after the first goes on.
std::shared_ptr<FrozenSweep> two_phases(int trials, std::int64_t k = 1) {
  auto frozen = testing::make_sweep(trials);
  frozen->spec.early_terminate =
      EarlyTermination{.type = Termination::kOneEpochTopK, .promotion = true, .k = k};
  return frozen;
}

class TwoPhasesTest : public TwoWorkers {
 protected:
  // It reports its epoch, is told to wait, and has handed the trial back with its checkpoint.
  void come(FakeWorker& worker, TrialKey key, double score) {
    worker.report(key, scored(1, score));
    ASSERT_EQ(worker.got<Stop>(), (std::vector<Stop>{{key, Reason::kDrain}}));
    worker.handed_back(key, 1);
  }
  TrialKey begin_next(FakeWorker& worker) {
    const TrialKey key = worker.assigned();
    worker.started(key);
    return key;
  }
  std::size_t given() const { return one_.got<Assign>().size() + two_.got<Assign>().size(); }
  bool waits(TrialKey key) const { return std::holds_alternative<Waiting>(state(key)); }
};

TEST_F(TwoPhasesTest, NobodyGoesOnBeforeAllHaveComeThenTheBestDoesAndTheRestIsPruned) {
  submit(two_phases(4));
  come(one_, first_, 0.4);
  const TrialKey third = begin_next(one_);
  come(two_, second_, 0.5);
  const TrialKey fourth = begin_next(two_);
  EXPECT_EQ(third.attempt, AttemptNo{1});
  EXPECT_EQ(fourth.attempt, AttemptNo{1});
  come(one_, third, 0.3);
  EXPECT_EQ(given(), 0u) << "the fourth may be better than all";
  two_.report(fourth, scored(1, 0.2));
  const TrialKey next = one_.assigned();
  EXPECT_EQ(next, (TrialKey{second_.trial, {2}}));
  const auto promoted = harness_.persisted<record::TrialPromoted>();
  ASSERT_EQ(promoted.size(), 1);
  EXPECT_EQ(promoted[0].evidence,
            (Evidence{.epoch = 1, .score = 0.5, .threshold = 0.5, .rank = 1, .seen = 4}));
  two_.handed_back(fourth, 1);
  EXPECT_EQ(given(), 0u);
  one_.started(next, 1);
  for (const std::int64_t epoch : {2, 3}) {
    one_.report(next, scored(epoch, 0.1));
    EXPECT_TRUE(one_.got<Stop>().empty()) << "one comparison decides";
  }
  EXPECT_TRUE(waits(first_));
  one_.finished(next, 0.6);
  EXPECT_EQ(harness_.persisted<record::TrialTerminated>().size(), 3u);
  EXPECT_TRUE(state(first_) == TrialState(Pruned{{1}}));
  EXPECT_TRUE(state(fourth) == TrialState(Pruned{{1}}));
  EXPECT_EQ(harness_.sweep_state(), SweepState::kFinished);
}

TEST_F(TwoPhasesTest, TheLastToComeGoesOnAtOnceIfItIsAmongTheBest) {
  submit(two_phases(2));
  come(one_, first_, 0.4);
  two_.report(second_, scored(1, 0.5));
  EXPECT_TRUE(two_.got<Stop>().empty());
  EXPECT_TRUE(state(second_) == TrialState(Running{{1}}));
  EXPECT_TRUE(waits(first_));
}

TEST_F(TwoPhasesTest, OfFewerThanThereArePlacesAllGoOn) {
  submit(two_phases(2, 3));
  come(one_, first_, 0.4);
  two_.report(second_, scored(1, 0.3));
  EXPECT_EQ(one_.assigned(), (TrialKey{first_.trial, {2}}));
  two_.handed_back(second_, 1);
  EXPECT_EQ(two_.assigned(), (TrialKey{second_.trial, {2}}));
}

TEST_F(TwoPhasesTest, ATrialThatFailsBeforeItComesIsNotWaitedFor) {
  submit(two_phases(2));
  come(one_, first_, 0.4);
  EXPECT_EQ(given(), 0u);
  two_.errored(second_, Reason::kNan);
  EXPECT_EQ(given(), 1u);
  EXPECT_TRUE(state(first_) == TrialState(Assigned{{2}}));
}

TEST_F(TwoPhasesTest, ATrialThatIsCancelledBeforeItComesIsNotWaitedForNorOneAtItsRungReplaced) {
  submit(two_phases(3));
  come(one_, first_, 0.4);
  const TrialKey third = begin_next(one_);
  come(one_, third, 0.3);
  harness_.cancel({1}, first_.trial);
  EXPECT_EQ(given(), 0u);
  harness_.cancel({1}, second_.trial);
  two_.handed_back(second_, 0);
  EXPECT_TRUE(std::holds_alternative<Cancelled>(state(second_)));
  EXPECT_EQ(given(), 0u) << "the one place is the cancelled trial's";
  EXPECT_TRUE(state(third) == TrialState(Pruned{{1}}));
}

TEST_F(TwoPhasesTest, StoppedBetweenThePhasesAndStartedAgainItWaitsForTheSame) {
  submit(two_phases(3));
  come(one_, first_, 0.4);
  const TrialKey third = begin_next(one_);
  come(two_, second_, 0.5);
  harness_.steer(request::Verb::kStop);
  one_.handed_back(third, 0);
  EXPECT_EQ(harness_.sweep_state(), SweepState::kStopped);
  harness_.restart();
  one_.reconnect();
  two_.reconnect();
  harness_.steer(request::Verb::kResume);
  ASSERT_EQ(given(), 1u);
  FakeWorker& free = one_.got<Assign>().empty() ? two_ : one_;
  EXPECT_EQ(free.assigned(), (TrialKey{third.trial, {2}})) << "which has not come yet";
  free.started(free.assigned());
  come(free, {third.trial, {2}}, 0.3);
  EXPECT_TRUE(state(second_) == TrialState(Assigned{{2}}));
  EXPECT_TRUE(waits(first_));
}

// Those that an extension or a further seed brings are compared with all that came before.
TEST_F(TwoPhasesTest, OfTrialsThatAreAddedLaterThoseAmongTheBestOfAllGoOn) {
  submit(two_phases(2));
  come(one_, first_, 0.4);
  two_.report(second_, scored(1, 0.5));
  auto more = two_phases(4);
  more->hash = "more";
  ASSERT_TRUE(harness_.extend(more));
  const TrialKey third = begin_next(one_);
  come(one_, third, 0.45);
  const TrialKey fourth = begin_next(one_);
  one_.report(fourth, scored(1, 0.6));
  EXPECT_TRUE(one_.got<Stop>().empty()) << "it is the best of four";
  two_.finished(second_, 0.7);
  one_.finished(fourth, 0.8);
  EXPECT_TRUE(std::holds_alternative<Pruned>(state(first_)));
  EXPECT_TRUE(std::holds_alternative<Pruned>(state(third)));
  EXPECT_EQ(harness_.sweep_state(), SweepState::kFinished);
}

}  // namespace
}  // namespace firesweep
