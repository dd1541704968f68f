// The columns of each report, in the order they are reported. Names are those of the views they
// come from.
#pragma once

#include <vector>

#include "coordinator/report/table.h"

namespace firesweep {

const std::vector<Column>& list_columns();
const std::vector<Column>& trial_columns();
const std::vector<Column>& curve_columns();
const std::vector<Column>& failure_columns();
const std::vector<Column>& leaderboard_columns();
const std::vector<Column>& point_columns();

}  // namespace firesweep
