// What a decision rests on: to stop a trial early or to let it go on, and to give a point no
// further seeds.
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

// So many points of the group were better than the point as `top` has: this is the least sure of
// these comparisons, a paired t-test over the seeds that both have (coordinator/search/race.h).
struct RaceEvidence {
  std::int64_t seeds = 0;        // by which the point was compared: those that had ended
  std::int64_t of_seeds = 0;     // that the sweep has
  std::int64_t top = 0;          // points that are looked for
  std::int64_t better = 0;       // number of a trial of the point that it was compared with
  std::int64_t pairs = 0;        // seeds that both have a score of
  double difference = 0;         // their mean difference, positive
  double deviation = 0;          // of a single score, pooled over the group's points
  std::int64_t freedom = 0;      // degrees, of the deviation
  double p = 0;                  // the chance of such a difference between equal points
  std::int64_t comparisons = 0;  // among which the level is divided
  double level = 0;
  friend bool operator==(const RaceEvidence&, const RaceEvidence&) = default;
};

}  // namespace firesweep
