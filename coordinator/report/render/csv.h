// The lines of a CSV file (RFC 4180), as render.h describes it. Pure.
#pragma once

#include <string>
#include <vector>

#include "coordinator/report/table.h"

namespace firesweep {

std::string csv_header(const std::vector<Column>& columns);
std::string csv_line(const Row& row);

}  // namespace firesweep
