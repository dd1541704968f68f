// What the views say, on data whose ranks and fronts are known.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "coordinator/store/read_database.h"
#include "coordinator/store/store.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

using sample::Finished;
using sample::kNow;

const SweepId kSweep{1};
const SweepId kOther{2};

TrialId trial(std::int64_t number, SweepId sweep = kSweep) { return make_trial_id(sweep, number); }

class ViewsTest : public testing::Test {
 protected:
  ViewsTest() : store_(*Store::open(file_)) {
    store_.commit(
        std::vector<Record>{sample::sweep_added(kSweep),
                            sample::sweep_added(kOther, sample::frozen("other", "cifar10"))});
  }

  // Every row as its cells joined by spaces.
  std::vector<std::string> all(const std::string& sql) const {
    std::vector<std::string> lines;
    for (const auto& row : ReadDatabase::open(file_)->query(sql).rows) {
      std::string line;
      for (const auto& cell : row)
        line += (line.empty() ? "" : " ") + (cell ? to_string(*cell) : std::string("-"));
      lines.push_back(line);
    }
    return lines;
  }
  double number(const std::string& sql) const {
    return std::get<double>(*ReadDatabase::open(file_)->query(sql).rows.at(0).at(0));
  }

  sample::Folder folder_;
  std::filesystem::path file_ = folder_ / "sweeps.db";
  Store store_;
};

using Lines = std::vector<std::string>;

TrialConfig config(double lr, std::int64_t seed = 1, std::string variant = "v3") {
  TrialConfig c;
  c.lr = lr;
  c.seed = seed;
  c.variant = std::move(variant);
  return c;
}

TEST_F(ViewsTest, LeaderboardIsRankedByValidationAccuracy) {
  sample::commit_all(store_,
                     {{.trial = trial(0), .config = config(0.001), .val = 0.40, .test = 0.9},
                      {.trial = trial(1), .config = config(0.003), .val = 0.55, .test = 0.1},
                      {.trial = trial(2), .config = config(0.01), .val = 0.50, .test = 0.5}});
  EXPECT_EQ(all("SELECT rank, trial, lr, val_accuracy, test_accuracy, state FROM leaderboard"),
            (Lines{"1 1/1 0.003 0.55 0.1 COMPLETE", "2 1/2 0.01 0.5 0.5 COMPLETE",
                   "3 1/0 0.001 0.4 0.9 COMPLETE"}));
}

TEST_F(ViewsTest, QueryOfTheManualWorks) {
  sample::commit_all(
      store_, {{.trial = trial(0), .config = config(0.003), .params = 2'755'732, .val = 0.5}});
  EXPECT_EQ(all("SELECT rank, variant, lr, label_smoothing, params, val_accuracy, test_accuracy "
                "FROM leaderboard"),
            (Lines{"1 v3 0.003 0.1 2755732 0.5 0.5"}));
}

TEST_F(ViewsTest, EqualAccuracyGoesToFewerParametersAndRealTiesShareARank) {
  sample::commit_all(store_,
                     {{.trial = trial(0), .config = config(0.001), .params = 300, .val = 0.5},
                      {.trial = trial(1), .config = config(0.003), .params = 100, .val = 0.5},
                      {.trial = trial(2), .config = config(0.01), .params = 100, .val = 0.5}});
  EXPECT_EQ(all("SELECT rank, trial FROM leaderboard"), (Lines{"1 1/1", "1 1/2", "3 1/0"}));
}

TEST_F(ViewsTest, WhatMayNotBeComparedIsRankedApart) {
  TrialConfig study = config(0.001);
  study.protocol = Protocol::kStudy;
  TrialConfig refit = config(0.001);
  refit.protocol = Protocol::kRefit;
  TrialConfig longer = config(0.001);
  longer.epochs = 50;
  TrialConfig subset = config(0.001);
  subset.train_size = 5000;
  TrialConfig split = config(0.001);
  split.split_seed = 9;
  TrialConfig held = config(0.001);
  held.val_size = 1000;
  sample::commit_all(store_,
                     {{.trial = trial(0), .config = config(0.001), .val = 0.3},
                      {.trial = trial(1), .config = study, .val = std::nullopt, .test = 0.6},
                      {.trial = trial(2), .config = longer, .val = 0.5},
                      {.trial = trial(3), .config = subset, .val = 0.1},
                      {.trial = trial(4), .config = split, .val = 0.2},
                      {.trial = trial(5), .config = held, .val = 0.25},
                      {.trial = trial(6), .config = refit, .val = std::nullopt, .test = 0.7},
                      {.trial = trial(0, kOther), .config = config(0.001), .val = 0.9}});
  EXPECT_EQ(all("SELECT rank FROM leaderboard"), Lines(8, "1"));
  EXPECT_EQ(all("SELECT count(DISTINCT board) FROM leaderboard"), (Lines{"8"}));
  EXPECT_EQ(all("SELECT count(*) FROM pareto_front"), (Lines{"8"}));
}

