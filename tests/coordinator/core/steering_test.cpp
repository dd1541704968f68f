// Scheduler: pause, resume, stop, retry, release.
#include <gtest/gtest.h>

#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {
namespace {

using request::Verb;

class Steering : public ::testing::Test {
 protected:
  // A trial runs at worker a.
  void begin(int trials) {
    h.submit(make_sweep(trials));
    a.hello();
    key = a.assigned();
    a.started(key);
  }
  // Every trial fails, with every restart.
  void fail_all() {
    while (!a.held.empty()) {
      const TrialKey next = a.held.begin()->first;
      a.started(next);
      a.errored(next, Reason::kError);
    }
  }

  Harness h;
  FakeWorker a{h, 1, "host/0"};
  FakeWorker b{h, 2, "host/1"};
  TrialKey key;
};

TEST_F(Steering, APausedSweepLetsRunningTrialsEndAndGivesOutNothing) {
  begin(5);
  EXPECT_TRUE(h.steer(Verb::kPause));
  EXPECT_EQ(h.sweep_state(), SweepState::kPaused);
  EXPECT_TRUE(a.got<Stop>().empty());
  a.finished(key);
  EXPECT_TRUE(std::holds_alternative<Complete>(h.state(number_of(key.trial))));
  EXPECT_TRUE(a.held.empty());
  b.hello();
  EXPECT_TRUE(b.held.empty());
}

TEST_F(Steering, PauseRecallsWhatHasNotBegun) {
  h.submit(make_sweep(5));
  a.hello();
  key = a.assigned();
  h.steer(Verb::kPause);
  ASSERT_EQ(a.got<Recall>().size(), 1u);
  a.returned(key);
  EXPECT_TRUE(std::holds_alternative<Waiting>(h.state(number_of(key.trial))));
  EXPECT_EQ(h.stored(number_of(key.trial)).restarts, 0);
}

TEST_F(Steering, APauseOutlivesTheCoordinator) {
  begin(5);
  h.steer(Verb::kPause);
  h.restart();
  b.hello();
  EXPECT_TRUE(b.held.empty());
  EXPECT_TRUE(h.steer(Verb::kResume));
  EXPECT_EQ(b.held.size(), 1u);
}

TEST_F(Steering, PausingCostsOneRowHoweverMuchWaits) {
  begin(1000);
  h.steer(Verb::kPause);
  EXPECT_EQ(h.records.size(), 1u);
  h.steer(Verb::kResume);
  EXPECT_EQ(h.persisted<record::SweepChanged>().size(), 1u);
}

TEST_F(Steering, AStoppedSweepDrainsAndResumes) {
  begin(5);
  ClientReply reply = h.steer(Verb::kStop);
  EXPECT_EQ(answer_in<reply::SweepSteered>(reply).state, SweepState::kStopping);
  ASSERT_EQ(a.got<Stop>().size(), 1u);
  EXPECT_EQ(a.got<Stop>()[0].reason, Reason::kDrain);
  EXPECT_EQ(refused(h.steer(Verb::kResume)), ErrorCode::kConflict) << "it is still draining";
  a.handed_back(key, 2);
  EXPECT_EQ(h.sweep_state(), SweepState::kStopped);
  EXPECT_TRUE(a.held.empty());
  EXPECT_TRUE(h.steer(Verb::kResume));
  EXPECT_EQ(a.assigned(), (TrialKey{key.trial, {2}})) << "what had begun goes first";
}

TEST_F(Steering, StoppingWhatRunsNothingIsStoppedAtOnce) {
  h.submit(make_sweep(5));
  const ClientReply reply = h.steer(Verb::kStop);
  EXPECT_EQ(answer_in<reply::SweepSteered>(reply).state, SweepState::kStopped);
  EXPECT_EQ(h.sweep_state(), SweepState::kStopped);
}

TEST_F(Steering, RetryRunsFailedTrialsAgainWithAllTheirRestarts) {
  h.submit(make_sweep(2));
  a.hello();
  fail_all();
  ASSERT_EQ(h.sweep_state(), SweepState::kFinished);
  const auto attempts = std::get<Failed>(h.state(0)).newest;
  const ClientReply reply = h.steer(Verb::kRetry);
  EXPECT_EQ(answer_in<reply::SweepSteered>(reply).retried, 2);
  EXPECT_EQ(h.sweep_state(), SweepState::kRunning);
  EXPECT_EQ(h.stored(0).restarts, 0);
  fail_all();
  EXPECT_EQ(std::get<Failed>(h.state(0)).newest.value, 2 * attempts.value);
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
}

TEST_F(Steering, RetryWithinARunningSweepLeavesItsStateAlone) {
  begin(3);
  a.errored(key, Reason::kNan);
  ASSERT_TRUE(std::holds_alternative<Failed>(h.state(number_of(key.trial))));
  EXPECT_TRUE(h.steer(Verb::kRetry, key.trial));
  EXPECT_TRUE(std::holds_alternative<Waiting>(h.state(number_of(key.trial))));
  EXPECT_TRUE(h.persisted<record::SweepChanged>().empty());
  h.steer(Verb::kPause);
  EXPECT_EQ(refused(h.steer(Verb::kRetry)), ErrorCode::kConflict) << "nothing has failed any more";
  EXPECT_EQ(h.sweep_state(), SweepState::kPaused);
}

TEST_F(Steering, ACancelledTrialIsRetriedByItsNumberOnly) {
  begin(2);
  h.cancel({1}, make_trial_id({1}, 1));
  EXPECT_EQ(refused(h.steer(Verb::kRetry)), ErrorCode::kConflict);
  EXPECT_EQ(answer_in<reply::TrialSteered>(h.steer(Verb::kRetry, make_trial_id({1}, 1))).now,
            reply::TrialSteered::Now::kWaiting);
  EXPECT_TRUE(std::holds_alternative<Waiting>(h.state(1)));
  EXPECT_EQ(refused(h.steer(Verb::kRetry, key.trial)), ErrorCode::kConflict) << "it runs";
}

TEST_F(Steering, ASweepThatFailedTooOftenIsTakenUpAgain) {
  auto sweep = make_sweep(5);
  sweep->spec.max_failed_trials = 0;
  h.submit(sweep);
  a.hello();
  key = a.assigned();
  a.started(key);
  a.errored(key, Reason::kNan);
  ASSERT_EQ(h.sweep_state(), SweepState::kFailed);
  EXPECT_TRUE(h.steer(Verb::kRetry));
  EXPECT_EQ(h.sweep_state(), SweepState::kRunning);
  EXPECT_EQ(a.held.size(), 1u);
}

TEST_F(Steering, WhatASweepCannotTakeIsAConflictThatNamesItsState) {
  begin(1);
  a.finished(key);
  for (const Verb verb : {Verb::kPause, Verb::kResume, Verb::kStop, Verb::kCancel, Verb::kRetry}) {
    const ClientReply reply = h.steer(verb);
    EXPECT_EQ(refused(reply), ErrorCode::kConflict) << static_cast<int>(verb);
    EXPECT_TRUE(h.records.empty()) << "nothing is written";
    if (verb != Verb::kRetry) {
      EXPECT_NE(reply.error().what.find("FINISHED"), std::string::npos) << reply.error().what;
    }
  }
}

TEST_F(Steering, AQuarantineEndsByHand) {
  begin(20);
  b.hello();
  b.started(b.assigned());
  for (int failures = 0; failures < 3; ++failures) {
    const TrialKey next = a.held.begin()->first;
    a.started(next);
    a.errored(next, Reason::kError);
  }
  ASSERT_EQ(h.picture("host/0").state, "quarantined");
  ASSERT_TRUE(a.held.empty());
  const ClientReply wrong = h.release("host/1");
  EXPECT_EQ(refused(wrong), ErrorCode::kNotFound);
  EXPECT_NE(wrong.error().hint.find("host/0"), std::string::npos) << wrong.error().hint;
  EXPECT_TRUE(h.release("host/0"));
  EXPECT_EQ(a.held.size(), 1u);
  EXPECT_NE(h.picture("host/0").state, "quarantined");
}

}  // namespace
}  // namespace firesweep::testing
