// How an agent keeps in touch: greeting, numbering, repeating, sharing frames.
#include "tests/worker/agent/script.h"

namespace firesweep {
namespace {

TEST(AgentConversation, AFreshSocketIsGreetedWithWhatIsHeld) {
  Script script;
  script.connect();
  ASSERT_EQ(script.said<Hello>().size(), 1U);
  const Hello first = script.said<Hello>()[0];
  EXPECT_EQ(first.name, "host/0");
  EXPECT_EQ(first.pid, 4711);
  EXPECT_EQ(first.last_sequence, 0U);
  EXPECT_TRUE(first.held.empty());
  script.receive({Welcome{}});
  script.receive({assign(key(1)), assign(key(2))});
  script.on(agent_event::TrainerStarted{key(1), 0});
  script.connect();
  ASSERT_EQ(script.said<Hello>().size(), 1U);
  EXPECT_EQ(script.said<Hello>()[0].last_sequence, 2U);
  EXPECT_EQ(script.said<Hello>()[0].held,
            (std::vector<HeldTrial>{{key(1), true}, {key(2), false}}));
}

TEST(AgentConversation, NothingIsSaidBeforeThereIsASocket) {
  Script script;
  EXPECT_TRUE(script.pass(minutes(1)).effects.empty());
}

TEST(AgentConversation, HelloIsRepeatedWithDoublingPausesUntilAnswered) {
  Script script;
  script.connect();
  std::vector<Duration> times;
  const Duration start = script.now;
  while (script.now < start + seconds(6)) {
    script.tick_after(milliseconds(10));
    if (!script.said<Hello>().empty()) times.push_back(script.now - start);
  }
  const std::vector<Duration> expected = {milliseconds(100),  milliseconds(300),
                                          milliseconds(700),  milliseconds(1500),
                                          milliseconds(3100), milliseconds(5100)};
  EXPECT_EQ(times, expected);
  script.receive({Welcome{}});
  EXPECT_TRUE(script.pass(seconds(1)).said<Hello>().empty());
}

TEST(AgentConversation, UnacknowledgedReportsComeWithHelloInOneFrame) {
  Script script;
  script.running(key(1));
  script.now += seconds(1);
  script.ended(key(1));
  script.connect();
  ASSERT_EQ(script.all<agent_effect::SendFrame>().size(), 1U);
  const auto messages = script.all<agent_effect::SendFrame>()[0].frame.messages;
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<Hello>(messages[0]))
      << "so that what it lists as held is judged first";
  EXPECT_EQ(std::get<Report>(messages[1]).number, 1U);
  EXPECT_EQ(std::get<Report>(messages[2]).number, 2U);
}

TEST(AgentConversation, FramesAreNumberedOverAllSockets) {
  Script script;
  std::vector<std::uint64_t> numbers;
  const auto note = [&] {
    for (const auto& send : script.all<agent_effect::SendFrame>()) {
      numbers.push_back(send.frame.sequence);
    }
  };
  script.connect();
  note();
  script.receive({Welcome{}});
  script.pass(seconds(4));
  note();
  script.connect();
  note();
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{1, 2, 3, 4}));
}

TEST(AgentConversation, ReportsWaitUntilHelloIsAnswered) {
  Script script;
  script.running(key(1)).acknowledge();
  script.connect();
  script.ended(key(1));
  EXPECT_TRUE(script.effects.empty());
  script.receive({Welcome{}});
  EXPECT_EQ(script.reported<report::Finished>(), Keys{key(1)});
}

TEST(AgentConversation, ReportsAreRepeatedUntilAcknowledged) {
  Script script;
  script.running(key(1));
  ASSERT_EQ(script.reports().size(), 1U);
  EXPECT_TRUE(script.pass(milliseconds(4900)).reports().empty());
  EXPECT_EQ(script.pass(milliseconds(100)).reports().size(), 1U);
  script.receive({});
  EXPECT_EQ(script.pass(seconds(5)).reports().size(), 1U);
  script.acknowledge();
  EXPECT_TRUE(script.pass(seconds(7)).reports().empty());
}

TEST(AgentConversation, ACoordinatorThatRestartedIsToldEverything) {
  Script script;
  script.running(key(1));
  script.receive_numbered(0, {WhoAreYou{}});
  ASSERT_EQ(script.said<Hello>().size(), 1U);
  EXPECT_EQ(script.reports().size(), 1U);
  // It counts anew; what it sends from then on is understood.
  script.receive_numbered(1, {Welcome{}});
  script.receive_numbered(2, {Stop{key(1), Reason::kUser}});
  EXPECT_EQ(script.stopped(), Keys{key(1)});
}

TEST(AgentConversation, OneHelloAnswersManyQuestions) {
  Script script;
  script.welcomed();
  EXPECT_EQ(script.receive_numbered(0, {WhoAreYou{}}).said<Hello>().size(), 1U);
  EXPECT_TRUE(script.receive_numbered(0, {WhoAreYou{}}).said<Hello>().empty());
}

