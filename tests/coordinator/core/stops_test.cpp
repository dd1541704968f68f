#include "coordinator/core/stops.h"

#include <gtest/gtest.h>

#include "tests/coordinator/core/harness.h"

namespace firesweep {
namespace {

using std::chrono::seconds;

// A sweep of two trials; worker 1 has the first.
class StopsTest : public ::testing::Test {
 protected:
  StopsTest() {
    sweep_.frozen = testing::make_sweep(2, "s");
    auto space = SweepSpace::make(sweep_.frozen);
    sweep_.trials = Trials(space->trials());
    sweep_.space.emplace(std::move(*space));
    sweeps_.note_state(sweep_);
    worker_.connected = true;
    Trial& trial = sweep_.trials.touch(0);
    trial_states_.apply({&sweep_, 0, &trial}, trial_event::AssignedTo{kKey.attempt});
    trial.session = worker_.session;
    worker_.leases[kKey].key = kKey;
    flush();
  }

  TrialRef first() { return sweeps_.find(kKey.trial); }
  void begin() { trial_states_.apply(first(), trial_event::Started{}); }
  // What the worker is told by what has happened since.
  std::vector<CoordinatorMessage> flush() {
    std::vector<CoordinatorMessage> told;
    for (const Effect& effect : changes_.flush(sweeps_, roster_, now_)) {
      if (const auto* sent = std::get_if<effect::SendToWorker>(&effect)) {
        told.insert(told.end(), sent->frame.messages.begin(), sent->frame.messages.end());
      }
    }
    return told;
  }

  static constexpr TrialKey kKey{make_trial_id({1}, 0), {1}};
  Instant now_{seconds(5), std::chrono::milliseconds(7)};
  bool draining_ = false;
  Changes changes_;
  Sweeps sweeps_{changes_, now_};
  Sweep& sweep_ = sweeps_.add();
  Roster roster_;
  Worker& worker_ = roster_.enter({1, 1}, seconds(0));
  TrialStates trial_states_{changes_};
  Stops stops_{{sweeps_, roster_, trial_states_, changes_, draining_, now_}};
};

TEST_F(StopsTest, WhatHasNotBegunIsRecalledWhereItIsWantedLater) {
  sweeps_.move(sweep_, SweepEvent::kStop);
  stops_.request_all(sweep_, Reason::kDrain);
  EXPECT_TRUE(std::holds_alternative<Assigned>(first().trial->state));
  EXPECT_EQ(flush(), (std::vector<CoordinatorMessage>{Recall{kKey}}));
}

TEST_F(StopsTest, WhatHasNotBegunIsStoppedWhereItIsNotWantedAnyMore) {
  stops_.request(first(), Reason::kUser);
  EXPECT_TRUE(first().trial->state == TrialState(Stopping{kKey.attempt, Reason::kUser}));
  EXPECT_EQ(flush(), (std::vector<CoordinatorMessage>{Stop{kKey, Reason::kUser}}));
}

TEST_F(StopsTest, WhatRunsIsStoppedAndItsWorkerRemindedWithTheSameReason) {
  begin();
  stops_.request_all(sweep_, Reason::kTimeout);
  EXPECT_EQ(flush(), (std::vector<CoordinatorMessage>{Stop{kKey, Reason::kTimeout}}));
  stops_.remind_all(sweep_);
  EXPECT_EQ(flush(), (std::vector<CoordinatorMessage>{Stop{kKey, Reason::kTimeout}}));
  EXPECT_EQ(worker_.leases.at(kKey).reminded_at, seconds(5));
}

TEST_F(StopsTest, NobodyIsRemindedOfWhatIsToGoOn) {
  begin();
  stops_.remind_all(sweep_);
  EXPECT_TRUE(flush().empty());
  sweeps_.move(sweep_, SweepEvent::kPause);
  stops_.remind_all(sweep_);
  EXPECT_TRUE(flush().empty()) << "a pause lets what runs go on";
}

TEST_F(StopsTest, ADrainStopsWhatRunsAtTheNextReminder) {
  begin();
  draining_ = true;
  stops_.remind(worker_, worker_.leases.at(kKey));
  EXPECT_EQ(flush(), (std::vector<CoordinatorMessage>{Stop{kKey, Reason::kDrain}}));
}

}  // namespace
}  // namespace firesweep
