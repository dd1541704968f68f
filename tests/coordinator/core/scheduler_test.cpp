// Scheduler: results, leases, retries. Sessions are in sessions_test.cpp, verbs and drains in
// verbs_test.cpp.
#include <gtest/gtest.h>

#include <memory>

#include "coordinator/core/leases.h"
#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {
namespace {

using std::chrono::minutes;

template <class State>
bool is(const TrialState& state) {
  return std::holds_alternative<State>(state);
}

// One sweep, one worker; the first trial is leased to it.
class OneWorker : public ::testing::Test {
 protected:
  void begin(std::shared_ptr<FrozenSweep> sweep) {
    h.submit(std::move(sweep));
    a.hello();
    key = a.assigned();
  }
  std::int64_t number() const { return number_of(key.trial); }
  TrialState state() const { return h.state(number()); }

  Harness h;
  FakeWorker a{h, 1, "host/0"};
  FakeWorker b{h, 2, "host/1"};
  TrialKey key;
};

// Silence long enough to lose a lease, with `b` beating where it takes part.
constexpr Duration kBeyondLease = seconds(16);

// ---- results
// -----------------------------------------------------------------------------------------------------

TEST_F(OneWorker, AResultCompletesTheTrialAndBringsTheNextOne) {
  begin(make_sweep(2));
  a.started(key);
  a.finished(key, 0.6);
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
  EXPECT_TRUE(is<Complete>(state()));
  EXPECT_EQ(h.persisted<record::ResultAccepted>().size(), 1u);
  EXPECT_NE(a.assigned().trial, key.trial);
}

TEST_F(OneWorker, ALeaseIsOpenedWithEverythingTheStoreNeeds) {
  begin(make_sweep(1));
  const auto opened = h.persisted<record::AttemptOpened>();
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(opened[0].key, key);
  EXPECT_EQ(key.attempt, AttemptNo{1});
  EXPECT_EQ(opened[0].worker, "host/0");
  EXPECT_EQ(opened[0].session, a.session);
  EXPECT_EQ(opened[0].config.epochs, 4);
  const Assign assign = a.got<Assign>().at(0);
  EXPECT_EQ(assign.config_hash, opened[0].config_hash);
  EXPECT_EQ(assign.architecture.hash, opened[0].architecture_hash);
  EXPECT_EQ(assign.trainer, "simulated");
}

TEST_F(OneWorker, DuplicateResultGetsTheSameAck) {
  begin(make_sweep(1));
  a.started(key);
  a.finished(key);
  a.repeat_last_report();
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
  EXPECT_TRUE(h.records.empty());
}

TEST_F(OneWorker, DuplicateResultAfterARestartGetsTheSameAck) {
  begin(make_sweep(1));
  a.started(key);
  a.finished(key);
  h.restart();
  a.reconnect();
  a.repeat_last_report();
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
  EXPECT_TRUE(h.persisted<record::ResultAccepted>().empty());
  EXPECT_TRUE(h.persisted<record::ResultSuperseded>().empty());
}

TEST_F(OneWorker, AResultWithoutStartedStartsTheTrialFirst) {
  begin(make_sweep(1));
  a.finished(key);
  EXPECT_TRUE(is<Complete>(state()));
  EXPECT_EQ(h.persisted<record::AttemptStarted>().size(), 1u);
}

TEST_F(OneWorker, LateResultOfExpiredLeaseIsAccepted) {
  begin(make_sweep(1));
  a.started(key);
  h.pass(kBeyondLease);
  ASSERT_TRUE(is<Waiting>(state()));
  a.finished(key);
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
  EXPECT_TRUE(is<Complete>(state()));
  EXPECT_TRUE(a.got<Assign>().empty()) << "what has a result is not given out again";
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
}

TEST_F(OneWorker, LateResultOfATrialFailedAsLostIsAccepted) {
  auto sweep = make_sweep(1);
  sweep->spec.max_restarts = 0;
  begin(sweep);
  a.started(key);
  h.pass(kBeyondLease);
  ASSERT_TRUE(state() == TrialState(Failed{key.attempt, Reason::kLost}));
  a.finished(key);
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
  EXPECT_TRUE(is<Complete>(state()));
  EXPECT_EQ(h.picture().trials.failed, 0);
}

TEST_F(OneWorker, ResultOfOlderAttemptIsSuperseded) {
  begin(make_sweep(1));
  a.started(key);
  h.pass(kBeyondLease);
  b.hello();
  const TrialKey newer = b.assigned();
  ASSERT_EQ(newer.attempt, AttemptNo{2});
  a.finished(key);
  EXPECT_EQ(a.verdict(), Verdict::kSuperseded);
  EXPECT_EQ(h.persisted<record::ResultSuperseded>().size(), 1u);
  a.repeat_last_report();
  EXPECT_EQ(a.verdict(), Verdict::kSuperseded);
  EXPECT_TRUE(h.records.empty());
  b.finished(newer);
  EXPECT_EQ(b.verdict(), Verdict::kAccepted);
  EXPECT_EQ(h.stored(number()).accepted, newer.attempt);
}

TEST_F(OneWorker, ResultForATrialCompletedByAnotherAttemptIsSuperseded) {
  begin(make_sweep(1));
  a.started(key);
  h.pass(kBeyondLease);
  b.hello();
  b.finished(b.assigned());
  a.finished(key);
  EXPECT_EQ(a.verdict(), Verdict::kSuperseded);
}

TEST_F(OneWorker, ReportsAboutUnknownTrialsAreAnsweredUnknown) {
  begin(make_sweep(1));
  a.finished({make_trial_id({1}, 99), {1}});
  EXPECT_EQ(a.verdict(), Verdict::kUnknown);
  a.finished({make_trial_id({9}, 0), {1}});
  EXPECT_EQ(a.verdict(), Verdict::kUnknown);
  a.finished({key.trial, {2}});
  EXPECT_EQ(a.verdict(), Verdict::kUnknown) << "an attempt that was never made";
  EXPECT_TRUE(is<Assigned>(state()));
}

TEST_F(OneWorker, AnotherSessionCannotReportOnALease) {
  begin(make_sweep(1));
  b.hello();
  b.finished(key);
  EXPECT_EQ(b.verdict(), Verdict::kUnknown);
  b.errored(key, Reason::kNan);
  EXPECT_EQ(b.verdict(), Verdict::kUnknown);
  EXPECT_TRUE(is<Assigned>(state()));
}

TEST_F(OneWorker, ReportsOfALostLeaseAreFenced) {
  begin(make_sweep(1));
  a.started(key);
  h.pass(kBeyondLease);
  a.errored(key, Reason::kNan);
  EXPECT_EQ(a.verdict(), Verdict::kSuperseded);
  EXPECT_TRUE(is<Waiting>(h.state(number())) || is<Assigned>(h.state(number())));
}

TEST_F(OneWorker, EpochsAreRecordedOncePerReport) {
  begin(make_sweep(1));
  a.started(key);
  a.progressed(key, 1);
  EXPECT_EQ(h.persisted<record::EpochRecorded>().size(), 1u);
  EXPECT_EQ(h.stored(number()).checkpoint_epoch, 1);
  a.repeat_last_report();
  EXPECT_TRUE(h.records.empty());
  a.progressed(key, 99);
  EXPECT_EQ(a.verdict(), Verdict::kUnknown) << "the trial has 4 epochs";
}

// ---- leases
// ------------------------------------------------------------------------------------------------------

TEST_F(OneWorker, SilenceBeyondTheLeaseLosesTheTrial) {
  begin(make_sweep(1));
  a.started(key);
  h.pass(seconds(14));
  EXPECT_TRUE(is<Running>(state()));
  h.pass(seconds(2));
  EXPECT_TRUE(is<Waiting>(state()));
  EXPECT_EQ(h.stored(number()).attempts.at(key.attempt).ended->end, AttemptEnd::kLost);
  EXPECT_EQ(h.picture("host/0").state, "silent");
}

TEST_F(OneWorker, AnyTrafficRenewsTheLease) {
  begin(make_sweep(1));
  a.started(key);
  for (int epoch = 1; epoch <= 4; ++epoch) {
    h.pass(seconds(10));
    a.progressed(key, epoch);
  }
  EXPECT_TRUE(is<Running>(state()));
}

TEST_F(OneWorker, ASuspendedCoordinatorBlamesNobody) {
  begin(make_sweep(1));
  a.started(key);
  h.suspend(minutes(10));
  EXPECT_TRUE(is<Running>(state()));
  h.pass(kBeyondLease);
  EXPECT_TRUE(is<Waiting>(state()));
}

TEST_F(OneWorker, AWorkerThatOnlyBeatsIsStalled) {
  begin(make_sweep(1));
  a.started(key);
  a.progress = 1;
  a.heartbeat();
  h.pass(seconds(55), {&a});
  ASSERT_TRUE(is<Running>(state()));
  h.pass(seconds(8), {&a});
  EXPECT_EQ(h.stored(number()).attempts.at(key.attempt).ended->end, AttemptEnd::kLost);
  EXPECT_EQ(h.stored(number()).attempts.at(key.attempt).ended->message, "no progress");
}

TEST_F(OneWorker, AWedgedWorkerIsGivenNothingWhileItsHandsAreFull) {
  begin(make_sweep(1));
  a.started(key);
  a.progress = 1;
  a.heartbeat();
  a.deaf = true;
  h.pass(seconds(100), {&a});
  EXPECT_TRUE(is<Waiting>(state()));
  EXPECT_EQ(h.stored(number()).attempts.size(), 1u);
  a.deaf = false;
  a.heartbeat();
  ASSERT_EQ(a.got<Abandon>().size(), 1u);
  a.heartbeat();
  EXPECT_EQ(a.assigned().attempt, AttemptNo{2});
}

TEST_F(OneWorker, UnitsOfWorkKeepTheStallClockQuiet) {
  begin(make_sweep(1));
  a.started(key);
  for (int unit = 1; unit <= 10; ++unit) {
    a.progress = static_cast<std::uint64_t>(unit);
    h.pass(seconds(30), {&a});
  }
  EXPECT_TRUE(is<Running>(state()));
}

TEST_F(OneWorker, ALongUnitIsAllowedTenTimesItsLength) {
  begin(make_sweep(1));
  a.started(key);
  h.pass(seconds(30), {&a});
  a.progress = 1;
  a.heartbeat();
  h.pass(seconds(290), {&a});
  EXPECT_TRUE(is<Running>(state()));
  h.pass(seconds(15), {&a});
  EXPECT_TRUE(h.stored(number()).attempts.at(key.attempt).ended.has_value());
}

TEST(FirstUnit, BoundGrowsWithTheBatchUpToTheCeiling) {
  const Duration floor = seconds(60);
  const Duration ceiling = minutes(15);
  EXPECT_EQ(first_unit_bound(0, 128, floor, ceiling), floor);
  EXPECT_GT(first_unit_bound(1'500'000'000, 128, floor, ceiling), minutes(5));
  EXPECT_EQ(first_unit_bound(1'500'000'000, 100'000, floor, ceiling), ceiling);
}

TEST_F(OneWorker, AnUnbegunLeaseHasNoStallClock) {
  begin(make_sweep(1));
  h.pass(minutes(30), {&a});
  EXPECT_TRUE(is<Assigned>(state()));
}

TEST_F(OneWorker, MaxTrialDurationStopsATrialAsTimedOut) {
  auto sweep = make_sweep(1);
  sweep->spec.max_trial_duration = seconds(20);
  begin(sweep);
  a.started(key);
  for (int i = 0; i < 21; ++i) {
    ++a.progress;
    h.pass(seconds(1), {&a});
  }
  EXPECT_TRUE(state() == TrialState(Stopping{key.attempt, Reason::kTimeout}));
  a.handed_back(key, 2);
  EXPECT_TRUE(state() == TrialState(Failed{key.attempt, Reason::kTimeout}));
}

TEST_F(OneWorker, AStopLostOnItsWayIsSaidAgain) {
  begin(make_sweep(1));
  a.started(key);
  a.deaf = true;
  h.cancel({1});
  a.deaf = false;
  int stops = 0;
  for (int i = 0; i < 32; ++i) {
    ++a.progress;
    a.heartbeat();
    h.pass(milliseconds(500));
    stops += static_cast<int>(a.got<Stop>().size());
  }
  EXPECT_EQ(stops, 1);
}

// ---- charging and retries
// ----------------------------------------------------------------------------------------

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

// ---- prefetch
// ----------------------------------------------------------------------------------------------------

TEST_F(OneWorker, RealTrainingHoldsOneTrial) {
  begin(make_sweep(10));
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(a.held.size(), 1u);
    key = a.held.begin()->first;
    a.started(key);
    ++a.progress;
    h.pass(seconds(10), {&a});
    a.finished(key);
  }
  EXPECT_EQ(a.held.size(), 1u);
}

TEST_F(OneWorker, NullTrialsStream) {
  begin(make_sweep(2000));
  for (int i = 0; i < 200; ++i) {
    ASSERT_FALSE(a.held.empty());
    h.now.steady += milliseconds(1);
    a.finished(a.held.begin()->first);
  }
  EXPECT_GT(a.held.size(), 50u);
  EXPECT_LE(a.held.size(), 256u);
}

TEST_F(OneWorker, ATrialResumedAtItsEndEarnsNoPrefetch) {
  begin(make_sweep(100));
  a.started(key, 1);
  h.now.steady += milliseconds(3);
  a.finished(key);
  EXPECT_EQ(a.held.size(), 1u);
}

TEST_F(OneWorker, ATrialAdoptedJustBeforeItsEndEarnsNoPrefetch) {
  begin(make_sweep(100));
  a.started(key);
  h.pass(seconds(10), {&a});
  h.restart();
  a.reconnect();
  h.now.steady += milliseconds(3);
  a.finished(key);
  EXPECT_EQ(a.held.size(), 1u);
}

TEST_F(OneWorker, MaxConcurrentTrialsIsKept) {
  auto sweep = make_sweep(10);
  sweep->spec.max_concurrent_trials = 1;
  begin(sweep);
  b.hello();
  EXPECT_TRUE(b.got<Assign>().empty());
  a.started(key);
  a.finished(key);
  EXPECT_EQ(a.held.size() + b.held.size(), 1u);
}

TEST_F(OneWorker, SweepsAreServedInTheOrderOfTheirIds) {
  h.submit(make_sweep(1, "first"));
  h.submit(make_sweep(1, "second"));
  a.hello();
  const TrialKey first = a.assigned();
  EXPECT_EQ(sweep_of(first.trial), SweepId{1});
  a.finished(first);
  EXPECT_EQ(sweep_of(a.assigned().trial), SweepId{2});
}

// ---- matching
// ----------------------------------------------------------------------------------------------------

std::shared_ptr<FrozenSweep> torch_sweep(std::string amp) {
  auto sweep = make_sweep(1, "torch " + amp);
  sweep->spec.trainer = "torch";
  sweep->spec.base.amp = std::move(amp);
  sweep->dataset_checksum = "f31298fc616915fa";
  return sweep;
}

TEST_F(OneWorker, AWorkerWithoutTheDatasetIsGivenNothingAndTheReasonIsShown) {
  h.submit(torch_sweep("auto"));
  EXPECT_EQ(h.picture().blocked, "no capable worker: none is connected");
  a.hello();
  EXPECT_TRUE(a.got<Assign>().empty());
  EXPECT_EQ(h.picture().blocked, "no capable worker: none has dataset cifar100 (sha256 f312…)");
  b.greeting.capabilities.datasets = {{"cifar100", "f31298fc616915fa"}};
  b.hello();
  EXPECT_EQ(b.got<Assign>().size(), 1u);
  EXPECT_EQ(h.picture().blocked, "");
}

TEST_F(OneWorker, AnAmpKindAskedForMustBeThere) {
  h.submit(torch_sweep("bf16"));
  a.greeting.capabilities.datasets = {{"cifar100", "f31298fc616915fa"}};
  a.hello();
  EXPECT_TRUE(a.got<Assign>().empty());
  EXPECT_EQ(h.picture().blocked, "no capable worker: none has amp bf16");
  a.greeting.capabilities.amp_kinds = {"off", "bf16"};
  a.reconnect();
  EXPECT_EQ(a.got<Assign>().size(), 1u);
}

TEST_F(OneWorker, TrialsThatFitAreFoundBehindThoseThatDoNot) {
  auto sweep = make_sweep(2);
  sweep->spec.parameters.push_back(
      {"amp", ValueList{{Value(std::string("bf16")), Value(std::string("off"))}, {}}});
  h.submit(sweep);
  a.hello();
  const auto assigns = a.got<Assign>();
  ASSERT_EQ(assigns.size(), 1u);
  EXPECT_EQ(assigns[0].config.amp, "off");
  a.finished(assigns[0].key);
  ASSERT_EQ(a.got<Assign>().size(), 1u);
  EXPECT_EQ(a.got<Assign>()[0].config.amp, "off");
  a.finished(a.assigned());
  EXPECT_TRUE(a.held.empty());
  EXPECT_EQ(h.picture().blocked, "no capable worker: none has amp bf16");
  b.greeting.capabilities.amp_kinds = {"off", "bf16"};
  b.hello();
  EXPECT_EQ(b.got<Assign>().size(), 1u);
}

TEST_F(OneWorker, AWorkerWithoutTheTrainerIsGivenNothing) {
  h.submit(make_sweep(1));
  a.greeting.capabilities.trainers = {"torch"};
  a.hello();
  EXPECT_TRUE(a.got<Assign>().empty());
  EXPECT_EQ(h.picture().blocked, "no capable worker: none has trainer simulated");
}

// ---- the picture
// -------------------------------------------------------------------------------------------------

TEST_F(OneWorker, TheOverviewShowsCountsBestAndLabel) {
  auto sweep = make_sweep(3);
  sweep->spec.seeds = {1, 2};
  begin(sweep);
  a.started(key);
  EXPECT_EQ(h.picture("host/0").state, "training");
  EXPECT_EQ(h.picture("host/0").trial, key);
  EXPECT_NE(h.picture("host/0").label.find("v3 lr=0.00"), std::string::npos);
  EXPECT_NE(h.picture("host/0").label.find(" seed="), std::string::npos);
  EXPECT_FALSE(h.picture().seconds_left.has_value());
  a.progressed(key, 1, 10.0);
  EXPECT_NEAR(h.picture("host/0").seconds_left.value(), 30.0, 1e-6);
  EXPECT_NEAR(h.picture().done_share, 0.25 / 6, 1e-9);
  EXPECT_NEAR(h.picture().seconds_left.value(), 10.0 * (6 * 4 - 1), 1e-6);
  a.finished(key, 0.7);
  const SweepOverview picture = h.picture();
  EXPECT_EQ(picture.trials.total, 6);
  EXPECT_EQ(picture.trials.complete, 1);
  EXPECT_EQ(picture.trials.assigned, 1);
  EXPECT_EQ(picture.trials.waiting, 4);
  EXPECT_EQ(picture.best_trial, key.trial);
  EXPECT_EQ(picture.best_accuracy, 0.7);
}

TEST_F(OneWorker, ASweepWithoutTrialsLeftIsFinished) {
  begin(make_sweep(2));
  a.finished(key);
  EXPECT_FALSE(h.scheduler.all_finished());
  a.finished(a.assigned());
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
  EXPECT_TRUE(h.scheduler.all_finished());
  EXPECT_EQ(h.picture().done_share, 1.0);
}

TEST_F(OneWorker, LiveProgressEndsWithItsTrial) {
  begin(make_sweep(2));
  a.started(key);
  a.send({Heartbeat{.last_sequence = 1,
                    .held = {{key, true}},
                    .progress_counter = 9,
                    .live = LiveProgress{.epoch = 7, .epochs = 9, .batch = 1, .batches = 2}}});
  EXPECT_EQ(h.scheduler.overview(h.now).workers.at(0).live.epoch, 7);
  a.finished(key);
  const TrialKey next = a.assigned();
  a.started(next);
  const WorkerOverview shown = h.scheduler.overview(h.now).workers.at(0);
  EXPECT_EQ(shown.trial, next);
  EXPECT_EQ(shown.live, LiveProgress{});
}

TEST_F(OneWorker, MoreThanMaxFailedTrialsStopsAndFailsTheSweep) {
  auto sweep = make_sweep(10);
  sweep->spec.max_failed_trials = 1;
  begin(sweep);
  b.hello();
  const TrialKey running = b.assigned();
  b.started(running);
  a.errored(key, Reason::kNan);
  EXPECT_EQ(h.sweep_state(), SweepState::kRunning);
  a.errored(a.assigned(), Reason::kNan);
  EXPECT_EQ(h.sweep_state(), SweepState::kStopping);
  EXPECT_EQ(b.got<Stop>().size(), 1u);
  EXPECT_TRUE(a.got<Assign>().empty());
  b.handed_back(running, 1);
  EXPECT_TRUE(is<Waiting>(h.state(number_of(running.trial))));
  EXPECT_EQ(h.sweep_state(), SweepState::kFailed);
}

}  // namespace
}  // namespace firesweep::testing
