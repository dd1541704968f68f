// A report's result, neutral to how it is shown: typed columns and rows, in sections that may not
// be compared with each other. Plain data; the renderers are in render/.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "coordinator/store/cells.h"

namespace firesweep {

// What a column's numbers mean; it decides how people are shown them. Machines always get the
// stored number.
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

// Whether people are shown a column; csv and json always have it.
enum class Shown { kAlways, kWherePresent, kWhereItVaries, kNever };

struct Column {
  std::string name;   // as in SQL, csv and json
  std::string title;  // for people
  Unit unit = Unit::kText;
  Shown shown = Shown::kAlways;
};

// Rows first … first + count - 1 under one heading; rows of different sections may not be compared.
struct Section {
  std::string heading;
  std::size_t first = 0;
  std::size_t count = 0;
};

struct Table {
  std::vector<Column> columns;
  std::vector<Row> rows;          // each as wide as `columns`
  std::vector<Section> sections;  // cover all rows in order; empty where the report has no parts
  std::string when_empty;         // said to people instead of a table without rows
  std::string note;               // said to people below it; may be empty
};

}  // namespace firesweep
