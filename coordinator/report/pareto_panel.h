// One panel of the plot of accuracy against parameters: the points of one board, their front, their
// labels, and published points for comparison.
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

// Draws a panel that has points, `top` pixels from the top, into its own group. Returns the panel's
// height. Never fails.
double draw_panel(plot::Svg& svg, const ParetoPanel& panel, const PanelReferences& references,
                  const Markers& markers, double top);

// "45 points from 135 trials, 5 on the front". Pure.
std::string counts_of(const ParetoPanel& panel);

}  // namespace firesweep
