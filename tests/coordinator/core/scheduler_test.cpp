// Scheduler: results, leases, and what becomes of sweeps. Retries are in retries_test.cpp, who is
// given what in dispatch_test.cpp, sessions in sessions_test.cpp, verbs and drains in
// verbs_test.cpp.
#include "coordinator/core/leases.h"
#include "tests/coordinator/core/one_worker.h"

namespace firesweep::testing {
namespace {

using std::chrono::minutes;

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
  EXPECT_EQ(opened[0].description.config.epochs, 4);
  const Assign assign = a.got<Assign>().at(0);
  EXPECT_EQ(assign.config_hash, opened[0].description.config_hash);
  EXPECT_EQ(assign.architecture.hash, opened[0].description.architecture_hash);
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
