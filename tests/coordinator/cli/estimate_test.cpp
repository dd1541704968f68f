#include "coordinator/cli/estimate.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

Block block(std::string kind, std::map<std::string, Quantity> numbers = {}) {
  Block made;
  made.kind = std::move(kind);
  made.where = "/blocks/" + made.kind;
  made.numbers = std::move(numbers);
  return made;
}

// One trial of two epochs over 351 batches of 128 images, of an architecture with the hash
// "narrow".
TrialSpace one_trial() {
  auto frozen = std::make_shared<FrozenSweep>();
  frozen->spec.name = "test";
  frozen->spec.dataset = "cifar100";
  frozen->spec.base.variant = "narrow";
  frozen->spec.base.epochs = 2;
  frozen->architectures.emplace(
      "narrow", Architecture{"narrow",
                             {3, 32, 32},
                             {},
                             {block("conv", {{"value", 8.0}}), block("global_avg_pool"),
                              block("linear", {{"value", "classes"}})},
                             "",
                             "narrow"});
  return *TrialSpace::make(frozen);
}

HostSpeeds host_with(const std::string& hash) {
  HostSpeeds host;
  host.by_architecture[hash] = {"narrow", /*one_slot=*/450, /*slot_per_core=*/900, 0, 0, 0, 0};
  return host;
}

TEST(Estimate, HostsMeasuredSpeedGivesTheSeconds) {
  const TrialSpace space = one_trial();
  const Estimate two = estimate(space, 2, std::nullopt, host_with("narrow"));
  EXPECT_DOUBLE_EQ(two.seconds, 2 * 44'928 / 900.0);
  EXPECT_NE(two.basis.find("firesweep-worker bench"), std::string::npos);
  EXPECT_DOUBLE_EQ(estimate(space, 1, std::nullopt, host_with("narrow")).seconds,
                   2 * 44'928 / 450.0);
}

TEST(Estimate, SpeedOfEarlierResultsComesFirst) {
  const TrialSpace space = one_trial();
  const Estimate known = estimate(space, 2, 1e9, host_with("narrow"));
  EXPECT_DOUBLE_EQ(known.seconds, known.work_macs / 2e9);
  EXPECT_NE(known.basis.find("this database"), std::string::npos);
}

TEST(Estimate, WhatTheHostTrainedTeachesTheNextEstimate) {
  const TrialSpace space = one_trial();
  HostSpeeds host;
  host.trained_macs_per_s = 2e9;
  const Estimate learnt = estimate(space, 2, std::nullopt, host);
  EXPECT_DOUBLE_EQ(learnt.seconds, learnt.work_macs / 4e9);
  EXPECT_NE(learnt.basis.find("this host trained"), std::string::npos);
}

TEST(Estimate, ATrialCostsTimeAndRoomItself) {
  const Estimate one = estimate(one_trial(), 2, 1e30);
  EXPECT_GE(one.seconds, 1e-4);
  EXPECT_GT(one.bytes, 1000);
}

TEST(Estimate, UnmeasuredArchitectureIsAssumed) {
  const Estimate assumed = estimate(one_trial(), 2, std::nullopt, host_with("another"));
  EXPECT_NE(assumed.basis.find("nothing was measured"), std::string::npos);
}

}  // namespace
}  // namespace firesweep
