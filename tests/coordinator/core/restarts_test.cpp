// Scheduler: restarts of the coordinator.
#include <gtest/gtest.h>

#include "tests/coordinator/core/one_worker.h"

namespace firesweep::testing {
namespace {

using Restarts = OneWorker;

TEST_F(Restarts, ARestartWaitsOneLeaseForTheWorkersToClaim) {
  begin(make_sweep(1));
  a.started(key);
  h.restart();
  h.pass(seconds(14));
  EXPECT_TRUE(std::holds_alternative<Running>(state()));
  h.pass(seconds(2));
  EXPECT_TRUE(std::holds_alternative<Waiting>(state()));
  EXPECT_EQ(h.stored(0).restarts, 1);
}

TEST_F(Restarts, ARestartedCoordinatorAsksThenAdopts) {
  begin(make_sweep(1));
  a.started(key);
  h.restart();
  a.heartbeat();
  ASSERT_EQ(a.got<WhoAreYou>().size(), 1u);
  a.hello();
  EXPECT_TRUE(a.got<Abandon>().empty());
  EXPECT_GT(a.last_sequence, 0u);
  h.pass(seconds(20), {&a});
  a.finished(key);
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
  EXPECT_EQ(h.stored(0).attempts.size(), 1u) << "nothing was trained twice";
}

TEST_F(Restarts, SequenceNumbersGoOnAboveThoseBeforeTheRestart) {
  begin(make_sweep(3));
  a.started(key);
  a.finished(key);
  const std::uint64_t before = a.last_sequence;
  h.restart();
  a.hello();
  EXPECT_EQ(a.last_sequence, before + 1);
}

TEST_F(Restarts, AnAssignCommittedButNeverSentIsGivenAgainUncharged) {
  h.submit(make_sweep(1));
  a.deaf = true;
  a.hello();
  h.restart();
  a.deaf = false;
  a.hello();
  EXPECT_EQ(a.assigned().attempt, AttemptNo{2});
  EXPECT_EQ(h.stored(0).restarts, 0);
}

TEST_F(Restarts, ARestartGivesOutWhatWasNeverIssuedOnce) {
  begin(make_sweep(4));
  a.finished(key);
  const TrialKey second = a.assigned();
  h.restart();
  a.hello();
  a.finished(second);
  for (int i = 0; i < 2; ++i) a.finished(a.assigned());
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
  for (int number = 0; number < 4; ++number) EXPECT_EQ(h.stored(number).attempts.size(), 1u);
}

TEST_F(Restarts, AStopOfBeforeTheRestartIsSaidAgain) {
  begin(make_sweep(1));
  a.started(key);
  a.deaf = true;
  h.cancel({1});
  h.restart();
  a.deaf = false;
  a.reconnect();
  ASSERT_EQ(a.got<Stop>().size(), 1u);
  EXPECT_EQ(a.got<Stop>()[0].reason, Reason::kUser);
  a.handed_back(key);
  EXPECT_TRUE(std::holds_alternative<Cancelled>(state()));
}

TEST_F(Restarts, TheBestOfBeforeTheRestartIsKeptUntilABetterOne) {
  begin(make_sweep(3));
  a.finished(key, 0.8);
  Snapshot snapshot = h.store.snapshot();
  snapshot.sweeps.at(0).best_trial = key.trial;
  snapshot.sweeps.at(0).best_accuracy = 0.8;
  h.scheduler = Scheduler(std::move(snapshot), h.options, h.now);
  a.hello();
  const TrialKey worse = a.held.begin()->first;
  a.finished(worse, 0.7);
  EXPECT_EQ(h.picture().best_trial, key.trial);
  a.finished(a.assigned(), 0.9);
  EXPECT_EQ(h.picture().best_accuracy, 0.9);
}

TEST_F(Restarts, ASweepThatEndedWithTheCrashIsFinishedByTheNextEvent) {
  begin(make_sweep(1));
  a.finished(key);
  h.store.sweeps.at({1}).state = SweepState::kRunning;
  h.restart();
  h.on(event::Tick{});
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
}

TEST_F(Restarts, ARestartedCoordinatorTakesAHelloOfAnyNumberForTheNewest) {
  begin(make_sweep(1));
  a.started(key);
  h.restart();
  a.frames = 0;
  a.heartbeat();
  EXPECT_EQ(a.got<WhoAreYou>().size(), 1u);
  a.hello();
  EXPECT_EQ(a.got<Welcome>().size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Running>(state()));
}

}  // namespace
}  // namespace firesweep::testing
