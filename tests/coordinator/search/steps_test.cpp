// Steps ("q_…") under methods that learn: choices from version 6 of the rules on, before that
// points of a range that are rounded.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "coordinator/search/coordinates.h"
#include "coordinator/search/draw.h"
#include "coordinator/search/replay.h"
#include "coordinator/search/sweep_space.h"
#include "tests/coordinator/search/searches.h"

namespace firesweep {
namespace {

using Kind = Dimension::Kind;
constexpr int kRounded = 5;  // the last rules without steps

// 4 smoothings × 8 widths.
std::shared_ptr<FrozenSweep> stepped(Method method, int rules = kRulesVersion) {
  auto frozen = searches::frozen(method, 35);
  frozen->spec.rules = rules;
  frozen->spec.parameters = {{"label_smoothing", Quantized{Uniform{0, 0.3}, 0.1}},
                             {"arch.width", Quantized{LogUniformValues{8, 64}, 8}}};
  return frozen;
}

struct Proposed {
  std::vector<Proposal> proposals;
  std::vector<SearchResult> results;
};

// All its points, each with a score before the next is proposed.
Proposed run(const std::shared_ptr<FrozenSweep>& frozen) {
  SweepSpace space = SweepSpace::make(frozen).value();
  Proposed done;
  for (std::int64_t i = 0; i < space.trials(); ++i) {
    done.proposals.push_back(space.propose({}));
    EXPECT_TRUE(space.keep(done.proposals.back()));
    const double score = -std::abs(space.config(i)->label_smoothing - 0.1);
    space.learn(i, score);
    done.results.push_back({i, score});
  }
  return done;
}

std::int64_t different(const Proposed& done) {
  std::set<std::map<std::string, Value>> points;
  for (const Proposal& one : done.proposals) points.insert(one.values);
  return std::ssize(points);
}

TEST(Steps, OfARangeAreEqualChoices) {
  const Parameter smoothing{"label_smoothing", Quantized{Uniform{0, 0.3}, 0.1}};
  const Dimension dimension = stepped_dimension_of(smoothing);
  EXPECT_EQ(dimension, (Dimension{Kind::kOrdered, 4, {}, {}}));
  EXPECT_EQ(value_at(smoothing, dimension, 0), Value(0.0));
  EXPECT_EQ(value_at(smoothing, dimension, 3), Value(0.3));
  const Parameter width{"arch.width", Quantized{Uniform{10, 40}, 16}};
  EXPECT_EQ(stepped_dimension_of(width).choices, 2) << "16 and 32";
  EXPECT_EQ(value_at(width, stepped_dimension_of(width), 1), Value(std::int64_t{32}));
  EXPECT_EQ(dimension_of(smoothing).kind, Kind::kContinuous) << "sobol spreads over the range";
}

TEST(Steps, OfADistributionHaveTheSharesThatRandomDraws) {
  const std::vector<Parameter> parameters = {
      {"arch.x", Quantized{LogUniformValues{3, 40}, 4}}, {"arch.x", Quantized{Normal{1, 2}, 1}},
      {"arch.x", Quantized{LogNormal{1, 0.5}, 0.5}},     {"arch.x", Quantized{Beta{2, 5}, 0.125}},
      {"lr", Quantized{Normal{0.002, 0.002}, 0.001}},
  };
  for (const Parameter& parameter : parameters) {
    SCOPED_TRACE(parameter.domain.index());
    const Dimension dimension = stepped_dimension_of(parameter);
    ASSERT_EQ(dimension.kind, Kind::kOrdered);
    ASSERT_EQ(std::ssize(dimension.borders), dimension.choices - 1);
    EXPECT_TRUE(std::ranges::is_sorted(dimension.borders));
    constexpr int kDraws = 20'000;
    std::map<Value, int> drawn;
    for (int i = 0; i < kDraws; ++i) ++drawn[draw(parameter, 3, i)];
    int counted = 0;
    for (std::int64_t step = 0; step < dimension.choices; ++step) {
      const auto at = static_cast<double>(step);
      const Part part = part_of(dimension, at);
      const int times = drawn[value_at(parameter, dimension, at)];
      EXPECT_NEAR(static_cast<double>(times) / kDraws, part.to - part.from, 0.015) << step;
      EXPECT_EQ(choice_at(dimension, part.middle()), at);
      counted += times;
    }
    EXPECT_EQ(counted, kDraws) << "no draw lies outside the steps";
  }
}

TEST(Steps, OfTooManyUnequalPartsAreARange) {
  EXPECT_EQ(stepped_dimension_of({"arch.x", Quantized{LogUniformValues{1, 1e6}, 1}}).kind,
            Kind::kContinuous);
  EXPECT_EQ(stepped_dimension_of({"arch.x", Quantized{Uniform{1, 1e6}, 1}}).choices, 1'000'000);
}

TEST(Steps, NoPointIsProposedTwiceAndAllAreProposed) {
  for (const Method method : kLearning) {
    EXPECT_EQ(SweepSpace::make(stepped(method))->trials(), 32) << "the space has no more";
    EXPECT_EQ(different(run(stepped(method))), 32) << to_string(method);
  }
}

TEST(Steps, OlderRulesRoundAndRepeat) {
  for (const Method method : kLearning) {
    const Proposed done = run(stepped(method, kRounded));
    EXPECT_EQ(done.proposals.size(), 35u) << to_string(method);
    EXPECT_LE(different(done), 32) << to_string(method);
  }
}

// Under the older rules a step is a point of its range: the same as without steps.
TEST(Steps, OlderRulesKeepTheirProposals) {
  for (const Method method : kLearning) {
    const auto proposed = [&](std::vector<Parameter> parameters) {
      SweepSpec spec = searches::spec(method, std::move(parameters));
      spec.rules = kRounded;
      LearningSearch search(spec);
      std::vector<Coordinates> found;
      for (std::int64_t i = 0; i < 20; ++i) {
        found.push_back(search.propose({}, [](const Coordinates&) { return true; }));
        search.keep(found.back(), 1);
        search.learn(i, -std::abs(found.back()[0] - 0.3));
      }
      return found;
    };
    EXPECT_EQ(proposed({{"arch.p0", Quantized{Uniform{0, 1}, 0.1}},
                        {"arch.p1", Quantized{Normal{0, 1}, 0.5}}}),
              proposed(searches::ranges(2)))
        << to_string(method);
  }
}

TEST(Steps, WhatEitherRulesProposedIsFoundAgain) {
  for (const int rules : {kRounded, kRulesVersion}) {
    for (const Method method : kLearning) {
      const auto frozen = stepped(method, rules);
      const Proposed done = run(frozen);
      const Replayed found = replay(SweepSpace::make(frozen).value(), done.proposals, done.results);
      EXPECT_EQ(found.proposals, std::ssize(done.proposals));
      EXPECT_EQ(found.differences, std::vector<std::string>{}) << to_string(method) << rules;
    }
  }
}

}  // namespace
}  // namespace firesweep
