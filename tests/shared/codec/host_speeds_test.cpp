#include "shared/codec/host_speeds.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

HostSpeeds sample_speeds() {
  HostSpeeds speeds;
  speeds.cpu = "AMD EPYC";
  speeds.cores = 2;
  speeds.trained_macs_per_s = 2.5e11;
  speeds.by_architecture["ab"] = {"v2", 150.5, 160.25, 3.5, 4.5, 5'134'736, 900'000'000};
  speeds.by_architecture["cd"] = {"v3", 230, 200, 3, 4, 11'022'928, 700'000'000};
  return speeds;
}

TEST(HostSpeeds, SurviveTheRoundTrip) {
  const auto back = decode_host_speeds(encode_host_speeds(sample_speeds()), "speeds.json");
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(back->cpu, "AMD EPYC");
  EXPECT_EQ(back->cores, 2);
  EXPECT_EQ(back->trained_macs_per_s, 2.5e11);
  ASSERT_EQ(back->by_architecture.size(), 2U);
  const MeasuredSpeed& v2 = back->by_architecture.at("ab");
  EXPECT_EQ(v2.name, "v2");
  EXPECT_EQ(v2.one_slot, 150.5);
  EXPECT_EQ(v2.slot_per_core, 160.25);
  EXPECT_EQ(v2.latency_p50_ms, 3.5);
  EXPECT_EQ(v2.latency_p95_ms, 4.5);
  EXPECT_EQ(v2.model_bytes, 5'134'736);
  EXPECT_EQ(v2.peak_memory_bytes, 900'000'000);
}

TEST(HostSpeeds, BetterSlotsAreDecidedOverAllArchitectures) {
  HostSpeeds speeds = sample_speeds();
  EXPECT_TRUE(one_slot_is_faster(speeds)) << "230/200 outweighs 150/160";
  speeds.by_architecture["ab"].slot_per_core = 200;
  EXPECT_FALSE(one_slot_is_faster(speeds));
  EXPECT_FALSE(one_slot_is_faster({})) << "nothing measured: a slot per core";
}

TEST(HostSpeeds, FileThatCannotBeReadIsAsIfNothingWereMeasured) {
  EXPECT_EQ(read_host_speeds("/no/such/speeds.json"), std::nullopt);
  EXPECT_FALSE(decode_host_speeds("{\"format\": 2}", "speeds.json"));
}

TEST(HostSpeeds, LieInTheStateFolder) {
  EXPECT_EQ(host_speeds_path("/state", "/home/u"), "/state/firesweep/speeds.json");
  EXPECT_EQ(host_speeds_path(nullptr, "/home/u"), "/home/u/.local/state/firesweep/speeds.json");
  EXPECT_EQ(host_speeds_path("not/absolute", nullptr), std::nullopt);
}

}  // namespace
}  // namespace firesweep