TEST_F(ViewsTest, SimulatedResultsNeverMixWithRealOnes) {
  store_.commit(std::vector<Record>{sample::sweep_added(
      SweepId{3}, sample::frozen("dry", "cifar100", R"("trainer": "simulated")"))});
  sample::commit_all(store_,
                     {{.trial = trial(0), .config = config(0.001), .val = 0.3},
                      {.trial = trial(0, SweepId{3}), .config = config(0.001), .val = 0.9}});
  EXPECT_EQ(all("SELECT rank, trainer FROM leaderboard ORDER BY trainer"),
            (Lines{"1 simulated", "1 torch"}));
}

TEST_F(ViewsTest, RefitIsRankedByTestAccuracyApartFromWhatChoseIt) {
  TrialConfig refit = config(0.001);
  refit.protocol = Protocol::kRefit;
  sample::commit_all(store_,
                     {{.trial = trial(0), .config = refit, .val = std::nullopt, .test = 0.4},
                      {.trial = trial(1), .config = config(0.001), .val = 0.9, .test = 0.8}});
  EXPECT_EQ(all("SELECT rank, trial, protocol, score FROM leaderboard ORDER BY trial"),
            (Lines{"1 1/0 refit 0.4", "1 1/1 held_out 0.9"}));
}

TEST_F(ViewsTest, StudyProtocolIsRankedByTestAccuracy) {
  TrialConfig low = config(0.001);
  TrialConfig high = config(0.003);
  low.protocol = high.protocol = Protocol::kStudy;
  sample::commit_all(store_,
                     {{.trial = trial(0), .config = low, .val = std::nullopt, .test = 0.4},
                      {.trial = trial(1), .config = high, .val = std::nullopt, .test = 0.6}});
  EXPECT_EQ(all("SELECT rank, trial, val_accuracy, score FROM leaderboard"),
            (Lines{"1 1/1 - 0.6", "2 1/0 - 0.4"}));
  EXPECT_EQ(all("SELECT rank, point, val_mean, test_mean FROM leaderboard_points"),
            (Lines{"1 1/1 - 0.6", "2 1/0 - 0.4"}));
}

TEST_F(ViewsTest, ResultWithoutAScoreComesLastWithoutARank) {
  sample::commit_all(store_, {{.trial = trial(0), .config = config(0.001), .val = std::nullopt},
                              {.trial = trial(1), .config = config(0.003), .val = 0.1}});
  EXPECT_EQ(all("SELECT rank, trial FROM leaderboard"), (Lines{"1 1/1", "- 1/0"}));
  EXPECT_EQ(all("SELECT rank, point FROM leaderboard_points"), (Lines{"1 1/1", "- 1/0"}));
}

TEST_F(ViewsTest, RunningAndFailedTrialsAreUnranked) {
  const TrialKey running{trial(0), AttemptNo{1}};
  const TrialKey failed{trial(1), AttemptNo{1}};
  store_.commit(std::vector<Record>{
      sample::opened(running, config(0.001)), record::AttemptStarted{running, 0, false, kNow},
      record::TrialChanged{running.trial, Running{AttemptNo{1}}, 0, 0, "", kNow},
      sample::epoch(running, 1, 0.11), sample::epoch(running, 2, 0.22),
      sample::opened(failed, config(0.01)),
      record::AttemptEnded{failed, AttemptEnd::kErrored, Reason::kNan, "loss is nan", false, kNow},
      record::TrialChanged{failed.trial, Failed{AttemptNo{1}, Reason::kNan}, 0, 0, "loss is nan",
                           kNow}});
  EXPECT_EQ(all("SELECT * FROM leaderboard"), Lines{});
  EXPECT_EQ(
      all("SELECT trial, state, reason, message, lr, epoch, val_accuracy, worker FROM unranked"),
      (Lines{"1/0 RUNNING -  0.001 2 0.22 host/0", "1/1 FAIL NAN loss is nan 0.01 - - host/0"}));
}

