// The columns of each report, in their order. A column has the name that it has in its view.
#pragma once

#include <vector>

#include "coordinator/report/table.h"
#include "shared/domain/fields.h"

namespace firesweep {

// How the values of a hyperparameter are shown.
Unit unit_of(const Field& field);

const std::vector<Column>& list_columns();
const std::vector<Column>& trial_columns();
const std::vector<Column>& curve_columns();
const std::vector<Column>& failure_columns();
const std::vector<Column>& leaderboard_columns();
const std::vector<Column>& point_columns();

}  // namespace firesweep
