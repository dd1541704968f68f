#include "coordinator/report/pareto_labels.h"

#include <algorithm>

namespace firesweep {
namespace {

using plot::Anchor;
using plot::Box;
using plot::kDark;
using plot::kGrey;

constexpr double kDetailSize = 11.5;
constexpr double kFarReach = 110;
constexpr double kNearReach = 32;
constexpr std::string_view kLeader = "#9AA0A6";

double name_size(LabelKind kind) { return kind == LabelKind::kReference ? 10.5 : 13.5; }

}  // namespace

void PanelLabels::place(const Box& bounds, const std::vector<Box>& solid,
                        const std::vector<Box>& soft) {
  std::vector<plot::LabelRequest> requests;
  for (const PointLabel& label : labels_) {
    const double size = name_size(label.kind);
    const double width =
        std::max(plot::text_width(label.name, size, label.kind == LabelKind::kFront),
                 plot::text_width(label.detail, kDetailSize, false));
    requests.push_back({label.x, label.y, width,
                        label.detail.empty() ? size : size + kDetailSize + 4,
                        label.near ? kNearReach : kFarReach});
  }
  placed_ = plot::place_labels(requests, bounds, solid, soft);
}

void PanelLabels::write_leaders(plot::Svg& svg) const {
  for (std::size_t i = 0; i < placed_.size(); ++i) {
    const auto& placed = placed_[i];
    if (!placed || !placed->leader) continue;
    svg.line(labels_[i].x, labels_[i].y, placed->leader_x, placed->leader_y, kLeader, 0.9);
  }
}

void PanelLabels::write(plot::Svg& svg) const {
  for (std::size_t i = 0; i < placed_.size(); ++i) {
    if (const auto& placed = placed_[i]) write_one(svg, labels_[i], placed->box);
  }
}

// Text hangs on the side of the box that faces its point.
void PanelLabels::write_one(plot::Svg& svg, const PointLabel& label, const Box& box) const {
  const Anchor anchor = label.x >= box.right - 1  ? Anchor::kEnd
                        : label.x <= box.left + 1 ? Anchor::kStart
                                                  : Anchor::kMiddle;
  const double at = anchor == Anchor::kEnd     ? box.right
                    : anchor == Anchor::kStart ? box.left
                                               : (box.left + box.right) / 2;
  const bool front = label.kind == LabelKind::kFront;
  const double size = name_size(label.kind);
  const double baseline = box.top + 0.8 * size;
  svg.text(
      at, baseline, label.name,
      {.size = size, .fill = front ? kDark : kGrey, .anchor = anchor, .bold = front, .halo = true});
  if (label.detail.empty()) return;
  svg.text(at, baseline + kDetailSize + 4, label.detail,
           {.size = kDetailSize, .fill = kGrey, .anchor = anchor, .halo = true});
}

std::set<std::string> PanelLabels::named() const {
  std::set<std::string> variants;
  for (std::size_t i = 0; i < placed_.size(); ++i) {
    if (placed_[i] && !labels_[i].variant.empty()) variants.insert(labels_[i].variant);
  }
  return variants;
}

}  // namespace firesweep
