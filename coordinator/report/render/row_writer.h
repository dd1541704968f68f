// A report written row by row as it is read, for formats that need not see it whole.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "coordinator/report/spool.h"
#include "coordinator/report/table.h"

namespace firesweep {

// Single-threaded. begin(), rows, end(); a begin() after that starts again from nothing.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  virtual void begin(const std::vector<Column>& columns) = 0;
  // As wide as the columns.
  virtual void row(const Row& row) = 0;
  virtual void end() = 0;
};

// "csv" or "json" into `out`, as render.h describes them; null for any other format. `out` outlives
// it.
std::unique_ptr<RowWriter> row_writer(std::string_view format, Spool& out);

}  // namespace firesweep
