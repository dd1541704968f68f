// Rows of several boards into the sections of one table: what may not be compared stands apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/report/board.h"
#include "coordinator/report/render/row_writer.h"
#include "coordinator/report/table.h"

namespace firesweep {

// What a query adds behind the reported columns: which board a row is of, and what that is.
inline constexpr const char* kBoardColumns =
    "board, dataset, trainer, protocol, epochs, train_size, test_size, val_size, split_seed, "
    "dataset_content";
inline constexpr std::size_t kBoardWidth = 10;

// From the columns behind the reported ones, which begin at `first`.
Board board_at(const Row& row, std::size_t first);

// Single-threaded.
class Sections {
 public:
  // Rows go to `writer`, where there is one, else into the table, at most `limit` of each board.
  // Both outlive this.
  Sections(Table& table, std::optional<std::int64_t> limit, RowWriter* writer)
      : table_(table), limit_(limit), writer_(writer) {}

  // A row with its board's columns behind the table's own; rows of a board come together.
  void take(Row&& row);
  // So many more rows of the board at hand, which were not read.
  void leave_out(std::size_t rows) { totals_.back() += rows; }
  // Headings tell how many rows there are: "(best 2 of 4 trials)".
  void finish(std::string_view of_what);

 private:
  Table& table_;
  std::optional<std::int64_t> limit_;
  RowWriter* writer_;
  Cell current_;
  std::vector<std::size_t> totals_;
};

}  // namespace firesweep