TEST_F(ViewsTest, PointIsTheMeanOverItsSeeds) {
  sample::commit_all(store_,
                     {{.trial = trial(0), .config = config(0.001, 1), .val = 0.50, .test = 0.40},
                      {.trial = trial(1), .config = config(0.001, 2), .val = 0.52, .test = 0.44},
                      {.trial = trial(2), .config = config(0.003, 1), .val = 0.51, .test = 0.50}});
  EXPECT_EQ(all("SELECT rank, point, lr, n_seeds, round(val_mean, 6), round(test_mean, 6) FROM "
                "leaderboard_points"),
            (Lines{"1 1/0 0.001 2 0.51 0.42", "1 1/2 0.003 1 0.51 0.5"}));
  EXPECT_NEAR(number("SELECT val_sd FROM leaderboard_points WHERE point = '1/0'"),
              std::sqrt(0.0002), 1e-9);
  EXPECT_EQ(all("SELECT val_sd FROM leaderboard_points WHERE point = '1/2'"), (Lines{"-"}));
}

// Two points of v3 with squares of deviations 0.0002 (1 degree of freedom) and 0.0008 (1): the
// pooled variance is 0.0005 with 2 degrees, and t(2, 0.975) = 4.30265. The single seed of v5 has
// nothing to be pooled with.
TEST_F(ViewsTest, IntervalPoolsTheDeviationOverAVariantsPoints) {
  sample::commit_all(store_, {{.trial = trial(0), .config = config(0.001, 1), .val = 0.50},
                              {.trial = trial(1), .config = config(0.001, 2), .val = 0.52},
                              {.trial = trial(2), .config = config(0.003, 1), .val = 0.40},
                              {.trial = trial(3), .config = config(0.003, 2), .val = 0.44},
                              {.trial = trial(4), .config = config(0.003, 1, "v5"), .val = 0.60}});
  const double half = 4.30265 * std::sqrt(0.0005 / 2);
  EXPECT_NEAR(number("SELECT ci_low FROM leaderboard_points WHERE point = '1/0'"), 0.51 - half,
              1e-9);
  EXPECT_NEAR(number("SELECT ci_high FROM leaderboard_points WHERE point = '1/2'"), 0.42 + half,
              1e-9);
  EXPECT_EQ(all("SELECT ci_low, ci_high FROM leaderboard_points WHERE variant = 'v5'"),
            (Lines{"- -"}));
}

TEST_F(ViewsTest, StudentsQuantileIsRightForManyDegreesOfFreedom) {
  // 0.5 and 0.52 in turn over 11 points of two seeds each: variance 0.0002, 11 degrees of freedom,
  // t = 2.200985.
  std::vector<Finished> trials;
  for (std::int64_t point = 0; point < 11; ++point) {
    for (std::int64_t seed = 0; seed < 2; ++seed) {
      trials.push_back({.trial = trial(2 * point + seed),
                        .config = config(0.001 * static_cast<double>(point + 1), seed),
                        .val = 0.50 + 0.02 * static_cast<double>(seed)});
    }
  }
  sample::commit_all(store_, trials);
  EXPECT_NEAR(number("SELECT ci_high - score FROM leaderboard_points WHERE point = '1/0'"),
              2.200985 * std::sqrt(0.0002 / 2), 1e-6);
}

TEST_F(ViewsTest, PointWithAPrunedSeedIsUnrankedAndOffTheFront) {
  sample::commit_all(store_,
                     {{.trial = trial(0), .config = config(0.001, 1), .params = 100, .val = 0.9},
                      {.trial = trial(2), .config = config(0.003, 1), .params = 200, .val = 0.5}});
  store_.commit(
      std::vector<Record>{sample::opened({trial(1), AttemptNo{1}}, config(0.001, 2)),
                          record::TrialChanged{trial(1), Pruned{AttemptNo{1}}, 0, 0, "", kNow}});
  EXPECT_EQ(all("SELECT rank, point, n_pruned FROM leaderboard_points"),
            (Lines{"1 1/2 0", "- 1/0 1"}));
  EXPECT_EQ(all("SELECT point FROM pareto_front"), (Lines{"1/2"}));
}

