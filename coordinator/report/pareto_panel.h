// One panel of the picture of accuracy against parameters: points that may be compared, their
// front, names beside them, and the published points that are drawn for comparison.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "coordinator/report/pareto.h"
#include "coordinator/report/plot/svg.h"
#include "shared/codec/reference_points.h"

namespace firesweep {

inline constexpr double kPictureWidth = 960;
inline constexpr double kPanelLeft = 84;  // where the plot and every text above it begin

using Markers = std::map<std::string, plot::Marker>;  // by variant

struct PanelReferences {
  std::vector<ReferenceSource> sources;
  bool widen = false;  // the axes hold all of them; else only those within the points' own range
};

// Draws a panel that has points, `top` pixels down, into a group of its own. Returns the height
// taken. Never fails.
double draw_panel(plot::Svg& svg, const ParetoPanel& panel, const PanelReferences& references,
                  const Markers& markers, double top);

// "45 points from 135 trials, 5 on the front". Pure.
std::string counts_of(const ParetoPanel& panel);

}  // namespace firesweep
