// The labels beside the points of one panel. Owns their texts and positions.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/report/plot/labels.h"
#include "coordinator/report/plot/svg.h"

namespace firesweep {

enum class LabelKind { kFront, kVariant, kReference };

struct PointLabel {
  double x = 0, y = 0;  // of its point, in pixels
  std::string name;     // "v3 · 57.80 %"
  std::string detail;   // a second line, may be empty
  LabelKind kind = LabelKind::kVariant;
  std::string variant;  // empty for references
  bool near = false;    // must stay close to its point, for a front with many points
};

// One thread.
class PanelLabels {
 public:
  // Labels that are added earlier get their position first.
  void add(PointLabel label) { labels_.push_back(std::move(label)); }

  // Chooses a position for each label within `bounds`. A label does not overlap other labels or
  // `solid`, and covers little of `soft`. A label without such a position is left out.
  void place(const plot::Box& bounds, const std::vector<plot::Box>& solid,
             const std::vector<plot::Box>& soft);

  // Draws the lines from points to labels that are far from them. Call it before drawing the
  // points.
  void write_leaders(plot::Svg& svg) const;
  // Draws the labels that have a position.
  void write(plot::Svg& svg) const;

  // The variants that are named by a drawn label.
  std::set<std::string> named() const;

 private:
  void write_one(plot::Svg& svg, const PointLabel& label, const plot::Box& box) const;

  std::vector<PointLabel> labels_;
  std::vector<std::optional<plot::PlacedLabel>> placed_;
};

}  // namespace firesweep
