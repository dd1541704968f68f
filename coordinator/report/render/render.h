// A table as text. Pure; never fails. What is too long to be a table goes through row_writer.h.
#pragma once

#include <string>

#include "coordinator/report/table.h"

namespace firesweep {

// For people: aligned columns, human numbers, a heading a section; columns that tell nothing are
// left out. Ends with a line feed.
std::string render_text(const Table& table);

// RFC 4180: a header line of machine names, CRLF line ends, stored numbers; absent cells are empty,
// flags 0 or 1. Text that begins with = + - @, a tab or a carriage return has an apostrophe before
// it, so that no spreadsheet computes it.
std::string render_csv(const Table& table);

// An array of objects, one a line; numbers are numbers, flags booleans, absent cells null. Ends
// with a line feed.
std::string render_json(const Table& table);

}  // namespace firesweep
