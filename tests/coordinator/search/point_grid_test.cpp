#include "coordinator/search/point_grid.h"

#include <gtest/gtest.h>

#include <ctime>
#include <set>

namespace firesweep {
namespace {

constexpr std::int64_t kMany = 10'000'000;

Parameter list(std::string name, std::int64_t size) {
  ValueList values;
  for (std::int64_t i = 0; i < size; ++i) values.values.emplace_back(i);
  return {std::move(name), values};
}
Value whole(std::int64_t number) { return number; }

std::vector<std::vector<std::int64_t>> rows_of(const PointGrid& grid, std::size_t parameters) {
  std::vector<std::vector<std::int64_t>> rows;
  for (std::int64_t point = 0; point < grid.points(); ++point) {
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < parameters; ++i) row.push_back(grid.digit(point, i));
  }
  return rows;
}
using Rows = std::vector<std::vector<std::int64_t>>;

TEST(PointGrid, TheLastParameterRunsFastest) {
  SweepSpec spec;
  spec.parameters = {list("arch.a", 2), list("arch.b", 3)};
  const auto grid = PointGrid::make(spec, kMany);
  ASSERT_TRUE(grid);
  EXPECT_EQ(rows_of(*grid, 2), (Rows{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}}));
  EXPECT_EQ(grid->stride(0), 3);
  EXPECT_EQ(grid->combinations(), 6);
}

TEST(PointGrid, ZippedParametersAreOneDimensionAtThePlaceOfTheFirst) {
  SweepSpec spec;
  spec.parameters = {list("arch.a", 2), list("arch.b", 2), list("arch.c", 2)};
  spec.zip = {{"arch.c", "arch.a"}};
  const auto grid = PointGrid::make(spec, kMany);
  ASSERT_TRUE(grid);
  EXPECT_EQ(rows_of(*grid, 3), (Rows{{0, 0, 0}, {0, 1, 0}, {1, 0, 1}, {1, 1, 1}}));
}

TEST(PointGrid, AParameterWithoutItsConditionMakesNoPoints) {
  SweepSpec spec;
  spec.parameters = {list("arch.m", 3), list("arch.o", 2), list("arch.x", 2)};
  spec.conditions = {{"arch.m", {{"arch.o", {whole(1)}}}}};
  const auto grid = PointGrid::make(spec, kMany);
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->points(), 2 + 3 * 2);
  EXPECT_EQ(grid->combinations(), 12);
  EXPECT_EQ(rows_of(*grid, 3), (Rows{{-1, 0, 0},
                                     {-1, 0, 1},
                                     {0, 1, 0},
                                     {0, 1, 1},
                                     {1, 1, 0},
                                     {1, 1, 1},
                                     {2, 1, 0},
                                     {2, 1, 1}}));
}

TEST(PointGrid, WithoutAParameterWhatDependsOnItIsAbsentToo) {
  SweepSpec spec;
  spec.parameters = {list("arch.c", 2), list("arch.b", 2), list("arch.a", 2)};
  spec.conditions = {{"arch.b", {{"arch.a", {whole(1)}}}}, {"arch.c", {{"arch.b", {whole(0)}}}}};
  const auto grid = PointGrid::make(spec, kMany);
  ASSERT_TRUE(grid);
  // a = 0; then a = 1, b = 0 with two values of c; then a = 1, b = 1.
  EXPECT_EQ(rows_of(*grid, 3), (Rows{{-1, -1, 0}, {0, 0, 1}, {1, 0, 1}, {-1, 1, 1}}));
}

TEST(PointGrid, EveryPointIsFoundByItsDigits) {
  SweepSpec spec;
  spec.parameters = {list("arch.a", 3), list("arch.b", 2), list("arch.c", 2), list("arch.d", 4)};
  spec.zip = {{"arch.b", "arch.c"}};
  spec.conditions = {{"arch.a", {{"arch.d", {whole(1), whole(3)}}}},
                     {"arch.b", {{"arch.a", {whole(2)}}}},
                     {"arch.c", {{"arch.a", {whole(2)}}}}};
  const auto grid = PointGrid::make(spec, kMany);
  ASSERT_TRUE(grid);
  std::set<std::vector<std::int64_t>> seen;
  for (std::int64_t point = 0; point < grid->points(); ++point) {
    std::vector<std::int64_t> digits;
    for (const auto& dimension : grid->dimensions()) {
      digits.push_back(grid->digit(point, dimension.parameters[0]));
    }
    EXPECT_TRUE(seen.insert(digits).second) << point;
    EXPECT_EQ(grid->point_of(digits), point);
  }
  EXPECT_EQ(grid->point_of(std::vector<std::int64_t>{PointGrid::kAbsent, 0, 1}), std::nullopt)
      << "d is 1, so a has a value";
}

TEST(PointGrid, ConditionsOnWhatIsNotSweptHoldAlwaysOrNever) {
  SweepSpec spec;
  spec.base.optimizer = "sgd";
  spec.parameters = {list("arch.a", 3)};
  spec.conditions = {{"arch.a", {{"optimizer", {std::string("sgd")}}}}};
  EXPECT_EQ(PointGrid::make(spec, kMany)->points(), 3);
  spec.base.optimizer = "adamw";
  EXPECT_EQ(PointGrid::make(spec, kMany)->points(), 1);
}

TEST(PointGrid, SamplesHaveEveryCombinationOfWhatIsAskedFor) {
  SweepSpec spec;
  spec.parameters = {list("arch.a", 3), list("arch.b", 2), list("arch.c", 5)};
  spec.conditions = {{"arch.a", {{"arch.b", {whole(1)}}}}};
  const auto grid = PointGrid::make(spec, kMany);
  const auto samples = grid->samples({true, true, false}, 100);
  ASSERT_TRUE(samples);
  std::set<std::pair<std::int64_t, std::int64_t>> seen;
  for (const std::int64_t point : *samples) {
    seen.emplace(grid->digit(point, 0), grid->digit(point, 1));
  }
  EXPECT_EQ(seen.size(), 4u);
  EXPECT_FALSE(grid->samples({true, true, true}, 10));
}

// What is far too large is found out at once, not by counting.
TEST(PointGrid, HugeGridsAreRefusedAtOnce) {
  const std::clock_t begin = std::clock();
  SweepSpec spec;
  for (int i = 0; i < 60; ++i) spec.parameters.push_back(list("arch.p" + std::to_string(i), 100));
  auto grid = PointGrid::make(spec, kMany);
  ASSERT_FALSE(grid);
  EXPECT_EQ(grid.error().where, "/parameters");
  EXPECT_FALSE(PointGrid::make(spec, std::int64_t{1} << 62));
  // Each one depends on the next.
  for (int i = 0; i + 1 < 60; ++i) {
    spec.conditions.push_back(
        {"arch.p" + std::to_string(i), {{"arch.p" + std::to_string(i + 1), {whole(7), whole(8)}}}});
  }
  grid = PointGrid::make(spec, std::int64_t{1} << 62);
  ASSERT_FALSE(grid);
  EXPECT_EQ(grid.error().where, "/conditions");
  spec.conditions.push_back({"arch.p59", {{"arch.p0", {whole(7)}}}});
  EXPECT_FALSE(PointGrid::make(spec, kMany)) << "a circle";
  EXPECT_LT(std::clock() - begin, 2 * CLOCKS_PER_SEC);
}

}  // namespace
}  // namespace firesweep
