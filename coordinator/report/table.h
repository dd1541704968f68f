// The result of a report, independent of its format: typed columns and rows, in sections that must
// not be compared with each other. Plain data; the renderers are in render/.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "coordinator/store/cells.h"

namespace firesweep {

// The meaning of a column's numbers. It decides how tables for people format them; csv and json
// always have the stored number.
enum class Unit {
  kText,
  kWhole,     // an id, a rank, a number of epochs: 15
  kCount,     // parameters, MACs: 2.76 M
  kNumber,    // a hyperparameter: 0.003
  kFraction,  // an accuracy in [0, 1]: 57.80 %
  kSeconds,   // 4:05
  kRate,      // per second: 195
  kBytes,     // 11.0 MB
  kFlag,      // 0 or 1: yes
  kTimeMs,    // since 1970-01-01T00:00:00Z: 2026-07-03 14:00:05
};

// Whether tables for people show a column; csv and json always have it.
enum class Shown { kAlways, kWherePresent, kWhereItVaries, kNever };

struct Column {
  std::string name;   // as in SQL, csv and json
  std::string title;  // for people
  Unit unit = Unit::kText;
  Shown shown = Shown::kAlways;
};

// Rows first … first + count - 1 under one heading. Rows of different sections must not be
// compared.
struct Section {
  std::string heading;
  std::size_t first = 0;
  std::size_t count = 0;
};

struct Table {
  std::vector<Column> columns;
  std::vector<Row> rows;          // each as wide as `columns`
  std::vector<Section> sections;  // cover all rows in order; empty if the report has no sections
  std::string when_empty;         // printed instead of a table without rows
  std::string note;               // printed below the table; may be empty
};

}  // namespace firesweep
