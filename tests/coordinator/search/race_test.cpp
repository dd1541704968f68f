#include "coordinator/search/race.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "shared/codec/sweep_codec.h"

namespace firesweep {
namespace {

constexpr const char* kNetworks[] = {
    R"({"format": 1, "name": "small", "input": [3, 32, 32],
        "blocks": ["global_avg_pool", {"linear": "classes"}]})",
    R"({"format": 1, "name": "wide", "input": [3, 32, 32],
        "blocks": [{"max_pool": 4}, "flatten", {"linear": "classes"}]})"};

SweepSpace space_of(const std::string& members) {
  auto frozen =
      freeze_file(R"({"name": "s", "trainer": "simulated", "method": "grid", )" + members + "}",
                  "s.json", {{"small", kNetworks[0]}, {"wide", kNetworks[1]}});
  EXPECT_TRUE(frozen) << to_string(frozen.error());
  return *SweepSpace::make(std::make_shared<const FrozenSweep>(std::move(*frozen)));
}

// So many points of one network, so many seeds.
std::string grid(int points, int seeds, const std::string& variants = R"({"value": "small"})") {
  std::string text = R"("parameters": {"variant": )" + variants + R"(, "lr": {"values": [)";
  for (int i = 1; i <= points; ++i) text += (i > 1 ? ", 0.00" : "0.00") + std::to_string(100 + i);
  text += R"(]}}, "racing": {"top": 1}, "seeds": [)";
  for (int i = 1; i <= seeds; ++i) text += (i > 1 ? ", " : "") + std::to_string(i);
  return text + "]";
}

// A race with its space: trials end as told.
struct Contest {
  Contest(const std::string& members, Racing rules) : space(space_of(members)), race(rules) {
    race.lay(space);
  }
  std::int64_t number(std::int64_t point, std::int64_t seed) const {
    return point * space.file(0).seed_count() + seed;
  }
  void end(std::int64_t number, double score) {
    race.note(number, Complete{AttemptNo{1}});
    race.score(number, score);
  }
  // Decides, and lets what is raced out end. The points.
  std::set<std::int64_t> decide() {
    std::set<std::int64_t> points;
    for (auto decided = race.decide(); !decided.empty(); decided = race.decide()) {
      for (const RacedOut& one : decided) {
        race.note(one.number, Pruned{});
        points.insert(one.number / space.file(0).seed_count());
        evidence = one.evidence;
      }
    }
    return points;
  }

  SweepSpace space;
  Race race;
  RaceEvidence evidence;  // the newest
};

// Three points with three seeds, of which the last is far behind.
struct Behind : Contest {
  Behind() : Contest(grid(3, 3), {.top = 1}) {
    const double scores[3][2] = {{0.50, 0.51}, {0.49, 0.505}, {0.20, 0.21}};
    for (const int seed : {0, 1}) {
      for (const int point : {0, 1, 2}) end(number(point, seed), scores[point][seed]);
      const bool decided = !(seed == 0 ? decide() : std::set<std::int64_t>{}).empty();
      EXPECT_FALSE(decided) << "one seed says nothing of its spread";
    }
  }
};

TEST(Race, APointFarBehindGetsNoThirdSeed) {
  Behind run;
  const auto decided = run.race.decide();
  ASSERT_EQ(decided.size(), 1u);
  EXPECT_EQ(decided[0].number, run.number(2, 2));
  const RaceEvidence& on = decided[0].evidence;
  EXPECT_EQ(on.seeds, 2);
  EXPECT_EQ(on.of_seeds, 3);
  EXPECT_EQ(on.top, 1);
  EXPECT_EQ(on.better, run.number(0, 0));
  EXPECT_EQ(on.pairs, 2);
  EXPECT_NEAR(on.difference, 0.30, 1e-12);
  EXPECT_EQ(on.freedom, 2);
  EXPECT_EQ(on.comparisons, 2 * 2) << "two other points, two rounds that judge";
  EXPECT_EQ(on.level, 0.05);
  EXPECT_LE(on.p, on.level / static_cast<double>(on.comparisons));
}

TEST(Race, ItIsToldUntilItHasEndedAndThenNoMore) {
  Behind run;
  EXPECT_EQ(run.decide(), std::set<std::int64_t>{2});
  EXPECT_TRUE(run.race.decide().empty());
  EXPECT_TRUE(run.race.open(run.number(0, 2)));
}

TEST(Race, ARoundBeginsWhenAllOfTheOneBeforeHaveEnded) {
  Contest run(grid(3, 3), {.top = 1});
  EXPECT_TRUE(run.race.open(run.number(2, 0)));
  EXPECT_FALSE(run.race.open(run.number(0, 1)));
  run.end(run.number(0, 0), 0.5);
  run.race.note(run.number(1, 0), Failed{AttemptNo{1}, Reason::kNan});
  EXPECT_FALSE(run.race.open(run.number(0, 1)));
  run.end(run.number(2, 0), 0.5);
  EXPECT_TRUE(run.race.open(run.number(0, 1)));
  EXPECT_FALSE(run.race.open(run.number(0, 2)));
  run.race.note(run.number(1, 0), Waiting{AttemptNo{1}});  // retried
  EXPECT_FALSE(run.race.open(run.number(0, 1)));
}

