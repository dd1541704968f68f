// What an agent does because time passes: heartbeats, silence, stalls, suspension.
#include "tests/worker/agent/script.h"

namespace firesweep {
namespace {

LiveProgress at_batch(std::int64_t batch) {
  LiveProgress live;
  live.batch = batch;
  return live;
}

TEST(AgentTime, HeartbeatsComeAsOftenAsWelcomeSays) {
  Script script;
  script.connect();
  script.receive({Welcome{milliseconds(700), seconds(100), {}, {}}});
  EXPECT_EQ(script.pass(milliseconds(7000)).said<Heartbeat>().size(), 10U);
}

TEST(AgentTime, AHeartbeatTellsWhatIsHeldAndTheNewestFrame) {
  Script script;
  script.running(key(1)).receive({assign(key(2))});
  script.pass(seconds(2));
  ASSERT_EQ(script.said<Heartbeat>().size(), 1U);
  EXPECT_EQ(script.said<Heartbeat>()[0].last_sequence, script.sequence);
  EXPECT_EQ(script.said<Heartbeat>()[0].held,
            (std::vector<HeldTrial>{{key(1), true}, {key(2), false}}));
}

TEST(AgentTime, EveryUnitOfWorkCounts) {
  Script script;
  script.running(key(1));
  for (int i = 0; i < 5; ++i) script.on(agent_event::TrainerUnit{key(1), {}});
  script.on(agent_event::TrainerEpoch{key(1), {}});
  script.pass(seconds(2));
  ASSERT_FALSE(script.said<Heartbeat>().empty());
  EXPECT_EQ(script.said<Heartbeat>().back().progress_counter, 7U);
}

TEST(AgentTime, LiveProgressIsShownAtMostTwiceASecond) {
  Script script;
  script.running(key(1));
  std::size_t beats = 0;
  for (int i = 0; i < 1000; ++i) {
    script.now += milliseconds(10);
    script.on(agent_event::TrainerUnit{key(1), at_batch(i)});
    beats += script.said<Heartbeat>().size();
  }
  EXPECT_GE(beats, 19U);
  EXPECT_LE(beats, 20U);
}

TEST(AgentTime, TheNewestLiveProgressIsShownEvenWhenNothingFollows) {
  Script script;
  script.running(key(1));
  script.now += seconds(1);
  script.on(agent_event::TrainerUnit{key(1), at_batch(1)});
  script.on(agent_event::TrainerUnit{key(1), at_batch(2)});
  script.pass(milliseconds(500));
  ASSERT_FALSE(script.said<Heartbeat>().empty());
  EXPECT_EQ(script.said<Heartbeat>().back().live, at_batch(2));
}

TEST(AgentTime, LiveProgressEndsWithItsTrial) {
  Script script;
  script.running(key(1)).on(agent_event::TrainerUnit{key(1), at_batch(1)});
  script.ended(key(1));
  script.pass(seconds(2));
  ASSERT_FALSE(script.said<Heartbeat>().empty());
  EXPECT_EQ(script.said<Heartbeat>().back().live, std::nullopt);
}

// ---- the coordinator's silence ----

TEST(AgentTime, HalfALeaseOfSilenceDrawsAHello) {
  Script script;
  script.welcomed();
  EXPECT_TRUE(script.pass(milliseconds(7400)).said<Hello>().empty());
  EXPECT_FALSE(script.pass(milliseconds(600)).said<Hello>().empty());
  script.receive({Welcome{}});
  EXPECT_TRUE(script.pass(seconds(5)).all<agent_effect::Reconnect>().empty());
}

TEST(AgentTime, ALeaseOfSilenceMakesAFreshSocket) {
  Script script;
  script.running(key(1));
  EXPECT_TRUE(script.pass(milliseconds(14'900)).all<agent_effect::Reconnect>().empty());
  EXPECT_EQ(script.pass(milliseconds(100)).all<agent_effect::Reconnect>().size(), 1U);
  EXPECT_TRUE(script.pass(seconds(1)).effects.empty()) << "there is no socket";
  EXPECT_EQ(script.connect().said<Hello>().size(), 1U);
  EXPECT_EQ(script.agent.running(), key(1)) << "training goes on";
}

TEST(AgentTime, FreshSocketsComeMoreAndMoreRarely) {
  Script script;
  script.welcomed();
  std::vector<Duration> pauses;
  Duration last = script.now;
  while (pauses.size() < 5) {
    script.tick_after(milliseconds(500));
    if (script.all<agent_effect::Reconnect>().empty()) continue;
    pauses.push_back(script.now - last);
    last = script.now;
    script.connect();
  }
  EXPECT_EQ(pauses, (std::vector<Duration>{seconds(15), seconds(30), seconds(60), seconds(60),
                                           seconds(60)}));
  script.receive({Welcome{}});
  EXPECT_EQ(script.pass(seconds(15)).all<agent_effect::Reconnect>().size(), 1U);
}

TEST(AgentTime, AnyFrameIsASignOfLife) {
  Script script;
  script.welcomed();
  for (int i = 0; i < 20; ++i) {
    script.pass(seconds(7));
    EXPECT_TRUE(script.all<agent_effect::Reconnect>().empty());
    EXPECT_TRUE(script.said<Hello>().empty());
    script.receive({});
  }
}

TEST(AgentTime, AWorkerWhoseCoordinatorIsAwayTrainsAndDeliversLater) {
  Script script;
  script.running(key(1)).receive({assign(key(2))});
  script.acknowledge();
  for (int epoch = 1; epoch <= 3; ++epoch) {
    script.pass(seconds(20));
    if (!script.all<agent_effect::Reconnect>().empty()) script.connect();
    script.on(agent_event::TrainerEpoch{key(1), {}});
  }
  EXPECT_EQ(script.ended(key(1)).started(), Keys{key(2)});
  script.connect();
  EXPECT_EQ(script.reported<report::Progressed>(), (Keys{key(1), key(1), key(1)}));
  EXPECT_EQ(script.reported<report::Finished>(), Keys{key(1)});
}

// ---- stalls ----

TEST(AgentTime, ATrainerThatStopsMovingEndsTheProcess) {
  Script script;
  script.running(key(1)).on(agent_event::TrainerUnit{key(1), {}});
  EXPECT_FALSE(script.pass(milliseconds(59'900)).exit_code());
  script.pass(milliseconds(100));
  EXPECT_EQ(script.exit_code(), AgentExit::kWedged);
  EXPECT_NE(script.one<agent_effect::Exit>()->why.find("1/1#1"), std::string::npos);
}

TEST(AgentTime, SlowUnitsGetTenTimesTheirLength) {
  Script script;
  script.running(key(1)).on(agent_event::TrainerUnit{key(1), {}});
  script.pass(seconds(30)).on(agent_event::TrainerUnit{key(1), {}});
  EXPECT_FALSE(script.pass(seconds(299)).exit_code());
  EXPECT_EQ(script.pass(seconds(1)).exit_code(), AgentExit::kWedged);
}

TEST(AgentTime, TheFirstUnitMayTakeAQuarterOfAnHour) {
  Script script;
  script.running(key(1));
  EXPECT_FALSE(script.pass(minutes(15) - milliseconds(1)).exit_code());
  EXPECT_EQ(script.pass(milliseconds(1)).exit_code(), AgentExit::kWedged);
}

TEST(AgentTime, WaitingForADeviceIsNoStallHoweverLong) {
  Script script;
  script.welcomed();
  script.receive({assign(key(1))});
  for (int i = 0; i < 600; ++i) {
    script.receive({}).tick_after(seconds(4));
    script.on(agent_event::TrainerWaits{key(1)});
    ASSERT_EQ(script.exit_code(), std::nullopt);
  }
  script.on(agent_event::TrainerUnit{key(1), {}});
  script.pass(seconds(59));
  EXPECT_EQ(script.exit_code(), std::nullopt);
}

TEST(AgentTime, WhoWaitsInMidTrialMovesForTheCoordinatorAndBeginsAnew) {
  Script script;
  script.running(key(1)).on(agent_event::TrainerUnit{key(1), {}});
  script.pass(seconds(2));
  const auto before = script.said<Heartbeat>().back().progress_counter;
  script.on(agent_event::TrainerWaits{key(1)});
  script.pass(seconds(2));
  EXPECT_EQ(script.said<Heartbeat>().back().progress_counter, before + 1);
  for (int i = 0; i < 100; ++i) {
    script.receive({}).tick_after(seconds(4));
    ASSERT_EQ(script.exit_code(), std::nullopt) << "15 minutes for the first batch";
  }
}

TEST(AgentTime, AnIdleWorkerNeverStalls) {
  Script script;
  script.running(key(1)).ended(key(1));
  for (int i = 0; i < 30; ++i) {
    script.pass(minutes(1));
    ASSERT_FALSE(script.exit_code());
    if (!script.all<agent_effect::Reconnect>().empty()) script.connect();
  }
}

TEST(AgentTime, ATrainerThatIgnoresAStopIsWedgedToo) {
  Script script;
  script.running(key(1)).on(agent_event::TrainerUnit{key(1), {}});
  script.on(agent_event::DrainRequested{});
  EXPECT_EQ(script.pass(seconds(60)).exit_code(), AgentExit::kWedged);
}

TEST(AgentTime, ASuspendedProcessBlamesNobody) {
  Script script;
  script.running(key(1)).on(agent_event::TrainerUnit{key(1), {}});
  script.pass(seconds(1));
  script.tick_after(minutes(10));
  EXPECT_FALSE(script.exit_code());
  EXPECT_TRUE(script.all<agent_effect::Reconnect>().empty());
  EXPECT_EQ(script.pass(seconds(60)).exit_code(), AgentExit::kWedged) << "time counts again";
}

TEST(AgentTime, WakeAtIsNeverInThePastNorFarAway) {
  Script script;
  script.running(key(1));
  for (int i = 0; i < 50; ++i) {
    EXPECT_GE(script.agent.wake_at(), script.now);
    EXPECT_LE(script.agent.wake_at(), script.now + seconds(1));
    script.tick_after(milliseconds(333));
  }
}

}  // namespace
}  // namespace firesweep
