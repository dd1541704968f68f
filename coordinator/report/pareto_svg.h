// The plot of accuracy against parameters.
#pragma once

#include <string>
#include <vector>

#include "coordinator/report/pareto.h"
#include "coordinator/report/references.h"

namespace firesweep {

// A standalone SVG document with one panel per board. Parameters are on a logarithmic axis, the
// front is a staircase, and variants differ in colour and shape, with their names beside them; a
// legend lists variants whose name has no room. Published points are hollow and grey; a line names
// their source and says how many lie outside. A plot without points says so. `panels` as returned
// by Reader::pareto. Pure; never fails.
std::string pareto_svg(const std::vector<ParetoPanel>& panels, const References& references = {});

}  // namespace firesweep
