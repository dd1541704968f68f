// The names beside the points of one panel. Owns their texts and places; draws nothing until asked.
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
  bool near = false;    // on a crowded front only labels beside their points stay readable
};

// One thread.
class PanelLabels {
 public:
  // Earlier labels matter more: they get their place first.
  void add(PointLabel label) { labels_.push_back(std::move(label)); }

  // Chooses a place for each within `bounds`, clear of the others and of `solid`, covering little
  // of `soft`. A label that finds none is left out.
  void place(const plot::Box& bounds, const std::vector<plot::Box>& solid,
             const std::vector<plot::Box>& soft);

  // Draws the lines from points to labels that stand far from them; best before the points.
  void write_leaders(plot::Svg& svg) const;
  // Draws the labels that have a place.
  void write(plot::Svg& svg) const;

  // The variants that are named by a label with a place.
  std::set<std::string> named() const;

 private:
  void write_one(plot::Svg& svg, const PointLabel& label, const plot::Box& box) const;

  std::vector<PointLabel> labels_;
  std::vector<std::optional<plot::PlacedLabel>> placed_;
};

}  // namespace firesweep
