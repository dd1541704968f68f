// Where labels go so that they cover neither each other nor much else. Pure.
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
  double x = 0, y = 0;  // of what is labelled
  double width = 0, height = 0;
  double reach = 0;  // the label is at most so far from its point
};

struct PlacedLabel {
  Box box;
  bool leader = false;                // far enough from its point to need a line to it
  double leader_x = 0, leader_y = 0;  // where on the box the line ends
};

// Places labels one after the other, each at the cheapest of some places around its point: within
// `bounds`, clear of the labels before it and of `solid`, covering as few of `soft` as may be and
// near its point; no line to a point runs through an earlier label. Nothing where every place
// within reach is taken or would cover too much. Greedy: earlier requests matter more.
std::vector<std::optional<PlacedLabel>> place_labels(const std::vector<LabelRequest>& requests,
                                                     const Box& bounds,
                                                     const std::vector<Box>& solid,
                                                     const std::vector<Box>& soft);

}  // namespace firesweep::plot
