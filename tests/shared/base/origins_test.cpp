#include "shared/base/origins.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

const Origins kOrigins = {{"/parameters", "base.json"},
                          {"/parameters/lr", "--set lr.max=1", true},
                          {"/seeds", "other.json"}};

TEST(Origins, TheNearestOneOfAPlaceCounts) {
  EXPECT_EQ(written_at("/parameters/momentum/value", "x.json", kOrigins),
            "base.json: /parameters/momentum/value");
  EXPECT_EQ(written_at("/seeds", "x.json", kOrigins), "other.json: /seeds");
  EXPECT_EQ(written_at("/parameters/lr_2", "x.json", kOrigins), "base.json: /parameters/lr_2")
      << "a name that begins alike is another one";
}

TEST(Origins, WhatTheCommandLineSetIsNamedByItsWords) {
  EXPECT_EQ(written_at("/parameters/lr/max", "x.json", kOrigins), "--set lr.max=1");
}

TEST(Origins, WhatHasNoneIsOfTheFileThatWasHandedIn) {
  EXPECT_EQ(written_at("/method", "x.json", kOrigins), "x.json: /method");
  EXPECT_EQ(written_at("", "x.json", kOrigins), "x.json");
  EXPECT_EQ(written_at("/seeds2", "", kOrigins), "/seeds2");
  EXPECT_EQ(origin_of("/method", kOrigins), nullptr);
}

}  // namespace
}  // namespace firesweep
