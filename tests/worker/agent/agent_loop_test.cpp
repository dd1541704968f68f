#include "worker/agent/agent_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/worker/agent/script.h"

namespace firesweep {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// A world of which the test decides what has happened; it writes down what the loop does with it.
class AgentLoopTest : public ::testing::Test,
                      public agent_port::Socket,
                      public agent_port::Trainer,
                      public agent_port::Checkpoints,
                      public agent_port::Clock {
 protected:
  AgentLoopTest()
      : loop_({*this, *this, *this, *this}, Agent(kSession, "host/0", 1, {}), milliseconds(250)) {}

  void step() {
    log_.clear();
    loop_.step();
  }
  void welcomed() {
    step();
    arrive({Welcome{}});
    step();
  }
  void arrive(std::vector<CoordinatorMessage> messages) {
    frames_.emplace_back(
        agent_event::FrameReceived{CoordinatorFrame{kSession, ++sequence_, std::move(messages)}});
  }
  // Acknowledges what the last step reported.
  void acknowledge() {
    std::vector<CoordinatorMessage> acks;
    for (const std::uint64_t report : std::exchange(reported_, {})) {
      acks.emplace_back(Ack{report, Verdict::kAccepted});
    }
    arrive(std::move(acks));
  }

  std::vector<AgentEvent> receive(std::size_t) override {
    log_.emplace_back("receive");
    return std::exchange(frames_, {});
  }
  void send(WorkerFrame frame) override {
    for (const WorkerMessage& message : frame.messages) {
      if (std::holds_alternative<Hello>(message)) log_.emplace_back("say hello");
      if (std::holds_alternative<Goodbye>(message)) log_.emplace_back("say goodbye");
      if (const auto* report = std::get_if<Report>(&message)) {
        log_.emplace_back("report");
        reported_.push_back(report->number);
      }
    }
  }
  void reconnect() override { log_.emplace_back("reconnect"); }
  void close() override { log_.emplace_back("close"); }
  std::vector<AgentEvent> take() override {
    log_.emplace_back("take");
    return std::exchange(news_, {});
  }
  void start(Assign) override { log_.emplace_back("start"); }
  void stop(TrialKey) override { log_.emplace_back("stop"); }
  void learn(const Welcome&, Generation) override { log_.emplace_back("learn"); }
  void forget(TrialKey) override { log_.emplace_back("forget"); }
  void finish() override { log_.emplace_back("finish"); }
  Instant now() override {
    log_.emplace_back("look at the clock");
    return now_;
  }

  Instant now_{seconds(100), {}};
  std::uint64_t sequence_ = 0;
  std::vector<AgentEvent> frames_, news_;
  std::vector<std::uint64_t> reported_;
  std::vector<std::string> log_;
  AgentLoop loop_;
};

TEST_F(AgentLoopTest, TheFirstTurnGreetsAndTheClockIsLookedAtLast) {
  EXPECT_LE(loop_.wake_at(), now_.steady) << "at once";
  step();
  EXPECT_THAT(log_, ElementsAre("receive", "take", "look at the clock", "say hello"));
  EXPECT_GT(loop_.wake_at(), now_.steady);
}

TEST_F(AgentLoopTest, WhatWaitsInTheSocketIsNoSilence) {
  welcomed();
  now_.steady += seconds(9);
  step();
  now_.steady += seconds(9);  // a lease without a word; then one lies in the socket
  arrive({});
  step();
  EXPECT_THAT(log_, Not(Contains("reconnect")));
}

TEST_F(AgentLoopTest, AFreshSocketGreetsWithTheNextTurn) {
  welcomed();
  now_.steady += seconds(9);
  step();
  now_.steady += seconds(9);
  step();
  EXPECT_THAT(log_, ElementsAre("receive", "take", "look at the clock", "reconnect"));
  EXPECT_LE(loop_.wake_at(), now_.steady) << "at once";
  step();
  EXPECT_THAT(log_, ElementsAre("receive", "take", "look at the clock", "say hello"));
}

TEST_F(AgentLoopTest, WhereCheckpointsTravelIsKnownBeforeATrialBegins) {
  step();
  arrive({Welcome{}, assign(key(1))});
  step();
  EXPECT_THAT(log_, ElementsAre("receive", "take", "look at the clock", "learn", "start"));
}

TEST_F(AgentLoopTest, NothingIsLearntFromAnotherSessionsFrame) {
  step();
  frames_.emplace_back(agent_event::FrameReceived{CoordinatorFrame{{1, 1}, 1, {Welcome{}}}});
  step();
  EXPECT_THAT(log_, ElementsAre("receive", "take", "look at the clock"));
}

TEST_F(AgentLoopTest, AResultIsForgottenWhenItIsAcknowledged) {
  welcomed();
  arrive({assign(key(1))});
  step();
  news_.emplace_back(agent_event::TrainerEnded{key(1), agent_event::Finished{}});
  step();
  EXPECT_THAT(log_, ElementsAre("receive", "take", "look at the clock", "report"));
  acknowledge();
  step();
  EXPECT_THAT(log_, ElementsAre("receive", "take", "look at the clock", "forget"));
}

TEST_F(AgentLoopTest, AnOrderlyEndSaysGoodbyeThenWaitsForWhatWasPromised) {
  welcomed();
  loop_.drain();
  EXPECT_LE(loop_.wake_at(), now_.steady) << "at once";
  step();
  EXPECT_THAT(
      log_, ElementsAre("receive", "take", "look at the clock", "say goodbye", "close", "finish"));
  ASSERT_TRUE(loop_.end());
  EXPECT_EQ(loop_.end()->code, AgentExit::kLeft);
  step();
  EXPECT_THAT(log_, IsEmpty()) << "after its end";
}

TEST_F(AgentLoopTest, ARefusedWorkerWaitsForNothing) {
  step();
  arrive({Refused{"no"}});
  step();
  EXPECT_THAT(log_, ElementsAre("receive", "take", "look at the clock", "close"));
  ASSERT_TRUE(loop_.end());
  EXPECT_EQ(loop_.end()->code, AgentExit::kRefused);
}

TEST_F(AgentLoopTest, TimeIsJudgedAtLeastSoOften) {
  welcomed();
  EXPECT_LE(loop_.wake_at(), now_.steady + milliseconds(250));
}

}  // namespace
}  // namespace firesweep
