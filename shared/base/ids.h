// Identifiers. A trial is identified by its sweep and its number within the sweep. An attempt is
// one lease of a trial to a worker.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace firesweep {

// A whole number with a type of its own, so that it cannot be mixed up with another kind of id.
// Regular, totally ordered.
template <class Tag>
struct StrongId {
  std::int64_t value = 0;
  friend constexpr auto operator<=>(StrongId, StrongId) = default;
};

using SweepId = StrongId<struct SweepTag>;      // 1, 2, 3, … within one database
using TrialId = StrongId<struct TrialTag>;      // sweep << 40 | number
using AttemptNo = StrongId<struct AttemptTag>;  // 1, 2, 3, … within one trial

inline constexpr int kTrialNumberBits = 40;

constexpr TrialId make_trial_id(SweepId sweep, std::int64_t number) {
  return {(sweep.value << kTrialNumberBits) | number};
}
// The ids of a sweep's trials lie between these two, both included.
constexpr TrialId first_trial_of(SweepId sweep) { return make_trial_id(sweep, 0); }
constexpr TrialId last_trial_of(SweepId sweep) {
  return {first_trial_of({sweep.value + 1}).value - 1};
}
constexpr SweepId sweep_of(TrialId trial) { return {trial.value >> kTrialNumberBits}; }
constexpr std::int64_t number_of(TrialId trial) {
  return trial.value & ((std::int64_t{1} << kTrialNumberBits) - 1);
}

// Fencing token: every report about a trial carries it.
struct TrialKey {
  TrialId trial;
  AttemptNo attempt;
  friend constexpr auto operator<=>(const TrialKey&, const TrialKey&) = default;
};

// "3/17": sweep 3, trial number 17. Users type and read this form.
inline std::string to_string(TrialId trial) {
  return std::to_string(sweep_of(trial).value) + "/" + std::to_string(number_of(trial));
}
// "3/17#2": the second attempt of trial 3/17.
inline std::string to_string(TrialKey key) {
  return to_string(key.trial) + "#" + std::to_string(key.attempt.value);
}

// A random 128-bit number that a worker draws at its start. Zero means none.
struct SessionId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend constexpr auto operator<=>(const SessionId&, const SessionId&) = default;
};

}  // namespace firesweep