TEST_F(ViewsTest, APrunedTrialSaysWhatItWasStoppedBy) {
  store_.commit(std::vector<Record>{
      sample::opened({trial(1), AttemptNo{1}}, config(0.001)),
      sample::epoch({trial(1), AttemptNo{1}}, 5, 0.25),
      record::TrialTerminated{{trial(1), AttemptNo{1}}, {5, 0.25, 0.4, 3, 7, 0}, kNow},
      record::TrialChanged{trial(1), Pruned{AttemptNo{1}}, 0, 0, "", kNow}});
  EXPECT_EQ(all("SELECT trial, state, epoch, message FROM unranked"),
            (Lines{"1/1 PRUNED 5 stopped after epoch 5: 25.00 %, compared with 40.00 % "
                   "(rank 3 of 7)"}));
}

TEST_F(ViewsTest, AReusedResultIsMarkedAndCountsForItsPoint) {
  sample::commit_all(store_,
                     {{.trial = trial(0), .config = config(0.001, 1), .val = 0.2},
                      {.trial = trial(1, SweepId{1}), .config = config(0.003), .val = 0.4}});
  store_.commit(std::vector<Record>{
      sample::sweep_added(SweepId{3}, sample::frozen("again")),
      record::ResultReused{
          trial(7, SweepId{3}),
          sample::opened({trial(7, SweepId{3}), AttemptNo{1}}, config(0.001, 1)).description,
          trial(0), kNow},
      record::TrialChanged{trial(7, SweepId{3}), Complete{AttemptNo{1}}, 0, 0, "", kNow}});
  EXPECT_EQ(all("SELECT trial, val_accuracy, reused_from FROM leaderboard WHERE lr = 0.001"),
            (Lines{"1/0 0.2 -", "3/7 0.2 1/0"}));
  EXPECT_EQ(all("SELECT n_seeds, n_reused FROM leaderboard_points WHERE sweep = 3"),
            (Lines{"1 1"}));
  EXPECT_EQ(all("SELECT complete, reused, idle_seconds FROM sweep_overview WHERE sweep = 3"),
            (Lines{"1 1 -"}));
  const Snapshot snapshot = store_.snapshot();
  EXPECT_TRUE(snapshot.sweeps.at(2).trials.at(7).reused);
  EXPECT_FALSE(snapshot.sweeps.at(0).trials.at(0).reused);
  ASSERT_EQ(store_.known_results().size(), 2u) << "a copy is no source";
  EXPECT_EQ(store_.known_results()[0].trial, trial(0));
  EXPECT_EQ(store_.known_results()[0].dataset, "cifar100");
  EXPECT_EQ(store_.known_results()[0].val_accuracy, 0.2);
}

TEST_F(ViewsTest, APointThatWasRacedOutSaysSoAndIsUnranked) {
  sample::commit_all(store_, {{.trial = trial(0), .config = config(0.001, 1), .val = 0.2},
                              {.trial = trial(1), .config = config(0.001, 2), .val = 0.3},
                              {.trial = trial(3), .config = config(0.003, 1), .val = 0.5}});
  store_.commit(std::vector<Record>{
      record::TrialRacedOut{trial(2),
                            sample::opened({trial(2), AttemptNo{1}}, config(0.001, 3)).description,
                            {2, 3, 1, 3, 2, 0.25, 0.125, 4, 0.001, 6, 0.05},
                            kNow},
      record::TrialChanged{trial(2), Pruned{}, 0, 0, "", kNow}});
  EXPECT_EQ(
      all("SELECT rank, point, n_seeds, n_pruned, raced_out FROM leaderboard_points"),
      (Lines{"1 1/3 1 0 -",
             "- 1/0 2 1 after 2 of 3 seeds: not among the best 1 by a paired t-test, variance "
             "pooled, level 0.05"}));
  EXPECT_EQ(all("SELECT point FROM pareto_front"), (Lines{"1/3"}));
  EXPECT_EQ(
      all("SELECT trial, state, lr, seed, attempts, message FROM unranked"),
      (Lines{"1/2 PRUNED 0.001 3 0 not started: after 2 of 3 seeds its point is not among the "
             "best 1 (trial 1/3 is better by 25.00 points, p = 0.001, of 6 comparisons at "
             "level 0.05)"}));
}

