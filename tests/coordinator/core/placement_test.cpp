// Who may have what, asked of a picture and nothing else.
#include <gtest/gtest.h>

#include "coordinator/core/dispatch.h"
#include "tests/coordinator/core/harness.h"

namespace firesweep {
namespace {

using std::chrono::seconds;

class PlacementTest : public ::testing::Test {
 protected:
  Sweep& sweep(int trials, const std::string& name) {
    Sweep& sweep = sweeps_.add();
    sweep.frozen = testing::make_sweep(trials, name);
    auto space = SweepSpace::make(sweep.frozen);
    sweep.trials = Trials(space->trials());
    sweep.space.emplace(std::move(*space));
    sweep.prepare();
    sweeps_.note_state(sweep);
    return sweep;
  }
  Worker& worker(std::uint64_t number) {
    Worker& worker = roster_.enter({1, number}, now_.steady);
    worker.name = "host/" + std::to_string(number);
    worker.connected = true;
    worker.capabilities = testing::able();
    return worker;
  }
  // "1/0", or nothing.
  std::string next(const Worker& worker) {
    const Placement placement =
        Dispatch(sweeps_, roster_, quarantine_, checkpoints_, options_, now_.steady).next(worker);
    if (!placement.found()) return {};
    const auto& [id, found] = placement.searches.back();
    return to_string(make_trial_id(id, *found.number));
  }
  void distrust(const Worker& worker) {
    for (std::int64_t trial = 1; trial <= 3; ++trial) {
      quarantine_.note_failure(worker.name, {trial}, now_.steady);
    }
  }
  // As after an attempt that gave the trial back.
  Trial& came_back(Sweep& sweep, std::int64_t number) {
    sweep.queue.put_back(number);
    return sweep.trials.touch(number);
  }

  Instant now_{seconds(100), {}};
  Changes changes_;
  Sweeps sweeps_{changes_, now_};
  Roster roster_;
  Quarantine quarantine_;
  CheckpointIndex checkpoints_{1000};
  SchedulerOptions options_ = testing::test_options();
};

TEST_F(PlacementTest, AskingChangesNothing) {
  sweep(2, "a");
  const Worker& one = worker(1);
  const std::string first = next(one);
  EXPECT_NE(first, "");
  EXPECT_EQ(next(one), first);
}

TEST_F(PlacementTest, SweepsAreServedInTheOrderOfTheirIds) {
  Sweep& first = sweep(1, "a");
  sweep(1, "b");
  EXPECT_EQ(next(worker(1)), "1/0");
  first.trials.touch(0);
  ASSERT_TRUE(first.trials.apply(0, trial_event::AssignedTo{{1}}));
  EXPECT_EQ(next(worker(1)), "2/0");
}

TEST_F(PlacementTest, FullHandsGetNothingMore) {
  sweep(2, "a");
  Worker& one = worker(1);
  one.orphans.insert(TrialKey{{9}, {1}});
  EXPECT_EQ(next(one), "");
}

TEST_F(PlacementTest, ATrialWhoseCheckpointIsOnItsWayIsGivenToNobody) {
  Sweep& only = sweep(1, "a");
  came_back(only, 0);
  checkpoints_.await(make_trial_id({1}, 0), {1}, 1, now_.steady + seconds(30));
  EXPECT_EQ(next(worker(1)), "");
  now_.steady += seconds(30);
  EXPECT_EQ(next(worker(1)), "1/0");
}

TEST_F(PlacementTest, WhoLostATrialGetsItAgainOnlyWhereNobodyElseCan) {
  Sweep& only = sweep(1, "a");
  Trial& trial = came_back(only, 0);
  Worker& loser = worker(1);
  trial.avoid_worker = true;
  trial.worker = loser.name;
  EXPECT_EQ(next(loser), "1/0");
  Worker& other = worker(2);
  EXPECT_EQ(next(loser), "");
  other.connected = false;
  EXPECT_EQ(next(loser), "1/0");
}

TEST_F(PlacementTest, AQuarantineHoldsOnlyWhileSomebodyTrustedCanDoTheWork) {
  sweep(1, "a");
  Worker& bad = worker(1);
  distrust(bad);
  EXPECT_EQ(next(bad), "1/0");
  Worker& good = worker(2);
  EXPECT_EQ(next(bad), "");
  good.last_heard = now_.steady - 4 * options_.heartbeat_every;
  EXPECT_EQ(next(bad), "1/0") << "the trusted one is silent";
}

}  // namespace
}  // namespace firesweep
