// Scheduler: sessions and reconnects.
#include <gtest/gtest.h>

#include "tests/coordinator/core/one_worker.h"

namespace firesweep::testing {
namespace {

using Sessions = OneWorker;

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
  begin(make_sweep(1));
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
  begin(make_sweep(1));
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
  begin(make_sweep(1));
  a.started(key);
  a.held.clear();
  a.reconnect();
  EXPECT_EQ(h.stored(0).attempts.at({1}).ended->end, AttemptEnd::kLost);
  EXPECT_EQ(h.stored(0).restarts, 1);
}

TEST_F(Sessions, AHeartbeatComparesToo) {
  begin(make_sweep(1));
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
  begin(make_sweep(1));
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
  begin(make_sweep(2));
  a.started(key);
  a.deaf = true;
  a.finished(key);
  a.deaf = false;
  a.heartbeat();
  EXPECT_TRUE(a.got<Abandon>().empty());
  EXPECT_EQ(h.stored(number_of(key.trial)).accepted, key.attempt);
}

TEST_F(Sessions, AResultInTheSameFrameAsAHelloIsJudgedBeforeWhatIsHeld) {
  begin(make_sweep(1));
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
  begin(make_sweep(1));
  a.started(key);
  a.goodbye();
  EXPECT_EQ(h.stored(0).attempts.at({1}).ended->end, AttemptEnd::kLost);
  EXPECT_TRUE(h.scheduler.overview(h.now).workers.empty());
}

TEST_F(Sessions, ReportsInTheGoodbyeFrameAreAcknowledged) {
  begin(make_sweep(1));
  a.send({Report{1, key, report::Returned{}}, Goodbye{}});
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
  EXPECT_EQ(h.stored(0).attempts.at({1}).ended->end, AttemptEnd::kUnstarted);
}

TEST_F(Sessions, ABeatingWorkerIsAnsweredSoThatItKnowsTheCoordinatorLives) {
  begin(make_sweep(1));
  a.started(key);
  const std::uint64_t before = a.last_sequence;
  h.pass(seconds(14), {&a});
  EXPECT_GE(a.last_sequence, before + 2);
  EXPECT_LE(a.last_sequence, before + 4) << "not every beat";
}

TEST_F(Sessions, AHelloOnTheSameSocketIsAnsweredAndRecordedOnce) {
  begin(make_sweep(1));
  a.hello();
  EXPECT_EQ(a.got<Welcome>().size(), 1u);
  EXPECT_TRUE(h.records.empty());
  EXPECT_TRUE(std::holds_alternative<Assigned>(state()));
}

TEST_F(Sessions, ACommandMissedIsSaidAgainAtTheNextHello) {
  begin(make_sweep(1));
  a.started(key);
  a.deaf = true;
  h.cancel({1});
  a.deaf = false;
  a.hello();
  EXPECT_EQ(a.got<Stop>().size(), 1u);
}

}  // namespace
}  // namespace firesweep::testing
