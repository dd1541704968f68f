// Scheduler: what is charged, what is tried again, and by whom.
#include "tests/coordinator/core/one_worker.h"

namespace firesweep::testing {
namespace {

TEST_F(OneWorker, AWorkerThatHandsBackUnaskedIsGivenNothingMore) {
  begin(make_sweep(2));
  a.started(key);
  a.handed_back(key, 2);
  EXPECT_TRUE(is<Waiting>(state()));
  EXPECT_TRUE(a.got<Assign>().empty()) << "it leaves: somebody else goes on";
  b.hello();
  EXPECT_EQ(b.assigned().trial, key.trial);
  EXPECT_EQ(h.stored(number()).restarts, 0);
}

TEST_F(OneWorker, AWorkerThatWasAskedToHandBackIsGivenWork) {
  auto sweep = make_sweep(2);
  sweep->spec.max_trial_duration = seconds(1);
  begin(sweep);
  a.started(key);
  h.pass(seconds(2), {&a});
  a.handed_back(key, 2);
  EXPECT_EQ(a.got<Assign>().size(), 1u);
}

TEST_F(OneWorker, ALossBeforeTheStartIsNotCharged) {
  begin(make_sweep(1));
  h.pass(kBeyondLease);
  EXPECT_TRUE(is<Waiting>(state()));
  EXPECT_EQ(h.stored(number()).restarts, 0);
  EXPECT_FALSE(h.stored(number()).attempts.at(key.attempt).ended->charged);
}

TEST_F(OneWorker, ALossAfterTheStartIsCharged) {
  begin(make_sweep(1));
  a.started(key);
  h.pass(kBeyondLease);
  EXPECT_EQ(h.stored(number()).restarts, 1);
  EXPECT_TRUE(h.stored(number()).attempts.at(key.attempt).ended->charged);
}

TEST_F(OneWorker, ALossThatLeftANewerCheckpointIsNotCharged) {
  begin(make_sweep(1));
  a.started(key);
  a.progressed(key, 1);
  h.pass(kBeyondLease);
  EXPECT_EQ(h.stored(number()).restarts, 0);
}

TEST_F(OneWorker, ALossBelowTheNewestCheckpointIsChargedAlsoAfterARestart) {
  begin(make_sweep(1));
  a.started(key);
  a.progressed(key, 4);
  b.hello();
  h.pass(kBeyondLease, {&b});
  h.pass(seconds(1), {&b});
  const TrialKey second{key.trial, {2}};
  ASSERT_TRUE(state() == TrialState(Assigned{second.attempt}));
  b.started(second, 2);  // its host had an older checkpoint
  b.progressed(second, 3);
  h.restart();
  b.reconnect();
  h.pass(kBeyondLease);
  EXPECT_EQ(h.stored(number()).restarts, 1) << "nothing beyond epoch 4 was left";
}

TEST_F(OneWorker, LossesThatNeverGetFurtherAreChargedInTheEnd) {
  auto sweep = make_sweep(1);
  sweep->spec.max_restarts = 1;
  begin(sweep);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    a.started(key);
    a.progressed(key, 1);
    h.pass(kBeyondLease);
    ASSERT_EQ(is<Failed>(state()), attempt == 3) << "attempt " << attempt;
    if (attempt == 3) break;
    a.hello();
    a.held.clear();
    a.heartbeat();
    key = a.assigned();
  }
  EXPECT_TRUE(state() == TrialState(Failed{key.attempt, Reason::kLost}));
}

TEST_F(OneWorker, ErrorsUseUpRestartsThenFail) {
  auto sweep = make_sweep(1);
  sweep->spec.max_restarts = 2;
  begin(sweep);
  for (int attempt = 1; attempt <= 2; ++attempt) {
    a.started(key);
    a.errored(key, Reason::kError);
    EXPECT_EQ(h.stored(number()).restarts, attempt);
    key = a.assigned();
  }
  a.started(key);
  a.errored(key, Reason::kError);
  EXPECT_TRUE(state() == TrialState(Failed{{3}, Reason::kError}));
  EXPECT_EQ(h.stored(number()).message, "it broke");
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished) << "one trial's failure never stops the sweep";
}

