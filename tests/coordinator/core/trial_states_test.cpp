#include "coordinator/core/trial_states.h"

#include <gtest/gtest.h>

#include "coordinator/core/roster.h"
#include "tests/coordinator/core/harness.h"

namespace firesweep {
namespace {

class TrialStatesTest : public ::testing::Test {
 protected:
  TrialStatesTest() {
    sweep_.frozen = testing::make_sweep(2, "s");
    auto space = SweepSpace::make(sweep_.frozen);
    sweep_.trials = Trials(space->trials());
    sweep_.space.emplace(std::move(*space));
    sweep_.trials.touch(0);
    apply(trial_event::AssignedTo{{1}});
  }

  // The trial's rows that are written for it.
  int apply(const TrialEvent& event) {
    states_.apply(sweeps_.find(make_trial_id({1}, 0)), event);
    int rows = 0;
    for (const Effect& effect : changes_.flush(sweeps_, roster_, now_)) {
      const auto* persist = std::get_if<effect::Persist>(&effect);
      rows += persist != nullptr && std::holds_alternative<record::TrialChanged>(persist->record);
    }
    return rows;
  }
  // The next trial of the queue that came back.
  std::optional<std::int64_t> returned() const {
    const auto any = [](auto) { return true; };
    return sweep_.queue.search({any, any, {}, any}).number;
  }

  Instant now_;
  Changes changes_;
  Sweeps sweeps_{changes_, now_};
  Sweep& sweep_ = sweeps_.add();
  Roster roster_;
  TrialStates states_{changes_};
};

TEST_F(TrialStatesTest, AChangeIsWrittenAndNothingElse) {
  EXPECT_EQ(apply(trial_event::Started{}), 1);
  EXPECT_EQ(apply(trial_event::Progressed{}), 0) << "it runs as before";
}

TEST_F(TrialStatesTest, WhatWaitsAgainIsInTheQueueUntilItIsGivenOut) {
  EXPECT_EQ(returned(), std::nullopt);
  apply(trial_event::Unstarted{});
  EXPECT_EQ(returned(), 0);
  apply(trial_event::AssignedTo{{2}});
  EXPECT_EQ(returned(), std::nullopt);
}

TEST_F(TrialStatesTest, WorkIsDoneOnceATrialHasEnded) {
  apply(trial_event::Started{});
  EXPECT_EQ(sweep_.work_done, 0);
  apply(trial_event::Finished{{1}});
  const double work = sweep_.work_of_trial(0);
  EXPECT_GT(work, 0);
  EXPECT_EQ(sweep_.work_done, work);
  apply(trial_event::Finished{{1}});
  EXPECT_EQ(sweep_.work_done, work) << "a late result changes nothing";
}

}  // namespace
}  // namespace firesweep
