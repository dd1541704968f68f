// The objects of a JSON array, as render.h describes it. Pure.
#pragma once

#include <string>
#include <vector>

#include "coordinator/report/table.h"

namespace firesweep {

// The columns' names, quoted once for all rows.
std::vector<std::string> json_keys(const std::vector<Column>& columns);
// One row as an object on a line of its own, without the line's end.
std::string json_object(const std::vector<Column>& columns, const std::vector<std::string>& keys,
                        const Row& row);

}  // namespace firesweep