TEST_F(OneWorker, NanAndBadConfigFailAtOnce) {
  begin(make_sweep(2));
  a.started(key);
  a.errored(key, Reason::kNan);
  EXPECT_TRUE(state() == TrialState(Failed{{1}, Reason::kNan}));
  const TrialKey second = a.assigned();
  a.errored(second, Reason::kBadConfig);
  EXPECT_TRUE(h.state(number_of(second.trial)) == TrialState(Failed{{1}, Reason::kBadConfig}));
}

TEST_F(OneWorker, OutOfMemoryIsTriedOnceAgain) {
  begin(make_sweep(1));
  a.errored(key, Reason::kOom);
  ASSERT_TRUE(is<Assigned>(state()));
  a.errored(a.assigned(), Reason::kOom);
  EXPECT_TRUE(state() == TrialState(Failed{{2}, Reason::kOom}));
}

TEST_F(OneWorker, ARetryPrefersAnotherWorker) {
  begin(make_sweep(2));
  a.started(key);
  b.hello();
  const TrialKey other = b.assigned();
  a.errored(key, Reason::kError);
  EXPECT_TRUE(a.got<Assign>().empty());
  b.started(other);
  b.finished(other);
  EXPECT_EQ(b.assigned().trial, key.trial);
}

TEST_F(OneWorker, ARetryGoesToTheSameWorkerWhereThereIsNoOther) {
  begin(make_sweep(1));
  a.errored(key, Reason::kError);
  EXPECT_EQ(a.assigned().trial, key.trial);
}

TEST_F(OneWorker, ThreeDifferentFailuresInARowQuarantineAWorkerForAnHour) {
  begin(make_sweep(10));
  b.hello();
  b.started(b.assigned());
  for (int failures = 0; failures < 3; ++failures) {
    EXPECT_NE(h.picture("host/0").state, "quarantined") << failures;
    a.started(key);
    a.errored(key, Reason::kError);
    if (failures < 2) key = a.assigned();
  }
  EXPECT_EQ(h.picture("host/0").state, "quarantined");
  const auto pass_minutes = [&](int count) {
    for (int half = 0; half < 2 * count; ++half) {
      ++b.progress;
      h.pass(seconds(30), {&a, &b});
    }
  };
  pass_minutes(59);
  EXPECT_TRUE(a.held.empty());
  pass_minutes(2);
  EXPECT_FALSE(a.held.empty());
}

// Three trials fail for good, one after the other, at worker a.
void fail_three(FakeWorker& a, TrialKey key) {
  for (int failures = 0; failures < 3; ++failures) {
    a.started(key);
    a.errored(key, Reason::kError);
    if (failures < 2) key = a.assigned();
  }
}

TEST_F(OneWorker, AQuarantineHoldsOnlyWhileATrustedWorkerCanDoTheWork) {
  auto sweep = make_sweep(10);
  sweep->spec.max_restarts = 0;
  begin(sweep);
  fail_three(a, key);
  EXPECT_EQ(a.held.size(), 1u) << "it is alone";
  EXPECT_TRUE(h.picture().blocked.empty()) << h.picture().blocked;

  b.hello();
  a.finished(a.held.begin()->first);
  EXPECT_TRUE(a.held.empty());
  EXPECT_EQ(h.picture("host/0").state, "quarantined");
  h.pass(seconds(30), {&a});
  EXPECT_FALSE(a.held.empty()) << "the trusted worker fell silent";
}

TEST_F(OneWorker, ATrustedWorkerThatCannotRunTheSweepKeepsNobodyAway) {
  auto sweep = make_sweep(10);
  sweep->spec.max_restarts = 0;
  begin(sweep);
  b.greeting.capabilities.trainers = {"torch"};
  b.hello();
  fail_three(a, key);
  EXPECT_EQ(a.held.size(), 1u);
}

TEST_F(OneWorker, ASuccessEndsTheRowOfFailures) {
  begin(make_sweep(10));
  b.hello();
  b.started(b.assigned());
  for (int i = 0; i < 6; ++i) {
    a.started(key);
    if (i % 3 == 2) {
      a.finished(key);
    } else {
      a.errored(key, Reason::kError);
    }
    key = a.assigned();
  }
  EXPECT_NE(h.picture("host/0").state, "quarantined");
}

TEST_F(OneWorker, BadConfigsDoNotQuarantineTheWorker) {
  begin(make_sweep(10));
  for (int i = 0; i < 5; ++i) {
    a.errored(key, Reason::kBadConfig);
    key = a.assigned();
  }
  EXPECT_NE(h.picture("host/0").state, "quarantined");
}

}  // namespace
}  // namespace firesweep::testing
