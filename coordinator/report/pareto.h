// The Pareto front of accuracy against parameters. A point is a config without its seed; its score
// is the mean over its seeds. Pure data and functions; Reader reads the points.
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
  double score = 0;  // mean over seeds of the board's score, in [0, 1]
  std::optional<double> val_mean, val_sd, ci_low, ci_high, test_mean;
  std::string varied;          // "momentum 0.9 · beta1 0.8": swept parameters beside those above
  std::vector<Cell> settings;  // as setting_columns(), or empty where they are not known

  // set by mark_front
  bool on_front = false;
  bool duplicate = false;    // on the front, after an equal point
  std::string dominated_by;  // a point of the front, empty for those on it
};

// Points of one board, ordered by ascending params, then descending score, sweep and point.
struct ParetoPanel {
  Board board;
  std::vector<ParetoPoint> points;
};

// Sorts a panel's points and marks those on the front. A point is on the front if no other point
// has at least its score with at most its parameters and is better in one of the two. Of points
// that are equal in both, either all or none are on the front. O(n log n).
void mark_front(ParetoPanel& panel);

// The hyperparameters that are not members of ParetoPoint.
std::vector<Column> setting_columns();

// A table of all points with on_front and dominated_by, or of the front only, with one section per
// panel. The table for people always shows the parameters in `swept`.
enum class PointsShown { kAll, kFront };
Table pareto_table(const std::vector<ParetoPanel>& panels, PointsShown shown,
                   const std::set<std::string>& swept = {});

}  // namespace firesweep
