// The seam of early termination: whether a trial goes on, from the reports so far. Pure. What a
// terminator knows is a function of the reports it has taken, of which the newest of a trial's
// epoch stands; so it is made again from stored reports, a repeated report counts once, and each
// decision names the numbers that it rests on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "shared/domain/evidence.h"

namespace firesweep {

// An epoch that a trial has finished.
struct TrialReport {
  std::int64_t trial = 0;   // its number
  std::int64_t epoch = 0;   // 1 … epochs
  std::int64_t epochs = 0;  // that the trial is to train
  double score = 0;         // larger is better; NaN is worse than any number
  std::string group = {};   // trials of other groups, or of other `epochs`, are not compared
  std::int64_t warmup = 0;  // epochs
};

struct Decision {
  bool stop = false;
  Evidence evidence;
  friend bool operator==(const Decision&, const Decision&) = default;
};

class Terminator {
 public:
  Terminator() = default;
  Terminator(const Terminator&) = delete;
  Terminator& operator=(const Terminator&) = delete;
  virtual ~Terminator() = default;

  // Takes a report and decides on its trial; nothing where the epoch is none at which this
  // terminator decides. A trial's last epoch is never decided on.
  virtual std::optional<Decision> take(const TrialReport& report) = 0;

  // Whether the decision that rests on this evidence is to stop: what take() decided, from its
  // evidence alone.
  virtual bool stops(const Evidence& evidence) const = 0;
};

// Trials that may be compared: of one group, that train equally many epochs.
using Population = std::pair<std::string, std::int64_t>;
inline Population population_of(const TrialReport& report) { return {report.group, report.epochs}; }

// The first epoch at which the trial may be stopped: `min_iter`, by default a third of its epochs
// and past its warm-up, before which scores say little of the end.
std::int64_t first_epoch(const std::optional<std::int64_t>& min_iter, const TrialReport& report);

// A score by which trials can be ordered: NaN becomes the worst.
double ordered_score(double score);

}  // namespace firesweep
