#include "shared/codec/speed_probe.h"

#include <gtest/gtest.h>

#include "shared/codec/architecture_codec.h"

namespace firesweep {
namespace {

Architecture sample_architecture() {
  return *decode_architecture(
      R"({"format": 1, "name": "tiny", "input": [3, 32, 32], "params": {"width": 8},
          "blocks": [{"conv_bn_relu": "$width"}, "global_avg_pool", {"linear": "classes"}]})",
      "tiny.json");
}

HostSpeeds sample_speeds() {
  LearntSpeed speed;
  speed.kind = {"ab", 85'805'056, "auto", 128};
  speed.images = 1000;
  speed.seconds = 2;
  HostSpeeds speeds;
  learn(speeds, {"AMD EPYC", 2}, speed);
  return speeds;
}

TEST(SpeedProbe, KindsComeBackInTheirOrder) {
  ProbeKind first{{}, sample_architecture(), 100};
  first.config.variant = "tiny";
  first.config.amp = "off";
  first.config.arch_params["width"] = std::int64_t{16};
  ProbeKind second = first;
  second.config.batch_size = 32;
  second.classes = 10;
  const auto back = decode_probe_kinds(encode_probe_kinds({first, second}));
  ASSERT_TRUE(back) << to_string(back.error());
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ((*back)[0].config, first.config);
  EXPECT_EQ((*back)[0].architecture.hash, first.architecture.hash);
  EXPECT_EQ((*back)[0].architecture.name, "tiny");
  EXPECT_EQ((*back)[1].config, second.config);
  EXPECT_EQ((*back)[1].classes, 10);
  const auto resolved =
      resolve((*back)[0].architecture, (*back)[0].classes, (*back)[0].config.arch_params);
  EXPECT_TRUE(resolved) << to_string(resolved.error());
}

TEST(SpeedProbe, KindsThatAreNoneAreRefused) {
  EXPECT_FALSE(decode_probe_kinds(""));
  EXPECT_FALSE(decode_probe_kinds("{}"));
  EXPECT_FALSE(decode_probe_kinds(R"([{"config": "{}", "name": "a", "architecture": "x"}])"));
}

TEST(SpeedProbe, AnswerComesBackAsItWasWritten) {
  const ProbeAnswer answer{{"AMD EPYC", 2}, 2, {2, 1}, 1.75, sample_speeds()};
  const auto back = decode_probe_answer(encode_probe_answer(answer));
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(back->device, answer.device);
  EXPECT_EQ(back->slots, 2);
  EXPECT_EQ(back->share, answer.share);
  EXPECT_DOUBLE_EQ(back->probed_seconds, 1.75);
  EXPECT_EQ(back->speeds, answer.speeds);
  EXPECT_FALSE(decode_probe_answer("{}"));
  EXPECT_FALSE(decode_probe_answer(""));
}

}  // namespace
}  // namespace firesweep
