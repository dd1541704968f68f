// Positions of labels, such that they do not overlap each other and cover little else. Pure.
#pragma once

#include <optional>
#include <vector>

namespace firesweep::plot {

struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
  bool overlaps(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
  bool contains(const Box& other) const {
    return left <= other.left && top <= other.top && right >= other.right && bottom >= other.bottom;
  }
};

struct LabelRequest {
  double x = 0, y = 0;  // of the labelled point
  double width = 0, height = 0;
  double reach = 0;  // largest distance of the label from its point
};

struct PlacedLabel {
  Box box;
  bool leader = false;                // far enough from its point to need a line to it
  double leader_x = 0, leader_y = 0;  // where on the box the line ends
};

// Positions labels one after the other. Each gets the best of some positions around its point:
// within `bounds`, without overlapping earlier labels or `solid`, covering as few of `soft` as
// possible, and near its point. No line to a point crosses an earlier label. Nothing if every
// position within reach is taken or would cover too much. Greedy: earlier requests come first.
std::vector<std::optional<PlacedLabel>> place_labels(const std::vector<LabelRequest>& requests,
                                                     const Box& bounds,
                                                     const std::vector<Box>& solid,
                                                     const std::vector<Box>& soft);

}  // namespace firesweep::plot
