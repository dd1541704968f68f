// Which trials of a sweep are shorter trainings of the same: those that an extension made longer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/search/sweep_space.h"

namespace firesweep {

// A function of the space: made again where that grows. Empty unless several files give different
// epochs; else it reads every trial once. Not thread-safe.
class Lineage {
 public:
  explicit Lineage(const SweepSpace& space);

  // Numbers of the trials that differ from this one in fewer epochs, perhaps in cooldown_epochs,
  // and in nothing else, the longest first; whatever the schedule.
  std::vector<std::int64_t> shorter(const SweepSpace& space, std::int64_t number) const;
  // Of these, the trials from whose last checkpoint it may go on (longer_training.h).
  std::vector<std::int64_t> continued(const SweepSpace& space, std::int64_t number) const;

 private:
  using Length = std::pair<std::int64_t, std::int64_t>;  // epochs, number
  std::map<std::string, std::vector<Length>> by_key_;    // ascending
};

// What becomes of the trials from this number on that are longer trainings of those before it.
struct Continued {
  std::int64_t go_on = 0;  // from a checkpoint of the shorter one
  std::int64_t anew = 0;   // from nothing: they do not begin with the shorter one's epochs
};
Continued continued_from(const SweepSpace& space, const Lineage& lineage, std::int64_t first);

}  // namespace firesweep
