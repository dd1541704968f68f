// Agent: the coordinator's database was restored, and attempt numbers come again.
#include <gmock/gmock.h>

#include "tests/worker/agent/script.h"

namespace firesweep {
namespace {

using ::testing::ElementsAre;

constexpr Generation kFirst{11}, kSecond{22};

class Generations : public ::testing::Test {
 protected:
  Generations() { script.generation = kFirst; }
  std::vector<std::optional<Generation>> said_in() const {
    std::vector<std::optional<Generation>> generations;
    for (const auto& send : script.all<agent_effect::SendFrame>()) {
      generations.push_back(send.frame.generation);
    }
    return generations;
  }
  // The answer of a coordinator that has another generation to whatever was said.
  void hear_of(Generation generation) {
    script.generation = generation;
    script.on(agent_event::FrameReceived{{kSession, 0, {NewGeneration{}}, generation}});
  }

  Script script;
};

TEST_F(Generations, NoneIsNamedBeforeACoordinatorWasHeardThenThatOfWelcome) {
  script.connect();
  EXPECT_THAT(said_in(), ElementsAre(Generation{}));
  script.receive({Welcome{}});
  script.pass(seconds(3));
  ASSERT_FALSE(said_in().empty());
  EXPECT_EQ(said_in().front(), kFirst);
}

TEST_F(Generations, WhatWaitsAndWhatWasNotAcknowledgedIsDropped) {
  script.running(key(1));
  script.ended(key(1));
  EXPECT_EQ(script.agent.unacknowledged(), 2u);
  hear_of(kSecond);
  EXPECT_EQ(script.agent.unacknowledged(), 0u);
  ASSERT_EQ(script.said<Hello>().size(), 1u);
  EXPECT_TRUE(script.said<Hello>()[0].held.empty());
  EXPECT_THAT(said_in(), ElementsAre(kSecond));
  EXPECT_TRUE(script.forgotten().empty()) << "equal work goes on from its checkpoint";
}

TEST_F(Generations, TheNewOneBeginsOnceTheTrainerOfTheOldOneHasEnded) {
  script.running(key(1));
  hear_of(kSecond);
  EXPECT_THAT(script.stopped(), ElementsAre(key(1)));
  EXPECT_TRUE(said_in().empty());
  script.pass(seconds(5));
  EXPECT_TRUE(said_in().empty()) << "what it says of its attempts would be of the old ones";
  script.ended(key(1), agent_event::Stopped{3, 0});
  ASSERT_EQ(script.said<Hello>().size(), 1u);
  EXPECT_THAT(said_in(), ElementsAre(kSecond));
  EXPECT_TRUE(script.reports().empty());
}

TEST_F(Generations, TheSameKeyIsAnotherAttempt) {
  script.running(key(1));
  script.ended(key(1));
  hear_of(kSecond);
  script.receive({Welcome{}, assign(key(1))});
  EXPECT_THAT(script.started(), ElementsAre(key(1)));
}

TEST_F(Generations, LateFramesOfTheOldOneAreNotObeyed) {
  script.running(key(1));
  script.ended(key(1));
  hear_of(kSecond);
  script.receive({Welcome{}, assign(key(2))});
  script.on(agent_event::FrameReceived{
      {kSession, script.sequence + 1, {assign(key(3)), Abandon{key(2)}, Quit{}}, kFirst}});
  EXPECT_TRUE(script.effects.empty());
  EXPECT_EQ(script.agent.running(), key(2));
  EXPECT_FALSE(script.agent.draining());
}

TEST_F(Generations, WhatWasSaidLateOfThePresentOneChangesNothing) {
  script.running(key(1));
  hear_of(kFirst);
  EXPECT_EQ(script.agent.running(), key(1));
  EXPECT_TRUE(script.stopped().empty());
}

TEST_F(Generations, ACoordinatorWithoutGenerationsIsOneToo) {
  script.generation = Generation{};
  script.running(key(1));
  EXPECT_EQ(script.agent.running(), key(1));
  script.ended(key(1));
  hear_of(kSecond);
  EXPECT_THAT(said_in(), ElementsAre(kSecond));
}

TEST_F(Generations, OneThatDrainsLeavesWithoutAWord) {
  script.running(key(1));
  script.on(agent_event::DrainRequested{});
  hear_of(kSecond);
  script.ended(key(1), agent_event::Stopped{3, 0});
  EXPECT_EQ(script.exit_code(), AgentExit::kLeft);
  EXPECT_TRUE(script.said<Goodbye>().empty());
}

}  // namespace
}  // namespace firesweep
