// What the decision to stop a trial early, or to let it go on, rests on.
#pragma once

#include <cstdint>

namespace firesweep {

struct Evidence {
  std::int64_t epoch = 0;    // the rung
  double score = 0;          // the trial's, as it was compared; larger is better
  double threshold = 0;      // that the score is compared with
  std::int64_t rank = 0;     // 1 is the best of those seen; 0 where there is no order
  std::int64_t seen = 0;     // scores that were compared, the trial's own among them
  std::int64_t bracket = 0;  // of hyperband
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

// A stored decision on a trial.
struct TrialDecision {
  std::int64_t number = 0;  // the trial's
  bool promoted = false;    // it goes on from its rung; else it is stopped
  Evidence evidence;
  bool recorded_again = false;  // a later attempt has recorded the same epoch
};

}  // namespace firesweep
