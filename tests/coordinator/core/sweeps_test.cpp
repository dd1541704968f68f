#include "coordinator/core/sweeps.h"

#include <gtest/gtest.h>

#include "coordinator/core/roster.h"
#include "tests/coordinator/core/harness.h"

namespace firesweep {
namespace {

class SweepsTest : public ::testing::Test {
 protected:
  Sweep& add(int trials, const std::string& name) {
    Sweep& sweep = sweeps_.add();
    sweep.frozen = testing::make_sweep(trials, name);
    auto space = SweepSpace::make(sweep.frozen);
    sweep.trials = Trials(space->trials());
    sweep.space.emplace(std::move(*space));
    sweeps_.note_file(sweep.frozen->hash, sweep.id);
    sweeps_.note_state(sweep);
    return sweep;
  }

  Instant now_;
  Changes changes_;
  Sweeps sweeps_{changes_, now_};
};

TEST_F(SweepsTest, IdsGoOnAboveTheHighest) {
  EXPECT_EQ(add(1, "a").id, SweepId{1});
  EXPECT_EQ(sweeps_.add(SweepId{7}).id, SweepId{7});
  EXPECT_EQ(sweeps_.add().id, SweepId{8});
}

TEST_F(SweepsTest, OneThatIsNotThereIsRefusedWithThoseThatAre) {
  EXPECT_EQ(sweeps_.known({1}).error().hint, "there is none yet");
  add(1, "a");
  add(1, "b");
  EXPECT_EQ(sweeps_.known({3}).error().hint, "known sweeps: 1, 2");
}

TEST_F(SweepsTest, TheSameFileNamesItsSweep) {
  add(1, "a");
  EXPECT_EQ(sweeps_.find_equal(*testing::make_sweep(1, "a")), SweepId{1});
  EXPECT_EQ(sweeps_.find_equal(*testing::make_sweep(1, "b")), std::nullopt);
}

TEST_F(SweepsTest, OnlyRunningOnesAreServed) {
  Sweep& sweep = add(1, "a");
  EXPECT_TRUE(sweeps_.running().contains(sweep.id));
  sweeps_.move(sweep, SweepEvent::kPause);
  EXPECT_FALSE(sweeps_.running().contains(sweep.id));
  sweeps_.wake(sweep, SweepEvent::kResume);
  EXPECT_TRUE(sweeps_.running().contains(sweep.id));
}

TEST_F(SweepsTest, AStoppingSweepEndsWithItsLastHeldTrial) {
  Sweep& sweep = add(2, "a");
  sweep.trials.touch(0);
  ASSERT_TRUE(sweep.trials.apply(0, trial_event::AssignedTo{{1}}));
  sweeps_.move(sweep, SweepEvent::kStop);
  sweeps_.settle(sweep);
  EXPECT_EQ(sweep.state, SweepState::kStopping);
  ASSERT_TRUE(sweep.trials.apply(0, trial_event::Unstarted{}));
  sweeps_.settle(sweep);
  EXPECT_EQ(sweep.state, SweepState::kStopped);
}

}  // namespace
}  // namespace firesweep
