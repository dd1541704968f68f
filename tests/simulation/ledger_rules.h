// How the ledger says which rule a record breaks.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <variant>

#include "tests/simulation/ledger.h"

namespace firesweep::simulation {

template <class... Parts>
void require(bool kept, TrialId trial, const Parts&... parts) {
  if (kept) return;
  std::string text = "trial " + to_string(trial) + ": ";
  ((text += parts), ...);
  throw Violation(text);
}

inline std::string name(const TrialState& state) {
  std::string text(name_of(state));
  if (const auto* failed = std::get_if<Failed>(&state)) {
    text += "(" + std::string(to_string(failed->reason)) + ")";
  } else if (const auto* stopping = std::get_if<Stopping>(&state)) {
    text += "(" + std::string(to_string(stopping->reason)) + ")";
  }
  return text;
}

// Each point among the first `numbers` trials of the sweep has a trial with this seed.
bool every_point_has(const SweepSpace& space, std::int64_t numbers, std::int64_t seed);

// One of the sweep's files with one of these seeds instead of its own is that file.
bool adds_a_wanted_seed(const SweepSpace& space, const std::set<std::int64_t>& wanted,
                        const FrozenSweep& file);

// The config hash of the sweep's trial of that number. Pure.
std::string hash_of(const LedgerSweep& sweep, std::int64_t number, const TrialConfig& config);
// Gives the trial its config hash, and the scores that training gives.
void describe_training(const LedgerSweep& sweep, std::int64_t number, const TrialConfig& config,
                       LedgerTrial& trial);
// Finds which of the sweep's trials are the beginning of longer ones.
void lay_lengths(LedgerSweep& sweep);

// Gives the sweep's trials their places in its race.
void lay_race(LedgerSweep& sweep);
// Every trial of the rounds before it has ended.
bool has_begun(const LedgerSweep& sweep, std::int64_t round);

}  // namespace firesweep::simulation
