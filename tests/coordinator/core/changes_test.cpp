#include "coordinator/core/changes.h"

#include <gtest/gtest.h>

#include "coordinator/core/roster.h"
#include "coordinator/core/sweeps.h"
#include "tests/coordinator/core/harness.h"

namespace firesweep {
namespace {

using std::chrono::seconds;

class ChangesTest : public ::testing::Test {
 protected:
  ChangesTest() {
    Sweep& sweep = sweeps_.add();
    sweep.trials = Trials(2);
    sweep.trials.touch(0);
  }
  Worker& worker(std::uint64_t number, bool connected = true) {
    Worker& worker = roster_.enter({1, number}, seconds(0));
    worker.peer = "peer";
    worker.connected = connected;
    return worker;
  }
  std::vector<Effect> flush() { return changes_.flush(sweeps_, roster_, now_); }

  Instant now_{seconds(5), std::chrono::milliseconds(7)};
  Changes changes_;
  Sweeps sweeps_{changes_, now_};
  Roster roster_;
};

TEST_F(ChangesTest, WhatIsPersistedComesBeforeWhatIsSent) {
  changes_.send(effect::ReplyToClient{"client", {}});
  changes_.tell(worker(1), Quit{});
  changes_.persist(record::WorkerSeen{});
  changes_.trial(make_trial_id({1}, 0));
  const std::vector<Effect> effects = flush();
  ASSERT_EQ(effects.size(), 4u);
  EXPECT_TRUE(std::holds_alternative<effect::Persist>(effects[0]));
  EXPECT_TRUE(std::holds_alternative<effect::Persist>(effects[1]));
  EXPECT_TRUE(std::holds_alternative<effect::SendToWorker>(effects[2]));
  EXPECT_TRUE(std::holds_alternative<effect::ReplyToClient>(effects[3]));
  EXPECT_TRUE(flush().empty());
}

TEST_F(ChangesTest, AWorkersMessagesLeaveInOneNumberedFrame) {
  Worker& one = worker(1);
  one.sequence = 4;
  changes_.tell(one, Quit{});
  changes_.tell(one, Ack{3, Verdict::kAccepted});
  changes_.tell(worker(2, false), Quit{});
  const std::vector<Effect> effects = flush();
  ASSERT_EQ(effects.size(), 1u);
  const CoordinatorFrame& frame = std::get<effect::SendToWorker>(effects[0]).frame;
  EXPECT_EQ(frame.sequence, 5u);
  EXPECT_EQ(frame.messages.size(), 2u);
  EXPECT_EQ(one.sent_at, seconds(5));
}

TEST_F(ChangesTest, ATrialIsWrittenOnceAsItIsInTheEnd) {
  const TrialId id = make_trial_id({1}, 0);
  changes_.trial(id, "first");
  changes_.trial(id);
  sweeps_.find(id).trial->restarts = 2;
  const std::vector<Effect> effects = flush();
  ASSERT_EQ(effects.size(), 1u);
  const Record& record = std::get<effect::Persist>(effects[0]).record;
  EXPECT_EQ(std::get<record::TrialChanged>(record).restarts, 2);
  EXPECT_EQ(std::get<record::TrialChanged>(record).message, "") << "it has not failed";
}

TEST_F(ChangesTest, WhoDepartsIsAnsweredFirst) {
  Worker& one = worker(1);
  changes_.tell(one, Ack{1, Verdict::kAccepted});
  changes_.forget({1, 1});
  EXPECT_EQ(flush().size(), 1u);
  EXPECT_EQ(roster_.find({1, 1}), nullptr);
}

}  // namespace
}  // namespace firesweep
