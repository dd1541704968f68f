#include "coordinator/report/plot/labels.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace firesweep::plot {
namespace {

constexpr Box kBounds = {0, 0, 800, 500};

RC_GTEST_PROP(Labels, NeverOverlapEachOtherAndStayInBounds, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(0, 60);
  std::vector<LabelRequest> requests;
  for (std::size_t i = 0; i < count; ++i) {
    requests.push_back({static_cast<double>(*rc::gen::inRange(0, 800)),
                        static_cast<double>(*rc::gen::inRange(0, 500)),
                        static_cast<double>(*rc::gen::inRange(20, 200)), 14, 110});
  }
  const auto placed = place_labels(requests, kBounds, {}, {});
  RC_ASSERT(placed.size() == requests.size());
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (!placed[i]) continue;
    RC_ASSERT(kBounds.contains(placed[i]->box));
    for (std::size_t j = 0; j < i; ++j)
      if (placed[j]) RC_ASSERT(!placed[i]->box.overlaps(placed[j]->box));
  }
}

TEST(Labels, FarOnesGetALeader) {
  const LabelRequest request{400, 250, 80, 14, 110};
  EXPECT_FALSE(place_labels({request}, kBounds, {}, {}).at(0)->leader);
  const std::vector<Box> wall = {{370, 220, 430, 280}};
  const auto placed = place_labels({request}, kBounds, wall, {});
  ASSERT_TRUE(placed.at(0));
  EXPECT_TRUE(placed[0]->leader);
  EXPECT_FALSE(placed[0]->box.overlaps(wall[0]));
}

RC_GTEST_PROP(Labels, LeadersDoNotRunThroughEarlierLabels, ()) {
  constexpr int kSteps = 50;
  std::vector<LabelRequest> requests;
  for (int i = 0; i < 30; ++i) {
    requests.push_back({static_cast<double>(*rc::gen::inRange(300, 500)),
                        static_cast<double>(*rc::gen::inRange(200, 300)), 70, 12, 110});
  }
  const auto placed = place_labels(requests, kBounds, {}, {});
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (!placed[i] || !placed[i]->leader) continue;
    for (int step = 0; step <= kSteps; ++step) {
      const double share = static_cast<double>(step) / kSteps;
      const double x = requests[i].x + share * (placed[i]->leader_x - requests[i].x);
      const double y = requests[i].y + share * (placed[i]->leader_y - requests[i].y);
      for (std::size_t j = 0; j < i; ++j)
        if (placed[j]) RC_ASSERT(!(placed[j]->box.overlaps({x, y, x, y})));
    }
  }
}

TEST(Labels, WithoutRoomWithinReachThereIsNone) {
  const std::vector<Box> wall = {{0, 0, 800, 500}};
  EXPECT_FALSE(place_labels({{400, 250, 80, 14, 110}}, kBounds, wall, {}).at(0));
  EXPECT_FALSE(place_labels({{400, 250, 80, 14, 30}}, kBounds, {{340, 190, 460, 310}}, {}).at(0));
}

TEST(Labels, PointsAreAvoidedWhereThereIsAFreePlace) {
  const std::vector<Box> points = {{300, 200, 399, 248}, {390, 200, 500, 240}};
  const auto placed = place_labels({{400, 250, 80, 14, 110}}, kBounds, {}, points);
  ASSERT_TRUE(placed.at(0));
  for (const Box& point : points) EXPECT_FALSE(placed[0]->box.overlaps(point));
}

}  // namespace
}  // namespace firesweep::plot
