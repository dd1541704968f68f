// The trials of a sweep that has not begun, as a table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "coordinator/report/spool.h"
#include "coordinator/report/table.h"
#include "coordinator/search/trial_space.h"

namespace firesweep {

// These trials with number, variant, every swept parameter, seed, params and macs. A parameter that
// does not exist at a point has its default; one of an architecture file then has no value. Numbers
// without a config are left out.
Table table_of(const TrialSpace& space, std::span<const std::int64_t> numbers);

// All trials by number, as "table", "csv" or "json" (row_writer.h), in memory for one row. Replaces
// what `out` holds.
void list_points(const TrialSpace& space, std::string_view format, Spool& out);

}  // namespace firesweep