TEST_F(ViewsTest, FrontHoldsWhatNothingDominates) {
  sample::commit_all(store_,
                     {{.trial = trial(0), .config = config(0.001), .params = 100, .val = 0.30},
                      {.trial = trial(1), .config = config(0.002), .params = 200, .val = 0.25},
                      {.trial = trial(2), .config = config(0.003), .params = 200, .val = 0.50},
                      {.trial = trial(3), .config = config(0.004), .params = 300, .val = 0.50},
                      {.trial = trial(4), .config = config(0.005), .params = 400, .val = 0.60},
                      {.trial = trial(5), .config = config(0.006), .params = 400, .val = 0.59}});
  EXPECT_EQ(all("SELECT point, params, score, duplicate FROM pareto_front"),
            (Lines{"1/0 100 0.3 0", "1/2 200 0.5 0", "1/4 400 0.6 0"}));
}

TEST_F(ViewsTest, PointsEqualInBothAreAllOnTheFrontAndAllButOneFlagged) {
  sample::commit_all(store_,
                     {{.trial = trial(0), .config = config(0.001), .params = 100, .val = 0.5},
                      {.trial = trial(1), .config = config(0.002), .params = 100, .val = 0.5},
                      {.trial = trial(2), .config = config(0.003), .params = 100, .val = 0.5}});
  EXPECT_EQ(all("SELECT point, duplicate FROM pareto_front"), (Lines{"1/0 0", "1/1 1", "1/2 1"}));
}

TEST_F(ViewsTest, OverviewSumsIdleTimeOfWorkersAtTheEnd) {
  const auto runs = [&](std::int64_t number, const char* worker, int from_s, int to_s) {
    const TrialKey key{trial(number), AttemptNo{1}};
    record::AttemptOpened opened = sample::opened(key, config(0.001 * (number + 1.0)));
    opened.worker = worker;
    opened.at = std::chrono::seconds(from_s);
    store_.commit(std::vector<Record>{
        opened, record::AttemptEnded{
                    key, AttemptEnd::kFinished, {}, {}, false, std::chrono::seconds(to_s)}});
  };
  runs(0, "host/0", 0, 10);
  runs(1, "host/1", 0, 20);
  runs(2, "host/0", 10, 60);
  runs(3, "host/2", 0, 5);  // it had left before the last trial began
  const char* const idle = "SELECT idle_seconds FROM sweep_overview WHERE sweep = 1";
  EXPECT_EQ(all(idle), (Lines{"-"})) << "it runs";
  store_.commit(
      std::vector<Record>{record::SweepChanged{SweepId{1}, SweepState::kFinished, false, kNow}});
  EXPECT_EQ(all(idle), (Lines{"40"}));
}

TEST_F(ViewsTest, OverviewCountsTrialsWithoutARowAsWaiting) {
  sample::commit_all(store_, {{.trial = trial(0), .config = config(0.001), .val = 0.4},
                              {.trial = trial(1), .config = config(0.003), .val = 0.5}});
  store_.commit(std::vector<Record>{sample::opened({trial(2), AttemptNo{1}}, config(0.01))});
  EXPECT_EQ(all("SELECT sweep, name, trials, complete, running, assigned, waiting, cancelled, "
                "best_score, best_trial"
                " FROM sweep_overview"),
            (Lines{"1 sample 9 2 0 1 6 0 0.5 1/1", "2 other 9 0 0 0 9 0 - -"}));
  store_.commit(
      std::vector<Record>{record::SweepChanged{kOther, SweepState::kCancelled, false, kNow}});
  EXPECT_EQ(all("SELECT waiting, cancelled FROM sweep_overview WHERE sweep = 2"), (Lines{"0 9"}));
}

}  // namespace
}  // namespace firesweep
