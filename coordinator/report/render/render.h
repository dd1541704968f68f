// A table as text. Pure; never fails. What is too long to be a table goes through row_writer.h.
#pragma once

#include <string>

#include "coordinator/report/table.h"

namespace firesweep {

// For people: aligned columns, formatted numbers, and a heading per section. Columns without
// information are left out. Ends with a line feed.
std::string render_text(const Table& table);

// RFC 4180: a header line with column names, CRLF line ends, and the stored numbers. Absent cells
// are empty, flags 0 or 1. Text that begins with = + - @, a tab or a carriage return gets an
// apostrophe in front, so that no spreadsheet reads it as a formula.
std::string render_csv(const Table& table);

// An array of objects, one per line. Numbers are numbers, flags are booleans, absent cells are
// null. Ends with a line feed.
std::string render_json(const Table& table);

}  // namespace firesweep
