#include "worker/runtime/devices/device_need.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

constexpr std::int64_t kGib = std::int64_t{1} << 30;

ResolvedArchitecture network(std::int64_t channels) {
  return {"tiny",
          std::string(64, 'a'),
          {3, 32, 32},
          100,
          {{"0", Conv{3, channels, 3, 1, 1, 1, true}, {channels, 32, 32}},
           {"1", GlobalAvgPool{}, {channels, 0, 0}},
           {"2", Linear{channels, 100}, {100, 0, 0}}}};
}

TEST(DeviceNeed, GrowsWithBatchAndNetwork) {
  EXPECT_LT(estimated_need(network(64), 128, "bf16"), estimated_need(network(64), 512, "bf16"));
  EXPECT_LT(estimated_need(network(64), 128, "bf16"), estimated_need(network(256), 128, "bf16"));
}

TEST(DeviceNeed, HoldsEveryOutputOfABatchBesideTheFixedPart) {
  const std::int64_t outputs = 16'384 * 64 * 32 * 32 * std::int64_t{sizeof(float)};
  EXPECT_GT(estimated_need(network(64), 16'384, "bf16"), outputs + kGib);
  EXPECT_LT(estimated_need(network(64), 16'384, "bf16"), outputs + 3 * kGib);
}

TEST(DeviceNeed, EightOfTheStudysTrialsFitAnEightyGibCardInEitherPrecision) {
  for (const char* amp : {"auto", "bf16", "off"})
    EXPECT_LT(8 * estimated_need(network(64), 128, amp), 70 * kGib) << amp;
}

TEST(DeviceNeed, ABatchBeyondAllMeasureIsManyAndNoOverflow) {
  EXPECT_GT(estimated_need(network(64), std::int64_t{1} << 62, "auto"), 1'000'000 * kGib / 2);
}

}  // namespace
}  // namespace firesweep
