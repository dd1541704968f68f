// The Pareto front of accuracy against parameters, over points (a config without its seed, averaged
// over its seeds). Pure data and functions; where the points come from is Reader's affair.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/report/board.h"
#include "coordinator/report/table.h"
#include "shared/base/ids.h"

namespace firesweep {

struct ParetoPoint {
  SweepId sweep;
  std::string sweep_name;
  std::string point;  // "3/17": sweep and number of its first trial
  std::string variant;
  std::optional<double> lr;
  std::optional<double> label_smoothing;
  std::int64_t n_seeds = 0;
  std::int64_t params = 0;
  std::int64_t macs = 0;
  double score = 0;  // mean over seeds of what the board is ranked by, in [0, 1]
  std::optional<double> val_mean, val_sd, ci_low, ci_high, test_mean;
  std::string varied;          // "momentum 0.9 · beta1 0.8": swept parameters beside those above
  std::vector<Cell> settings;  // as setting_columns(), or empty where they are not known

  // set by mark_front
  bool on_front = false;
  bool duplicate = false;    // on the front, with an equal one before it
  std::string dominated_by;  // a point of the front, empty for those on it
};

// Points that may be compared; by params ascending, then score descending, sweep and point.
struct ParetoPanel {
  Board board;
  std::vector<ParetoPoint> points;
};

// Sorts a panel's points and judges each: on the front where no other has at least its score with
// at most its parameters and is better in one. Points equal in both stay together. O(n log n).
void mark_front(ParetoPanel& panel);

// The hyperparameters that are no member of a point of their own.
std::vector<Column> setting_columns();

// Every point with on_front and dominated_by, or the front's alone; a section a panel. People are
// always shown the parameters that are `swept`.
enum class PointsShown { kAll, kFront };
Table pareto_table(const std::vector<ParetoPanel>& panels, PointsShown shown,
                   const std::set<std::string>& swept = {});

}  // namespace firesweep