TEST(Race, TheBestOfEachGroupStay) {
  Contest run(grid(2, 3, R"({"values": ["small", "wide"]})"), {.top = 1});
  Contest all(grid(2, 3, R"({"values": ["small", "wide"]})"), {.top = 1, .group_by = {}});
  const double scores[4][2] = {{0.50, 0.54}, {0.53, 0.50}, {0.10, 0.13}, {0.14, 0.11}};
  for (Contest* one : {&run, &all}) {
    for (const int seed : {0, 1}) {
      for (const int point : {0, 1, 2, 3}) one->end(one->number(point, seed), scores[point][seed]);
    }
  }
  EXPECT_TRUE(run.decide().empty());
  EXPECT_EQ(all.decide(), (std::set<std::int64_t>{2, 3}));
}

TEST(Race, TopAreKeptHoweverFarTheyAreBehindTheBest) {
  Contest run(grid(4, 3), {.top = 3});
  const double scores[4][2] = {{0.90, 0.91}, {0.50, 0.512}, {0.49, 0.50}, {0.10, 0.11}};
  for (const int seed : {0, 1}) {
    for (const int point : {0, 1, 2, 3}) run.end(run.number(point, seed), scores[point][seed]);
  }
  EXPECT_EQ(run.decide(), std::set<std::int64_t>{3});
  EXPECT_EQ(run.evidence.better, run.number(2, 0)) << "the least sure of the three";
}

TEST(Race, AddedSeedsOfAPointThatIsOutAreNotStartedAndThoseOfOthersAre) {
  Behind run;
  run.decide();
  for (const int point : {0, 1}) run.end(run.number(point, 2), 0.5);
  SweepSpace grown = run.space;
  auto more = grown.newest()->spec;
  more.seeds = {7};
  auto frozen = freeze(more, run.space.newest()->architectures);
  ASSERT_TRUE(frozen);
  ASSERT_TRUE(grown.extend(std::make_shared<const FrozenSweep>(std::move(*frozen))));
  run.race.lay(grown);
  const auto decided = run.race.decide();
  ASSERT_EQ(decided.size(), 1u);
  EXPECT_EQ(decided[0].number, grown.base(1) + 2);
  EXPECT_EQ(decided[0].evidence, run.evidence);
  EXPECT_TRUE(run.race.open(grown.base(1)));
}

TEST(Race, MadeAgainFromWhatWasStoredItDecidesTheSame) {
  Behind first;
  Contest again(grid(3, 3), {.top = 1});
  for (const int seed : {1, 0}) {
    for (const int point : {2, 0, 1}) {
      again.race.note(again.number(point, seed), Complete{AttemptNo{1}});
    }
  }
  const double scores[3][2] = {{0.50, 0.51}, {0.49, 0.505}, {0.20, 0.21}};
  for (const int point : {0, 1, 2}) {
    for (const int seed : {0, 1}) again.race.score(again.number(point, seed), scores[point][seed]);
  }
  const auto decided = first.race.decide();
  EXPECT_EQ(again.race.decide(), decided);
  Behind restored;
  restored.race.note(decided[0].number, Pruned{});
  restored.race.restore(decided[0].number, decided[0].evidence);
  EXPECT_TRUE(restored.race.decide().empty());
}

TEST(Race, WhatHasBegunIsNotRacedOut) {
  Behind run;
  run.race.note(run.number(2, 2), Assigned{AttemptNo{1}});
  EXPECT_TRUE(run.race.decide().empty());
}

// Nine points of which three share the first place, five seeds, errors of one deviation and a shift
// that all points of a seed share. None of the three may be raced out oftener than the level says;
// of those two deviations behind most are.
TEST(Race, TheLevelHoldsAndPointsBehindAreFound) {
  constexpr int kRaces = 2'000;
  constexpr int kPoints = 9;
  constexpr int kTop = 3;
  constexpr double kLevel = 0.2;
  std::mt19937_64 bits(17);
  std::normal_distribution<double> error;
  const Contest begun(grid(kPoints, 5), {.top = kTop, .level = kLevel});
  int best_out = 0;
  int behind_out = 0;
  for (int i = 0; i < kRaces; ++i) {
    Contest run = begun;
    std::set<std::int64_t> out;
    for (int seed = 0; seed < 5; ++seed) {
      const double shift = error(bits);
      for (std::int64_t point = 0; point < kPoints; ++point) {
        const double score = (point < kTop ? 0.0 : -4.0) + shift + error(bits);
        if (!out.contains(point)) run.end(run.number(point, seed), score);
      }
      out.merge(run.decide());
    }
    best_out += out.contains(0) ? 1 : 0;
    behind_out += out.contains(8) ? 1 : 0;
  }
  EXPECT_LE(best_out, kRaces * kLevel);
  EXPECT_GE(behind_out, kRaces * 8 / 10);
}

TEST(Race, ItsTrialsAreDispatchedSeedBySeed) {
  const SweepSpace space = space_of(grid(2, 3));
  EXPECT_EQ(by_seed(space.file(0), {3, 4, 5, 0, 1, 2}),
            (std::vector<std::int64_t>{3, 0, 4, 1, 5, 2}));
}

TEST(Race, MostThatItSavesIsWhatComesAfterTheSecondSeed) {
  EXPECT_EQ(most_raced_out(space_of(grid(9, 5)).file(0)), 8 * 3);
  EXPECT_EQ(most_raced_out(space_of(grid(9, 2)).file(0)), 0);
  EXPECT_EQ(most_raced_out(space_of(grid(2, 3, R"({"values": ["small", "wide"]})")).file(0)), 2);
}

}  // namespace
}  // namespace firesweep
