// Scheduler: sessions, reconnects, restarts.
#include <gtest/gtest.h>

#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {
namespace {

class Sessions : public ::testing::Test {
 protected:
  void begin(int trials) {
    h.submit(make_sweep(trials));
    a.hello();
    key = a.assigned();
  }
  TrialState state() const { return h.state(number_of(key.trial)); }

  Harness h;
  FakeWorker a{h, 1, "host/0"};
  FakeWorker b{h, 2, "host/1"};
  TrialKey key;
};

TEST_F(Sessions, HelloIsWelcomedAndTheWorkerIsRecorded) {
  a.hello();
  ASSERT_EQ(a.got<Welcome>().size(), 1u);
  EXPECT_EQ(a.got<Welcome>()[0].lease, seconds(15));
  EXPECT_EQ(h.store.workers.at(a.session), "host/0");
}

TEST_F(Sessions, AnotherProtocolIsRefusedNamingBothVersions) {
  a.greeting.protocol = kProtocolVersion + 1;
  a.hello();
  ASSERT_EQ(a.got<Refused>().size(), 1u);
  const std::string why = a.got<Refused>()[0].why;
  EXPECT_NE(why.find(std::to_string(kProtocolVersion)), std::string::npos);
  EXPECT_NE(why.find(std::to_string(kProtocolVersion + 1)), std::string::npos);
  EXPECT_TRUE(h.store.workers.empty());
}

TEST_F(Sessions, AFrameOfAnUnknownSessionIsAskedWhoItIs) {
  a.heartbeat();
  EXPECT_EQ(a.got<WhoAreYou>().size(), 1u);
  EXPECT_TRUE(h.records.empty());
}

TEST_F(Sessions, AKnownSessionFromAnotherAddressIsAskedWhoItIsAndStillHeard) {
  begin(1);
  const PeerId before = a.peer;
  a.peer += "'";
  a.started(key);
  EXPECT_EQ(a.got<WhoAreYou>().size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Running>(state()));
  a.hello();
  EXPECT_EQ(a.got<Welcome>().size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Running>(state()));
}

TEST_F(Sessions, AReconnectAdoptsWhatIsHeld) {
  begin(1);
  a.started(key);
  h.pass(seconds(10));
  a.reconnect();
  EXPECT_TRUE(std::holds_alternative<Running>(state()));
  EXPECT_TRUE(a.got<Abandon>().empty());
  h.pass(seconds(10));
  EXPECT_TRUE(std::holds_alternative<Running>(state())) << "a fresh lease";
}

TEST_F(Sessions, AssignLostWithTheSocketIsNotCharged) {
  h.submit(make_sweep(1));
  a.deaf = true;
  a.hello();
  a.deaf = false;
  a.reconnect();
  EXPECT_EQ(h.stored(0).attempts.at({1}).ended->end, AttemptEnd::kUnstarted);
  EXPECT_EQ(h.stored(0).restarts, 0);
  EXPECT_EQ(a.assigned().attempt, AttemptNo{2}) << "given again at once";
}

TEST_F(Sessions, LeasedButNoLongerHeldIsLost) {
  begin(1);
  a.started(key);
  a.held.clear();
  a.reconnect();
  EXPECT_EQ(h.stored(0).attempts.at({1}).ended->end, AttemptEnd::kLost);
  EXPECT_EQ(h.stored(0).restarts, 1);
}

TEST_F(Sessions, AHeartbeatComparesToo) {
  begin(1);
  a.started(key);
  a.held.clear();
  a.heartbeat();
  EXPECT_EQ(h.stored(0).attempts.at({1}).ended->end, AttemptEnd::kLost);
}

TEST_F(Sessions, AHeartbeatDoesNotJudgeAnAssignOnItsWay) {
  h.submit(make_sweep(1));
  a.deaf = true;
  a.hello();
  a.heartbeat();
  EXPECT_TRUE(std::holds_alternative<Assigned>(h.state(0)));
}

TEST_F(Sessions, AnAssignThatNeverArrivesIsTakenBackAfterALease) {
  h.submit(make_sweep(1));
  a.deaf = true;
  a.hello();
  h.pass(seconds(14), {&a});
  EXPECT_EQ(h.stored(0).attempts.size(), 1u);
  h.pass(seconds(2), {&a});
  EXPECT_EQ(h.stored(0).attempts.at({1}).ended->end, AttemptEnd::kUnstarted);
  EXPECT_EQ(h.stored(0).restarts, 0);
}

TEST_F(Sessions, AnAssignThatNobodyClaimsIsTakenBackThoughReportsComeIn) {
  h.submit(make_sweep(1));
  a.deaf = true;
  a.hello();
  key = {make_trial_id({1}, 0), {1}};
  for (int i = 0; i < 5; ++i) {
    h.pass(seconds(4));
    a.send({Report{++a.reports, {key.trial, {9}}, report::Started{}}});
  }
  EXPECT_EQ(h.stored(0).attempts.at({1}).ended->end, AttemptEnd::kUnstarted);
  EXPECT_EQ(h.stored(0).attempts.size(), 1u) << "its hands are full until it says otherwise";
  a.deaf = false;
  a.heartbeat();
  EXPECT_EQ(a.assigned().attempt, AttemptNo{2});
}

TEST_F(Sessions, HeldButNotLeasedIsToldToAbandon) {
  begin(1);
  a.started(key);
  h.pass(seconds(16));
  a.reconnect();
  ASSERT_EQ(a.got<Abandon>().size(), 1u);
  EXPECT_EQ(a.got<Abandon>()[0].key, key);
  EXPECT_TRUE(a.got<Assign>().empty()) << "its hands are full until it says otherwise";
  a.heartbeat();
  EXPECT_EQ(a.assigned().attempt, AttemptNo{2});
}

TEST_F(Sessions, AResultWhoseAckIsOnItsWayIsNotAbandoned) {
  begin(2);
  a.started(key);
  a.deaf = true;
  a.finished(key);
  a.deaf = false;
  a.heartbeat();
  EXPECT_TRUE(a.got<Abandon>().empty());
  EXPECT_EQ(h.stored(number_of(key.trial)).accepted, key.attempt);
}

TEST_F(Sessions, AResultInTheSameFrameAsAHelloIsJudgedBeforeWhatIsHeld) {
  begin(1);
  a.started(key);
  h.restart();
  a.peer += "'";
  a.greeting.last_sequence = a.last_sequence;
  a.greeting.held = {};
  a.send({a.greeting, Report{++a.reports, key, report::Finished{result_of(0.5)}}});
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
  EXPECT_EQ(h.stored(0).attempts.size(), 1u);
}

TEST_F(Sessions, AGoodbyeLosesWhatWasNotHandedBack) {
  begin(1);
  a.started(key);
  a.goodbye();
  EXPECT_EQ(h.stored(0).attempts.at({1}).ended->end, AttemptEnd::kLost);
  EXPECT_TRUE(h.scheduler.overview(h.now).workers.empty());
}

TEST_F(Sessions, ReportsInTheGoodbyeFrameAreAcknowledged) {
  begin(1);
  a.send({Report{1, key, report::Returned{}}, Goodbye{}});
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
  EXPECT_EQ(h.stored(0).attempts.at({1}).ended->end, AttemptEnd::kUnstarted);
}

TEST_F(Sessions, ABeatingWorkerIsAnsweredSoThatItKnowsTheCoordinatorLives) {
  begin(1);
  a.started(key);
  const std::uint64_t before = a.last_sequence;
  h.pass(seconds(14), {&a});
  EXPECT_GE(a.last_sequence, before + 2);
  EXPECT_LE(a.last_sequence, before + 4) << "not every beat";
}

TEST_F(Sessions, AHelloOnTheSameSocketIsAnsweredAndRecordedOnce) {
  begin(1);
  a.hello();
  EXPECT_EQ(a.got<Welcome>().size(), 1u);
  EXPECT_TRUE(h.records.empty());
  EXPECT_TRUE(std::holds_alternative<Assigned>(state()));
}

TEST_F(Sessions, ACommandMissedIsSaidAgainAtTheNextHello) {
  begin(1);
  a.started(key);
  a.deaf = true;
  h.cancel({1});
  a.deaf = false;
  a.hello();
  EXPECT_EQ(a.got<Stop>().size(), 1u);
}

// ---- restarts of the coordinator
// ---------------------------------------------------------------------------------

TEST_F(Sessions, ARestartWaitsOneLeaseForTheWorkersToClaim) {
  begin(1);
  a.started(key);
  h.restart();
  h.pass(seconds(14));
  EXPECT_TRUE(std::holds_alternative<Running>(state()));
  h.pass(seconds(2));
  EXPECT_TRUE(std::holds_alternative<Waiting>(state()));
  EXPECT_EQ(h.stored(0).restarts, 1);
}

TEST_F(Sessions, ARestartedCoordinatorAsksThenAdopts) {
  begin(1);
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

TEST_F(Sessions, SequenceNumbersGoOnAboveThoseBeforeTheRestart) {
  begin(3);
  a.started(key);
  a.finished(key);
  const std::uint64_t before = a.last_sequence;
  h.restart();
  a.hello();
  EXPECT_EQ(a.last_sequence, before + 1);
}

TEST_F(Sessions, AnAssignCommittedButNeverSentIsGivenAgainUncharged) {
  h.submit(make_sweep(1));
  a.deaf = true;
  a.hello();
  h.restart();
  a.deaf = false;
  a.hello();
  EXPECT_EQ(a.assigned().attempt, AttemptNo{2});
  EXPECT_EQ(h.stored(0).restarts, 0);
}

TEST_F(Sessions, ARestartGivesOutWhatWasNeverIssuedOnce) {
  begin(4);
  a.finished(key);
  const TrialKey second = a.assigned();
  h.restart();
  a.hello();
  a.finished(second);
  for (int i = 0; i < 2; ++i) a.finished(a.assigned());
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
  for (int number = 0; number < 4; ++number) EXPECT_EQ(h.stored(number).attempts.size(), 1u);
}

TEST_F(Sessions, AStopOfBeforeTheRestartIsSaidAgain) {
  begin(1);
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

TEST_F(Sessions, TheBestOfBeforeTheRestartIsKeptUntilABetterOne) {
  begin(3);
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

TEST_F(Sessions, ASweepThatEndedWithTheCrashIsFinishedByTheNextEvent) {
  begin(1);
  a.finished(key);
  h.store.sweeps.at({1}).state = SweepState::kRunning;
  h.restart();
  h.on(event::Tick{});
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
}

TEST_F(Sessions, AHelloOvertakenByANewerSocketTakesNothingThatHasStarted) {
  begin(1);
  const Hello late = a.greeting;  // written before anything was assigned
  const std::uint64_t frame = a.frames;
  a.reconnect();
  a.started(key);
  a.send_late(frame, "older socket", {late});
  EXPECT_TRUE(std::holds_alternative<Running>(state()));
  EXPECT_EQ(h.stored(0).attempts.size(), 1u);
  a.finished(key);
  EXPECT_TRUE(std::holds_alternative<Complete>(state()));
}

TEST_F(Sessions, AHelloThatDeniesWhatItsWorkerHasStartedTakesNothing) {
  begin(1);
  a.started(key);
  Hello wrong = a.greeting;
  wrong.last_sequence = 0;
  wrong.held.clear();
  a.send({wrong});
  EXPECT_TRUE(std::holds_alternative<Running>(state()));
}

TEST_F(Sessions, NumbersOfACountBeforeAreNotTakenForThisOnes) {
  h.submit(make_sweep(1));
  a.deaf = true;
  a.hello();
  a.last_sequence = 9;  // of what it heard before the coordinator read its file anew
  a.heartbeat();
  EXPECT_TRUE(std::holds_alternative<Assigned>(h.state(0))) << "the assignment is on its way";
}

TEST_F(Sessions, AnOvertakenHelloMovesNoAnswers) {
  begin(2);
  a.started(key);
  const std::uint64_t frame = a.frames;
  a.reconnect();
  a.send_late(frame, "older socket", {a.greeting});
  EXPECT_TRUE(a.got<Welcome>().empty());
  a.finished(key);
  EXPECT_EQ(a.verdict(), Verdict::kAccepted) << "it is answered where it is";
  EXPECT_EQ(a.got<Assign>().size(), 1u);
}

TEST_F(Sessions, WhatWasOvertakenStaysSoWhenTheFileIsReadAgain) {
  begin(2);
  a.started(key);
  const std::uint64_t frame = a.frames;
  a.reconnect();
  h.read_again();
  a.send_late(frame, "older socket", {a.greeting});
  EXPECT_TRUE(a.got<Welcome>().empty());
  a.hello();
  EXPECT_EQ(a.got<Welcome>().size(), 1u);
  a.finished(key);
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
}

TEST_F(Sessions, OvertakenWordsKeepNoLeaseAlive) {
  begin(1);
  a.started(key);
  const std::uint64_t frame = a.frames;
  a.reconnect();
  for (int i = 0; i < 4; ++i) {
    h.pass(seconds(4));
    a.send_late(frame, "older socket", {Heartbeat{a.last_sequence, {{key, true}}, 7, {}}});
  }
  EXPECT_EQ(h.stored(0).attempts.at({1}).ended->end, AttemptEnd::kLost);
  EXPECT_EQ(h.picture("host/0").state, "silent");
}

TEST_F(Sessions, ReportsOfAnOvertakenFrameAreJudged) {
  begin(1);
  a.started(key);
  const std::uint64_t frame = ++a.frames;
  a.reconnect();
  a.held.erase(key);
  a.send_late(frame, "older socket",
              {a.greeting, Report{++a.reports, key, report::Finished{result_of(0.5)}}});
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
  EXPECT_TRUE(std::holds_alternative<Complete>(state()));
}

TEST_F(Sessions, NothingHeldBackCallsAWorkerBackThatHasLeft) {
  a.hello();
  const Hello late = a.greeting;
  a.goodbye();
  h.submit(make_sweep(1));
  h.pass(seconds(30));
  a.send_late(1, "older socket", {late});
  EXPECT_TRUE(h.scheduler.overview(h.now).workers.empty());
  EXPECT_TRUE(std::holds_alternative<Waiting>(h.state(0))) << "nobody is there to train it";
}

TEST_F(Sessions, AGoodbyeToARestartedCoordinatorGivesBackWhatNeverArrived) {
  begin(1);
  h.restart();
  a.goodbye();
  EXPECT_TRUE(std::holds_alternative<Waiting>(state()));
  EXPECT_EQ(h.stored(0).restarts, 0);
  a.send_late(1, "older socket", {a.greeting});
  EXPECT_TRUE(h.scheduler.overview(h.now).workers.empty());
}

TEST_F(Sessions, AGoodbyeOfAnUnknownSessionIsItsLastWord) {
  a.goodbye();
  EXPECT_TRUE(a.got<WhoAreYou>().empty());
  a.send_late(1, "older socket", {a.greeting});
  EXPECT_TRUE(a.got<Welcome>().empty());
}

TEST_F(Sessions, AFrameThatComesTwiceIsAnsweredOnce) {
  a.hello();
  EXPECT_EQ(a.got<Welcome>().size(), 1u);
  a.send_late(a.frames, a.peer, {a.greeting});
  EXPECT_TRUE(a.got<Welcome>().empty());
}

TEST_F(Sessions, ARestartedCoordinatorTakesAHelloOfAnyNumberForTheNewest) {
  begin(1);
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
