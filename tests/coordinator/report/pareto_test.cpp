#include "coordinator/report/pareto.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "coordinator/store/migration.h"
#include "coordinator/store/record_writer.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

ParetoPoint point(std::int64_t number, std::int64_t params, double score) {
  ParetoPoint p;
  p.sweep = SweepId{1};
  p.point = "1/" + std::to_string(number);
  p.variant = "v3";
  p.n_seeds = 1;
  p.params = params;
  p.score = score;
  p.val_mean = score;
  return p;
}

bool dominates(const ParetoPoint& a, const ParetoPoint& b) {
  return a.params <= b.params && a.score >= b.score && (a.params < b.params || a.score > b.score);
}

const ParetoPoint& named(const ParetoPanel& panel, const std::string& name) {
  return *std::find_if(panel.points.begin(), panel.points.end(),
                       [&](const ParetoPoint& p) { return p.point == name; });
}

// Few distinct values, so that ties are common.
std::vector<ParetoPoint> random_points() {
  const auto count = *rc::gen::inRange<std::int64_t>(0, 25);
  std::vector<ParetoPoint> points;
  for (std::int64_t i = 0; i < count; ++i) {
    points.push_back(point(i, 100 * *rc::gen::inRange(1, 8), 0.125 * *rc::gen::inRange(0, 8)));
  }
  return points;
}

RC_GTEST_PROP(ParetoFront, IsWhatNothingDominatesAndNamesADominatorOfTheRest, ()) {
  ParetoPanel panel{{}, random_points()};
  mark_front(panel);
  for (const ParetoPoint& p : panel.points) {
    const bool dominated =
        std::any_of(panel.points.begin(), panel.points.end(),
                    [&](const ParetoPoint& other) { return dominates(other, p); });
    RC_ASSERT(p.on_front == !dominated);
    RC_ASSERT(p.dominated_by.empty() == p.on_front);
    if (dominated) {
      const ParetoPoint& by = named(panel, p.dominated_by);
      RC_ASSERT(dominates(by, p));
      RC_ASSERT(by.on_front);
    }
  }
}

RC_GTEST_PROP(ParetoFront, ViewEqualsTheBruteForceFront, ()) {
  const std::vector<ParetoPoint> points = random_points();
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  bring_up_to_date(database, {});
  {
    SQLite::Transaction transaction(database);
    RecordWriter writer(database);
    static const auto frozen = sample::frozen();
    writer.write(sample::sweep_added(SweepId{1}, frozen));
    for (std::size_t i = 0; i < points.size(); ++i) {
      sample::Finished finished{.trial = make_trial_id(SweepId{1}, static_cast<std::int64_t>(i)),
                                .params = points[i].params,
                                .val = points[i].score,
                                .hash = std::to_string(i)};
      for (const Record& record : sample::life(finished)) writer.write(record);
    }
    transaction.commit();
  }
  std::set<std::string> front;
  std::multiset<std::pair<std::int64_t, double>> first_ones;
  SQLite::Statement rows(database, "SELECT point, duplicate, params, score FROM pareto_front");
  while (rows.executeStep()) {
    front.insert(rows.getColumn(0).getString());
    if (rows.getColumn(1).getInt() == 0)
      first_ones.emplace(rows.getColumn(2).getInt64(), rows.getColumn(3).getDouble());
  }
  std::set<std::string> expected;
  std::set<std::pair<std::int64_t, double>> places;
  for (const ParetoPoint& p : points) {
    if (std::any_of(points.begin(), points.end(),
                    [&](const ParetoPoint& other) { return dominates(other, p); }))
      continue;
    expected.insert(p.point);
    places.emplace(p.params, p.score);
  }
  RC_ASSERT(front == expected);
  RC_ASSERT(first_ones == std::multiset(places.begin(), places.end()));
}

TEST(Pareto, EqualPointsStayTogetherAndAllButOneAreFlagged) {
  ParetoPanel panel{{}, {point(10, 100, 0.5), point(2, 100, 0.5), point(3, 100, 0.25)}};
  mark_front(panel);
  EXPECT_EQ(panel.points[0].point, "1/2") << "by number, not by text";
  EXPECT_FALSE(panel.points[0].duplicate);
  EXPECT_TRUE(panel.points[1].on_front);
  EXPECT_TRUE(panel.points[1].duplicate);
  EXPECT_EQ(panel.points[2].dominated_by, "1/2");
}

TEST(ParetoTable, HoldsAllPointsOrTheFrontAlone) {
  ParetoPanel panel{{.dataset = "cifar100", .epochs = 15, .val_size = 5000},
                    {point(0, 100, 0.5), point(1, 200, 0.4), point(2, 300, 0.6)}};
  mark_front(panel);
  const Table all = pareto_table({panel}, PointsShown::kAll);
  EXPECT_EQ(all.rows.size(), 3u);
  EXPECT_EQ(all.sections.at(0).heading,
            "Pareto front: cifar100, held-out validation, 15 epochs (2 of 3 points)");
  const Table front = pareto_table({panel, panel}, PointsShown::kFront);
  EXPECT_EQ(front.rows.size(), 4u);
  EXPECT_EQ(front.sections.at(1).first, 2u);
  EXPECT_EQ(front.sections.at(1).count, 2u);
  for (const Row& row : all.rows) EXPECT_EQ(row.size(), all.columns.size());
}

}  // namespace
}  // namespace firesweep
