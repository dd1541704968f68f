// Scheduler: frames that come late, twice, or after a last word.
#include <gtest/gtest.h>

#include "tests/coordinator/core/one_worker.h"

namespace firesweep::testing {
namespace {

using Overtaken = OneWorker;

TEST_F(Overtaken, AHelloOvertakenByANewerSocketTakesNothingThatHasStarted) {
  begin(make_sweep(1));
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

TEST_F(Overtaken, AHelloThatDeniesWhatItsWorkerHasStartedTakesNothing) {
  begin(make_sweep(1));
  a.started(key);
  Hello wrong = a.greeting;
  wrong.last_sequence = 0;
  wrong.held.clear();
  a.send({wrong});
  EXPECT_TRUE(std::holds_alternative<Running>(state()));
}

TEST_F(Overtaken, NumbersOfACountBeforeAreNotTakenForThisOnes) {
  h.submit(make_sweep(1));
  a.deaf = true;
  a.hello();
  a.last_sequence = 9;  // of what it heard before the coordinator read its file anew
  a.heartbeat();
  EXPECT_TRUE(std::holds_alternative<Assigned>(h.state(0))) << "the assignment is on its way";
}

TEST_F(Overtaken, AnOvertakenHelloMovesNoAnswers) {
  begin(make_sweep(2));
  a.started(key);
  const std::uint64_t frame = a.frames;
  a.reconnect();
  a.send_late(frame, "older socket", {a.greeting});
  EXPECT_TRUE(a.got<Welcome>().empty());
  a.finished(key);
  EXPECT_EQ(a.verdict(), Verdict::kAccepted) << "it is answered where it is";
  EXPECT_EQ(a.got<Assign>().size(), 1u);
}

TEST_F(Overtaken, WhatWasOvertakenStaysSoWhenTheFileIsReadAgain) {
  begin(make_sweep(2));
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

TEST_F(Overtaken, OvertakenWordsKeepNoLeaseAlive) {
  begin(make_sweep(1));
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

TEST_F(Overtaken, ReportsOfAnOvertakenFrameAreJudged) {
  begin(make_sweep(1));
  a.started(key);
  const std::uint64_t frame = ++a.frames;
  a.reconnect();
  a.held.erase(key);
  a.send_late(frame, "older socket",
              {a.greeting, Report{++a.reports, key, report::Finished{result_of(0.5)}}});
  EXPECT_EQ(a.verdict(), Verdict::kAccepted);
  EXPECT_TRUE(std::holds_alternative<Complete>(state()));
}

TEST_F(Overtaken, NothingHeldBackCallsAWorkerBackThatHasLeft) {
  a.hello();
  const Hello late = a.greeting;
  a.goodbye();
  h.submit(make_sweep(1));
  h.pass(seconds(30));
  a.send_late(1, "older socket", {late});
  EXPECT_TRUE(h.scheduler.overview(h.now).workers.empty());
  EXPECT_TRUE(std::holds_alternative<Waiting>(h.state(0))) << "nobody is there to train it";
}

TEST_F(Overtaken, AGoodbyeToARestartedCoordinatorGivesBackWhatNeverArrived) {
  begin(make_sweep(1));
  h.restart();
  a.goodbye();
  EXPECT_TRUE(std::holds_alternative<Waiting>(state()));
  EXPECT_EQ(h.stored(0).restarts, 0);
  a.send_late(1, "older socket", {a.greeting});
  EXPECT_TRUE(h.scheduler.overview(h.now).workers.empty());
}

TEST_F(Overtaken, AGoodbyeOfAnUnknownSessionIsItsLastWord) {
  a.goodbye();
  EXPECT_TRUE(a.got<WhoAreYou>().empty());
  a.send_late(1, "older socket", {a.greeting});
  EXPECT_TRUE(a.got<Welcome>().empty());
}

TEST_F(Overtaken, AFrameThatComesTwiceIsAnsweredOnce) {
  a.hello();
  EXPECT_EQ(a.got<Welcome>().size(), 1u);
  a.send_late(a.frames, a.peer, {a.greeting});
  EXPECT_TRUE(a.got<Welcome>().empty());
}

}  // namespace
}  // namespace firesweep::testing
