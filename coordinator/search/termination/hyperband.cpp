#include "coordinator/search/termination/hyperband.h"

#include <algorithm>
#include <cmath>

#include "shared/base/splitmix.h"

namespace firesweep {

std::vector<double> bracket_shares(std::size_t brackets, double eta) {
  std::vector<double> shares;
  double sum = 0;
  for (std::size_t s = 0; s < brackets; ++s) {
    const auto left = static_cast<double>(brackets - s);
    shares.push_back(std::ceil(static_cast<double>(brackets) / left * std::pow(eta, left - 1)));
    sum += shares.back();
  }
  for (double& share : shares) share /= sum;
  return shares;
}

std::size_t bracket_of(std::int64_t trial, std::uint64_t seed, const std::vector<double>& shares) {
  double at = unit_of(splitmix64_at(splitmix64(seed), static_cast<std::uint64_t>(trial)));
  for (std::size_t s = 0; s + 1 < shares.size(); ++s) {
    if (at < shares[s]) return s;
    at -= shares[s];
  }
  return shares.size() - 1;
}

std::optional<Decision> Hyperband::take(const TrialReport& report) {
  const auto epochs = rungs_of(options_, report);
  const auto at = std::ranges::lower_bound(epochs, report.epoch);
  if (at == epochs.end() || *at != report.epoch) return std::nullopt;
  const std::size_t bracket =
      bracket_of(report.trial, seed_, bracket_shares(epochs.size() + 1, options_.eta));
  if (at - epochs.begin() < static_cast<std::ptrdiff_t>(bracket)) return std::nullopt;
  Rung& rung = rungs_[{population_of(report), bracket}][report.epoch];
  rung.put(report.trial, report.score);
  Evidence evidence = compared(rung, report.epoch, report.score, places(rung.size(), options_.eta));
  evidence.bracket = static_cast<std::int64_t>(bracket);
  return Decision{stops(evidence), evidence};
}

bool Hyperband::stops(const Evidence& evidence) const {
  return evidence.rank > places(evidence.seen, options_.eta);
}

}  // namespace firesweep
