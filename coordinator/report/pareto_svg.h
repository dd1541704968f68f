// The picture of accuracy against parameters.
#pragma once

#include <string>
#include <vector>

#include "coordinator/report/pareto.h"
#include "coordinator/report/references.h"

namespace firesweep {

// A standalone SVG document: a panel for everything that may be compared, parameters on a
// logarithmic axis, the front as a staircase, variants by colour and shape with their names beside
// them; a legend where a name found no room. Published points are hollow and grey, with a line that
// names their source and says how many lie outside. Says so where there is nothing to show. Panels
// are as Reader::pareto returns them. Pure; never fails.
std::string pareto_svg(const std::vector<ParetoPanel>& panels, const References& references = {});

}  // namespace firesweep
