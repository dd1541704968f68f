#include "coordinator/report/pareto_svg.h"

#include "coordinator/report/pareto_panel.h"
#include "coordinator/report/plot/svg.h"
#include "coordinator/report/render/human.h"

namespace firesweep {
namespace {

using plot::kDark;
using plot::kGrey;

constexpr double kHeader = 52;  // the document's title
constexpr const char* kTitle = "Accuracy against parameters";

// By name, so that a variant looks the same in every panel and in every picture of the same sweep.
Markers markers_of(const std::vector<ParetoPanel>& panels) {
  Markers markers;
  for (const ParetoPanel& panel : panels) {
    for (const ParetoPoint& p : panel.points) markers.emplace(p.variant, plot::Marker{});
  }
  std::size_t index = 0;
  for (auto& [variant, marker] : markers) marker = plot::marker_of(index++);
  return markers;
}

std::string described(const std::vector<ParetoPanel>& panels) {
  std::string text;
  for (const ParetoPanel& panel : panels) {
    text += heading_of(panel.board) + ": " + counts_of(panel) + ". The front:";
    for (const ParetoPoint& p : panel.points) {
      if (p.on_front) {
        text += " " + p.variant + " with " + human_whole(p.params) + " parameters reaches " +
                human_percent(p.score) + ";";
      }
    }
    text.back() = '.';
    text += '\n';
  }
  return text;
}

}  // namespace

std::string pareto_svg(const std::vector<ParetoPanel>& panels, const References& references) {
  plot::Svg svg;
  svg.text(kPanelLeft, 34, kTitle, {.size = 21, .fill = kDark, .bold = true});
  std::vector<const ParetoPanel*> filled;
  for (const ParetoPanel& panel : panels) {
    if (!panel.points.empty()) filled.push_back(&panel);
  }
  if (filled.empty()) {
    svg.text(kPanelLeft, 80, "No finished trials yet: nothing to show.",
             {.size = 15, .fill = kGrey});
    return svg.finish(kPictureWidth, 120, kTitle, "No finished trials yet.");
  }
  const Markers markers = markers_of(panels);
  double top = kHeader;
  for (const ParetoPanel* panel : filled) {
    top += draw_panel(svg, *panel, {references.of(panel->board), references.widen()}, markers, top);
  }
  return svg.finish(kPictureWidth, top, kTitle, described(panels));
}

}  // namespace firesweep
