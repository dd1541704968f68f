// Hyperband: successive halving in several brackets, of which each begins to compare a rung later
// than the one before it, as a hedge against scores that say little early (Li, Jamieson, DeSalvo,
// Rostamizadeh, Talwalkar: Hyperband, JMLR 18, 2018, §3.2). Asynchronous: within its bracket a
// trial is judged as by asha (stopping); its bracket follows from its number, in the paper's
// shares. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "coordinator/search/termination/asha.h"

namespace firesweep {

// What share of the trials each bracket has: bracket s of `brackets` skips the first s rungs. By
// the paper's table, bracket s begins with ceil(brackets / (brackets - s) × eta^(brackets-1-s))
// trials. The last one never stops any. The sum is 1.
std::vector<double> bracket_shares(std::size_t brackets, double eta);

// The bracket of a trial: a function of its number and the sweep's seed, so that neighbours of a
// grid are not all in one.
std::size_t bracket_of(std::int64_t trial, std::uint64_t seed, const std::vector<double>& shares);

class Hyperband : public Terminator {
 public:
  Hyperband(const AshaOptions& options, std::uint64_t seed) : options_(options), seed_(seed) {}
  std::optional<Decision> take(const TrialReport& report) override;
  bool stops(const Evidence& evidence) const override;

 private:
  AshaOptions options_;
  std::uint64_t seed_;
  std::map<std::pair<Population, std::size_t>, std::map<std::int64_t, Rung>> rungs_;
};

}  // namespace firesweep
