#include "worker/runtime/supervisor/slot_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firesweep {
namespace {

using ::testing::HasSubstr;

WorkerOptions options_of(std::string device, std::optional<int> slots = {},
                         std::optional<int> threads = {}) {
  WorkerOptions options;
  options.device = std::move(device);
  options.slots = slots;
  options.threads = threads;
  return options;
}

std::vector<SlotPlan> plan(const WorkerOptions& options, int cores,
                           std::vector<std::string> devices = {}) {
  const auto planned = plan_slots(options, cores, devices);
  EXPECT_TRUE(planned) << to_string(planned.error());
  return planned.value_or(std::vector<SlotPlan>{});
}

using Plan = std::vector<SlotPlan>;

TEST(SlotPlan, CpuHasOneSlotPerCoreByDefault) {
  EXPECT_EQ(plan(options_of("cpu"), 2), (Plan{{"cpu", 1}, {"cpu", 1}}));
  EXPECT_EQ(plan(options_of("auto"), 1), (Plan{{"cpu", 1}}));
}

TEST(SlotPlan, ThreadsDivideTheCores) {
  EXPECT_EQ(plan(options_of("cpu", 1), 8), (Plan{{"cpu", 8}}));
  EXPECT_EQ(plan(options_of("cpu", 3), 8), (Plan{{"cpu", 2}, {"cpu", 2}, {"cpu", 2}}));
  EXPECT_EQ(plan(options_of("cpu", {}, 4), 8), (Plan{{"cpu", 4}, {"cpu", 4}}));
  EXPECT_EQ(plan(options_of("cpu", 2, 8), 8), (Plan{{"cpu", 8}, {"cpu", 8}}));
}

TEST(SlotPlan, MoreSlotsThanCoresGetOneThreadEach) {
  EXPECT_EQ(plan(options_of("cpu", 3), 2), (Plan{{"cpu", 1}, {"cpu", 1}, {"cpu", 1}}));
  EXPECT_EQ(plan(options_of("cpu", {}, 9), 2), (Plan{{"cpu", 9}}));
}

TEST(SlotPlan, GpusHaveOneSlotEachByDefault) {
  EXPECT_EQ(plan(options_of("auto"), 16, {"cuda:0", "cuda:1"}),
            (Plan{{"cuda:0", 8}, {"cuda:1", 8}}));
}

TEST(SlotPlan, MoreSlotsShareTheGpusInTurn) {
  EXPECT_EQ(plan(options_of("cuda", 3), 6, {"cuda:0", "cuda:1"}),
            (Plan{{"cuda:0", 2}, {"cuda:1", 2}, {"cuda:0", 2}}));
}

TEST(SlotPlan, OneGpuMayBeChosen) {
  EXPECT_EQ(plan(options_of("cuda:1"), 4, {"cuda:0", "cuda:1"}), (Plan{{"cuda:1", 4}}));
}

TEST(SlotPlan, CpuIsTakenThoughThereAreGpus) {
  EXPECT_EQ(plan(options_of("cpu", 1), 4, {"cuda:0"}), (Plan{{"cpu", 4}}));
  EXPECT_FALSE(needs_cuda_devices(options_of("cpu")));
}

TEST(SlotPlan, MissingGpuIsRefused) {
  const auto none = plan_slots(options_of("cuda"), 4, {});
  ASSERT_FALSE(none);
  EXPECT_THAT(to_string(none.error()), HasSubstr("--device: found \"cuda\""));
  const auto other = plan_slots(options_of("cuda:7"), 4, {"cuda:0", "cuda:1"});
  ASSERT_FALSE(other);
  EXPECT_THAT(to_string(other.error()), HasSubstr("expected one of cuda:0, cuda:1"));
}

TEST(SlotPlan, OneSlotWhereThatWasMeasuredFasterAndNobodySaysOtherwise) {
  const DeviceKey cpu{"CPU", 2};
  HostSpeeds speeds;
  LearntSpeed speed;
  speed.source = SpeedSource::kBench;
  speed.images = 300;
  speed.seconds = 1;
  speed.share = {1, 2};
  learn(speeds, cpu, speed);
  speed.images = 100;
  speed.share = {2, 1};
  learn(speeds, cpu, speed);
  EXPECT_EQ(wanted_cpu_slots(options_of("cpu"), speeds, cpu), 1);
  EXPECT_EQ(wanted_cpu_slots(options_of("cpu", 2), speeds, cpu), 2);
  EXPECT_EQ(wanted_cpu_slots(options_of("cpu", {}, 1), speeds, cpu), std::nullopt);
  EXPECT_EQ(wanted_cpu_slots(options_of("cpu"), {}, cpu), std::nullopt);
}

TEST(SlotPlan, AShareCountsTheSlotsOfOneDevice) {
  EXPECT_EQ(share_of({{"cpu", 1}, {"cpu", 1}}), (DeviceShare{2, 1}));
  EXPECT_EQ(share_of({{"cuda:0", 2}, {"cuda:1", 2}, {"cuda:0", 2}}), (DeviceShare{2, 2}));
}

}  // namespace
}  // namespace firesweep
