#include "coordinator/core/roster.h"

#include <gtest/gtest.h>

#include "coordinator/core/matching.h"
#include "coordinator/core/work.h"

namespace firesweep {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Credit, IsOneBeforeAnythingWasMeasured) {
  const Worker worker;
  EXPECT_EQ(worker.credit({1}, seconds(5)), 1);
}

TEST(Credit, IsATenthOfASecondOfWork) {
  Worker worker;
  worker.measure_end({1}, milliseconds(10));
  EXPECT_EQ(worker.credit({1}, milliseconds(10)), 10);
  EXPECT_EQ(worker.credit({2}, milliseconds(10)), 1) << "another sweep's trials were not measured";
}

TEST(Credit, StaysWithinItsBounds) {
  Worker quick;
  quick.measure_end({1}, std::chrono::microseconds(1));
  EXPECT_EQ(quick.credit({1}, std::chrono::microseconds(1)), 256);
  Worker slow;
  slow.measure_end({1}, minutes(10));
  EXPECT_EQ(slow.credit({1}, minutes(10)), 1);
}

TEST(Credit, FallsWhileATrialTakesLongerThanThoseBefore) {
  Worker worker;
  worker.measure_end({1}, milliseconds(1));
  worker.leases.emplace(TrialKey{{1}, {1}}, Lease{});
  EXPECT_EQ(worker.credit({1}, milliseconds(2)), 100);
  EXPECT_EQ(worker.credit({1}, seconds(2)), 1);
}

TEST(Credit, EndsAtTheSameInstantShareTheTime) {
  Worker worker;
  worker.measure_end({1}, milliseconds(0));
  worker.measure_end({1}, milliseconds(0));
  worker.measure_end({1}, milliseconds(0));
  worker.measure_end({1}, milliseconds(8));
  EXPECT_NEAR(worker.trial_seconds.value(), 0.002, 1e-9);
}

TEST(Roster, WhoHasLeftIsRememberedForAsLongAsItsFramesMayComeIn) {
  Roster roster;
  roster.note_left({1, 1}, seconds(10));
  roster.note_heard({1, 2}, 7, seconds(10));
  roster.forget_before(seconds(10));
  EXPECT_TRUE(roster.has_left({1, 1}));
  EXPECT_EQ(roster.heard({1, 2}), 7u);
  roster.forget_before(seconds(11));
  EXPECT_FALSE(roster.has_left({1, 1}));
  EXPECT_EQ(roster.heard({1, 2}), std::nullopt);
}

TEST(Worker, OldAnswersAreForgotten) {
  Worker worker;
  for (std::uint64_t number = 1; number <= 5000; ++number) {
    worker.remember(number, Verdict::kAccepted);
  }
  EXPECT_TRUE(worker.verdicts.contains(5000));
  EXPECT_LE(worker.verdicts.size(), 1024u);
}

TEST(Matching, AutoAndOffFitEveryWorker) {
  const Capabilities none;
  EXPECT_TRUE(fits_amp(none, "auto"));
  EXPECT_TRUE(fits_amp(none, "off"));
  EXPECT_FALSE(fits_amp(none, "fp16"));
}

TEST(Label, ShowsWhatVariesAndNothingElse) {
  SweepSpec spec;
  spec.parameters = {{"variant", ValueList{}},
                     {"lr", ValueList{}},
                     {"label_smoothing", ValueList{}},
                     {"arch.width", ValueList{}}};
  spec.seeds = {1, 2};
  TrialConfig config;
  config.variant = "v5";
  config.lr = 0.003;
  config.label_smoothing = 0.1;
  config.arch_params["width"] = std::int64_t{64};
  config.seed = 2;
  EXPECT_EQ(label_of(spec, config), "v5 lr=0.003 ls=0.1 arch.width=64 seed=2");
}

TEST(Pace, ScalesWithTheWork) {
  Pace pace;
  EXPECT_FALSE(pace.seconds_for(1).has_value());
  pace.epoch(10, 5);
  EXPECT_DOUBLE_EQ(pace.seconds_for(100).value(), 50);
}

}  // namespace
}  // namespace firesweep
