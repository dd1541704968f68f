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

namespace firesweep {

// An epoch that a trial has finished.
struct TrialReport {
  std::int64_t trial = 0;   // its number
  std::int64_t epoch = 0;   // 1 … epochs
  std::int64_t epochs = 0;  // that the trial is to train
  double score = 0;         // larger is better; NaN is worse than any number
  std::string group = {};   // trials of other groups, or of other `epochs`, are not compared
};

// What a decision rests on.
struct Evidence {
  std::int64_t epoch = 0;    // the rung
  double score = 0;          // the trial's, as it was compared
  double threshold = 0;      // that the score is compared with
  std::int64_t rank = 0;     // 1 is the best of those seen; 0 where there is no order
  std::int64_t seen = 0;     // scores that were compared, the trial's own among them
  std::int64_t bracket = 0;  // of hyperband
  friend bool operator==(const Evidence&, const Evidence&) = default;
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

// A score by which trials can be ordered: NaN becomes the worst.
double ordered_score(double score);

}  // namespace firesweep