TEST(AgentConversation, ARepeatedFrameIsTakenOnce) {
  Script script;
  script.running(key(1));
  script.receive({Recall{key(5)}});
  const std::uint64_t number = script.sequence;
  script.receive({Recall{key(6)}});
  script.receive_numbered(number, {Stop{key(1), Reason::kUser}});
  EXPECT_EQ(script.stopped(), Keys{});
}

TEST(AgentConversation, AGapInTheNumbersIsAnsweredWithHello) {
  Script script;
  script.running(key(1));
  script.receive_numbered(script.sequence + 2, {Stop{key(1), Reason::kUser}});
  EXPECT_EQ(script.stopped(), Keys{key(1)}) << "what did arrive is obeyed";
  ASSERT_EQ(script.said<Hello>().size(), 1U);
  EXPECT_EQ(script.said<Hello>()[0].last_sequence, script.sequence);
  EXPECT_TRUE(script.receive_numbered(script.sequence + 2, {}).said<Hello>().empty())
      << "one is open";
}

TEST(AgentConversation, FramesForAnotherSessionAreIgnored) {
  Script script;
  script.welcomed();
  script.on(agent_event::FrameReceived{{{1, 1}, 2, {assign(key(1))}}});
  EXPECT_TRUE(script.effects.empty());
}

TEST(AgentConversation, ARefusedWorkerEndsAndSaysWhy) {
  Script script;
  script.connect();
  script.receive_numbered(0, {Refused{"protocol 2 is spoken here"}});
  EXPECT_EQ(script.exit_code(), AgentExit::kRefused);
  EXPECT_EQ(script.one<agent_effect::Exit>()->why, "protocol 2 is spoken here");
}

TEST(AgentConversation, AStrayFrameThatCannotBeReadIsBorne) {
  Script script;
  script.welcomed();
  for (int i = 0; i < 10; ++i) {
    script.on({agent_event::FrameRefused{"?"}, agent_event::FrameRefused{"?"}});
    EXPECT_FALSE(script.exit_code());
    script.receive({});
  }
}

TEST(AgentConversation, ACoordinatorThatIsNeverUnderstoodIsLeft) {
  Script script;
  script.welcomed();
  script.on({agent_event::FrameRefused{"?"}, agent_event::FrameRefused{"?"},
             agent_event::FrameRefused{"unknown field \"x\""}});
  EXPECT_EQ(script.exit_code(), AgentExit::kRefused);
  EXPECT_NE(script.one<agent_effect::Exit>()->why.find("\"x\""), std::string::npos);
}

TEST(AgentConversation, QuickTrialsShareFrames) {
  Script script;
  script.welcomed();
  std::vector<CoordinatorMessage> assigns;
  for (int i = 0; i < 100; ++i) assigns.emplace_back(assign(key(i)));
  script.receive(std::move(assigns));
  std::size_t frames = 0;
  std::size_t reports = 0;
  for (int i = 0; i < 100; ++i) {
    script.now += std::chrono::microseconds(100);
    script.on({agent_event::TrainerStarted{key(i), 0}, agent_event::TrainerEnded{key(i), {}}});
    frames += script.all<agent_effect::SendFrame>().size();
    reports += script.reports().size();
  }
  EXPECT_EQ(reports, 200U) << "the last trial leaves nothing waiting";
  EXPECT_LE(frames, 5U);
  EXPECT_GE(frames, 2U);
}

TEST(AgentConversation, ALoneReportIsNotHeldBack) {
  Script script;
  script.running(key(1)).acknowledge();
  script.now += seconds(30);
  EXPECT_EQ(script.on(agent_event::TrainerEpoch{key(1), {}}).reports().size(), 1U);
}

TEST(AgentConversation, AReportHeldBackGoesOutAtWakeAt) {
  Script script;
  script.running(key(1));
  EXPECT_TRUE(script.on(agent_event::TrainerEpoch{key(1), {}}).reports().empty());
  EXPECT_EQ(script.agent.wake_at(), script.now + milliseconds(5));
  script.now = script.agent.wake_at();
  EXPECT_EQ(script.on(agent_event::Tick{}).reports().size(), 1U);
}

TEST(AgentConversation, ManyReportsAreSplitIntoFramesOfModerateSize) {
  Script script;
  script.running(key(1));
  TrialResult result;
  result.test_correct.resize(60'000);
  std::vector<CoordinatorMessage> assigns;
  for (int i = 2; i < 40; ++i) assigns.emplace_back(assign(key(i)));
  script.receive(std::move(assigns));
  for (int i = 1; i < 40; ++i) script.ended(key(i), agent_event::Finished{result});
  script.connect();
  const auto frames = script.all<agent_effect::SendFrame>();
  EXPECT_GE(frames.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<Hello>(frames[0].frame.messages[0]));
  EXPECT_EQ(script.reports().size(), 40U);
}

}  // namespace
}  // namespace firesweep
