#include "coordinator/search/learning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <set>

#include "coordinator/search/coordinates.h"
#include "coordinator/search/draw.h"
#include "coordinator/search/replay.h"
#include "coordinator/search/samplers/evolution.h"
#include "coordinator/search/samplers/gp.h"
#include "coordinator/search/samplers/nsga2.h"
#include "coordinator/search/samplers/tpe.h"
#include "tests/coordinator/search/searches.h"
#include "tests/sanitized.h"

namespace firesweep {
namespace {

using Kind = Dimension::Kind;

TEST(Coordinates, ListsOfNumbersAreOrderedAndOthersAreNot) {
  const auto kind = [](std::vector<Value> values) {
    return dimension_of({"lr", ValueList{std::move(values), {}}}).kind;
  };
  EXPECT_EQ(kind({1.0, 2.0, 3.0}), Kind::kOrdered);
  EXPECT_EQ(kind({3.0, 2.0, 1.0}), Kind::kOrdered);
  EXPECT_EQ(kind({1.0, 3.0, 2.0}), Kind::kCategorical);
  EXPECT_EQ(kind({std::string("a"), std::string("b"), std::string("c")}), Kind::kCategorical);
  EXPECT_EQ(dimension_of({"epochs", IntUniform{3, 7}}), (Dimension{Kind::kOrdered, 5, {}}));
  EXPECT_EQ(dimension_of({"lr", Uniform{0, 1}}).kind, Kind::kContinuous);
}

TEST(Coordinates, ValuesLieInTheirRanges) {
  const Parameter rate{"lr", LogUniformValues{0.001, 0.1}};
  EXPECT_DOUBLE_EQ(std::get<double>(value_at(rate, 0)), 0.001);
  EXPECT_NEAR(std::get<double>(value_at(rate, 0.5)), 0.01, 1e-12);
  EXPECT_LT(std::get<double>(value_at(rate, std::nextafter(1.0, 0.0))), 0.1);
  const Parameter epochs{"epochs", IntUniform{3, 7}};
  EXPECT_EQ(value_at(epochs, 4), Value(std::int64_t{7}));
  EXPECT_EQ(ShareValues(epochs).at(0.99), Value(std::int64_t{7}));
  const Parameter normal{"lr", Normal{0.01, 0.002}};
  EXPECT_NEAR(std::get<double>(value_at(normal, 0.5)), 0.01, 1e-12);
  EXPECT_NEAR(std::get<double>(value_at(normal, 0.8413447460685429)), 0.012, 1e-9);
  EXPECT_GT(std::get<double>(value_at({"lr", Normal{0.01, 10}}, 0.0)), 0.0) << "within the field";
}

// Each distribution's quantile beside what method random draws of it: the same law.
TEST(Coordinates, SharesFollowTheLawThatRandomDraws) {
  const std::vector<Domain> domains = {Uniform{-1, 3},
                                       LogUniformValues{0.01, 10},
                                       InvLogUniformValues{0.01, 10},
                                       Normal{1, 2},
                                       LogNormal{0, 0.5},
                                       Beta{2, 5},
                                       Beta{0.5, 0.7},
                                       Quantized{Normal{0, 3}, 0.5},
                                       Quantized{Beta{2, 2}, 0.1}};
  for (std::size_t i = 0; i < domains.size(); ++i) {
    const Parameter parameter{"arch.x", domains[i]};
    constexpr int kDraws = 4000;
    std::vector<double> drawn;
    const auto number = [](const Value& value) {
      const auto* real = std::get_if<double>(&value);
      return real != nullptr ? *real : static_cast<double>(std::get<std::int64_t>(value));
    };
    for (int k = 0; k < kDraws; ++k) drawn.push_back(number(draw(parameter, 1, k)));
    std::ranges::sort(drawn);
    const ShareValues values(parameter);
    for (const double share : {0.1, 0.3, 0.5, 0.8}) {
      const double at = number(values.at(share));
      const auto [low, high] = std::ranges::equal_range(drawn, at);
      EXPECT_LE(static_cast<double>(low - drawn.begin()) / kDraws, share + 0.03)
          << i << " " << share;
      EXPECT_GE(static_cast<double>(high - drawn.begin()) / kDraws, share - 0.03)
          << i << " " << share;
    }
  }
}

TEST(LearningSearch, EveryPointOfASmallSpaceIsProposedOnceAndNoneThatIsNotAllowed) {
  for (const Method method : kLearning) {
    LearningSearch search(searches::spec(
        method, {{"lr", ValueList{{0.1, 0.2, 0.3}, {}}}, {"batch_size", IntUniform{32, 41}}}));
    const auto allows = [](const Coordinates& at) { return at[1] != 4; };
    std::set<Coordinates> found;
    for (int i = 0; i < 27; ++i) {
      const Coordinates at = search.propose({}, allows);
      EXPECT_TRUE(allows(at)) << to_string(method);
      EXPECT_TRUE(found.insert(at).second) << to_string(method) << " repeats a point";
      search.keep(at, 1);
      search.learn(i, at[0] + at[1]);
    }
  }
}

TEST(LearningSearch, ResultsWithoutAScoreCountAndTeachNothing) {
  LearningSearch search(searches::spec(Method::kTpe, searches::ranges(2)));
  search.keep({0.5, 0.5}, 1);
  search.keep({0.6, 0.5}, 1);
  EXPECT_EQ(search.learn(0, std::nullopt), 1);
  EXPECT_EQ(search.learn(1, 0.5), 2);
  EXPECT_EQ(search.open(), std::set<std::int64_t>{0});
}

// Of processor time, and ten times what it takes: a proposal that looked at every result would take
// far more.
TEST(LearningSearch, AProposalAfterTenThousandResultsTakesMilliseconds) {
  if (testing::kSanitized) GTEST_SKIP() << "this build is not optimized";
  for (const Method method : kLearning) {
    LearningSearch search(searches::spec(method, searches::ranges(6)));
    SearchRandom random(1, 1);
    for (std::int64_t i = 0; i < 10'000; ++i) {
      Coordinates at = random_point(search.space(), random);
      const double score = at[0] * at[1] - at[2] * at[2];
      search.keep(std::move(at), static_cast<double>(random.below(100'000)));
      if (i < 9'990) search.learn(i, score);
    }
    const std::vector<std::int64_t> running(search.open().begin(), search.open().end());
    const std::clock_t begin = std::clock();
    constexpr int kTimes = 5;
    for (int i = 0; i < kTimes; ++i) {
      static_cast<void>(search.propose(running, [](const Coordinates&) { return true; }));
    }
    const double milliseconds =
        1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / kTimes;
    RecordProperty(std::string(to_string(method)) + "_us", static_cast<int>(milliseconds * 1000));
    EXPECT_LT(milliseconds, 200) << to_string(method);
  }
}

// The samplers' own defaults, which their measurements are of, are what a file gets that sets none.
TEST(LearningSearch, UsualSettingsAreTheSamplersDefaults) {
  const auto usual = [](Method method, std::string_view name) {
    return setting_of(method, {}, name);
  };
  EXPECT_EQ(usual(Method::kTpe, "n_startup_trials"), TpeOptions{}.startup);
  EXPECT_EQ(usual(Method::kTpe, "n_ei_candidates"), TpeOptions{}.candidates);
  EXPECT_EQ(usual(Method::kTpe, "gamma"), TpeOptions{}.good_share);
  EXPECT_EQ(usual(Method::kTpe, "prior_weight"), TpeOptions{}.prior_weight);
  EXPECT_EQ(usual(Method::kEvolution, "population_size"), EvolutionOptions{}.population);
  EXPECT_EQ(usual(Method::kEvolution, "sample_size"), EvolutionOptions{}.contestants);
  EXPECT_EQ(usual(Method::kNsga2, "population_size"), Nsga2Options{}.population);
  EXPECT_EQ(usual(Method::kNsga2, "crossover_prob"), Nsga2Options{}.crossover);
  EXPECT_EQ(usual(Method::kNsga2, "mutation_prob"), Nsga2Options{}.second_change);
  EXPECT_EQ(usual(Method::kGp, "n_startup_trials"), GpOptions{}.startup);
}

// A search with more random points at first goes another way from the first point on that the other
// has learnt.
TEST(LearningSearch, SettingsReachTheSampler) {
  const auto points_of = [](Method method, const SearchSettings& settings) {
    SweepSpec spec = searches::spec(method, searches::ranges(2));
    spec.search = settings;
    LearningSearch search(spec);
    std::vector<Coordinates> points;
    for (std::int64_t i = 0; i < 30; ++i) {
      points.push_back(search.propose({}, [](const Coordinates&) { return true; }));
      search.keep(points.back(), 1);
      search.learn(i, points.back()[0]);
    }
    return points;
  };
  for (const Method method : kLearning) {
    const auto usual = points_of(method, {});
    const std::int64_t startup = startup_of(method, {});
    for (const SearchSetting& one : search_settings(method)) {
      const double other = one.startup ? 25.0 : one.whole ? one.min : 0.9 * one.max;
      const auto changed = points_of(method, {{std::string(one.name), other}});
      EXPECT_NE(changed, usual) << to_string(method) << " " << one.name;
      const auto same = std::ranges::mismatch(changed, usual).in1 - changed.begin();
      EXPECT_GE(same, startup) << "at random until then, by the same numbers";
    }
  }
}

// As many as a broken network of a search makes.
TEST(LearningSearch, ThousandsOfFailuresCostAProposalNoMore) {
  if (testing::kSanitized) GTEST_SKIP() << "this build is not optimized";
  for (const Method method : kLearning) {
    LearningSearch search(searches::spec(method, searches::ranges(6)));
    SearchRandom random(1, 1);
    for (std::int64_t i = 0; i < 10'000; ++i) {
      search.keep(random_point(search.space(), random), 1);
      if (i % 20 == 0) search.learn(i, 0.1);
    }
    const std::clock_t begin = std::clock();
    static_cast<void>(search.propose({}, [](const Coordinates&) { return true; }));
    EXPECT_LT(1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, 200)
        << to_string(method);
  }
}

// Sweeps that were submitted by older rules go on as they began: what version 4 proposed then.
TEST(LearningSearch, OlderRulesKeepTheirProposals) {
  SweepSpec spec = searches::spec(Method::kTpe, searches::ranges(2));
  const auto after_twelve = [&] {
    LearningSearch search(spec);
    for (std::int64_t i = 0; i < 12; ++i) {
      const double x = (static_cast<double>(i) + 0.5) / 12;
      search.keep({x, 1 - x}, 1);
      search.learn(i, -std::abs(x - 0.3));
    }
    return search.propose({}, [](const Coordinates&) { return true; });
  };
  const Coordinates now = after_twelve();
  spec.rules = 4;
  const Coordinates before = after_twelve();
  EXPECT_NE(now, before);
  ASSERT_EQ(before.size(), 2u);
  EXPECT_NEAR(before[0], 0.50680180479189119, 1e-12);
  EXPECT_NEAR(before[1], 0.94208603764395149, 1e-12);
}

// Better than chance, or the wiring from scores to costs is wrong.
TEST(LearningSearch, FindsTheGoodEndOfAScale) {
  for (const Method method : {Method::kTpe, Method::kEvolution, Method::kGp}) {
    LearningSearch search(searches::spec(method, searches::ranges(3)));
    double late = 0;
    for (std::int64_t i = 0; i < 60; ++i) {
      const Coordinates at = search.propose({}, [](const Coordinates&) { return true; });
      search.keep(at, 1);
      search.learn(i, at[0]);
      if (i >= 50) late += at[0] / 10;
    }
    EXPECT_GT(late, 0.8) << to_string(method);
  }
}

// Of 21 points with a score each, kept in a space and stored.
class Replays : public ::testing::Test {
 protected:
  Replays() {
    for (std::int64_t i = 0; i < 21; ++i) {
      const Proposal next = space.propose({});
      proposals.push_back(next);
      EXPECT_TRUE(space.keep(next));
      const double score = space.config(i)->lr;
      EXPECT_EQ(space.learn(i, score), i + 1);
      results.push_back({i, score});
    }
  }
  Replayed replayed() const { return replay(SweepSpace::make(frozen).value(), proposals, results); }

  std::shared_ptr<const FrozenSweep> frozen = searches::frozen(Method::kTpe, 21);
  SweepSpace space = SweepSpace::make(frozen).value();
  std::vector<Proposal> proposals;
  std::vector<SearchResult> results;
};

TEST_F(Replays, WhatWasStoredIsFoundAgain) {
  EXPECT_EQ(replayed().proposals, 21);
  EXPECT_EQ(replayed().differences, std::vector<std::string>{});
}

TEST_F(Replays, AChangedResultIsNoticedWhereItMatters) {
  results[3].score = 0.9;
  const Replayed found = replayed();
  EXPECT_EQ(found.proposals, 21);
  ASSERT_FALSE(found.differences.empty());
  EXPECT_TRUE(found.differences.front().starts_with("point 1")) << found.differences.front();
}

TEST_F(Replays, AChangedPointIsNamedWithBoth) {
  proposals[12].at.front() += 0.01;
  const Replayed found = replayed();
  ASSERT_FALSE(found.differences.empty());
  EXPECT_TRUE(found.differences.front().starts_with("point 12: stored is "))
      << found.differences.front();
  proposals[12].at.front() -= 0.01;
}

TEST_F(Replays, ChangedValuesAreNoticedToo) {
  proposals[2].values["lr"] = 0.5;
  ASSERT_EQ(replayed().differences.size(), 1u);
  EXPECT_TRUE(replayed().differences.front().starts_with("point 2: stored is "));
}

TEST_F(Replays, EvidenceThatCannotBeEndsIt) {
  proposals[5].results = 40;
  EXPECT_EQ(replayed().differences,
            (std::vector<std::string>{"point 5: it knew 40 results, of which 21 are stored"}));
  proposals[5].results = 2;
  EXPECT_EQ(replayed().differences,
            (std::vector<std::string>{"point 5: it knew 2 results, the one before it 4"}));
  proposals[5].results = 5;
  proposals[5].running = {2};
  EXPECT_EQ(replayed().differences.size(), 1u);
  proposals[5].running = {};
  proposals[5].results = 6;
  EXPECT_EQ(replayed().differences.size(), 1u) << "a result of a point proposed later";
}

}  // namespace
}  // namespace firesweep
