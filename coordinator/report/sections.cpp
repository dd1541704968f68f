#include "coordinator/report/sections.h"

#include <utility>

namespace firesweep {

Board board_at(const Row& row, std::size_t first) {
  return {text_of(row[first + 1]),  text_of(row[first + 2]),  text_of(row[first + 3]),
          whole_of(row[first + 4]), whole_of(row[first + 5]), whole_of(row[first + 6]),
          real_of(row[first + 7]),  whole_of(row[first + 8]), text_of(row[first + 9])};
}

void Sections::take(Row&& row) {
  const std::size_t width = table_.columns.size();
  if (const Cell& board = row[width]; board != current_) {
    table_.sections.push_back({heading_of(board_at(row, width)), table_.rows.size(), 0});
    totals_.push_back(0);
    current_ = board;
  }
  row.resize(width);
  ++totals_.back();
  Section& section = table_.sections.back();
  if (limit_ && static_cast<std::int64_t>(section.count) >= *limit_) return;
  ++section.count;
  if (writer_ != nullptr) {
    writer_->row(row);
  } else {
    table_.rows.push_back(std::move(row));
  }
}

void Sections::finish(std::string_view of_what) {
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    Section& section = table_.sections[i];
    const std::string all = std::to_string(totals_[i]) + " " + std::string(of_what);
    section.heading += section.count < totals_[i]
                           ? " (best " + std::to_string(section.count) + " of " + all + "s)"
                           : " (" + all + (totals_[i] == 1 ? ")" : "s)");
  }
}

}  // namespace firesweep
