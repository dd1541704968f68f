#include "coordinator/search/termination/rungs.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace firesweep {
namespace {

constexpr double kRounding = 1e-9;  // log(eta^n) / log(eta) may come out above n

}  // namespace

std::vector<std::int64_t> rungs_between(std::int64_t first, std::int64_t epochs, double eta) {
  assert(first >= 1 && eta > 1);
  std::vector<std::int64_t> rungs;
  if (first >= epochs) return rungs;
  const double whole = static_cast<double>(epochs) / static_cast<double>(first);
  const double steps = std::max(1.0, std::ceil(std::log(whole) / std::log(eta) - kRounding));
  for (double step = 0; step < steps; ++step) {
    const auto rung = std::llround(static_cast<double>(first) * std::pow(whole, step / steps));
    if (rung < epochs && (rungs.empty() || rung > rungs.back())) rungs.push_back(rung);
  }
  return rungs;
}

void Rung::put(std::int64_t trial, double score) {
  remove(trial);
  score = ordered_score(score);
  scores_.emplace(trial, score);
  const std::pair entry(score, -trial);
  sorted_.insert(std::ranges::upper_bound(sorted_, entry), entry);
}

void Rung::remove(std::int64_t trial) {
  const auto place = scores_.find(trial);
  if (place == scores_.end()) return;
  sorted_.erase(std::ranges::lower_bound(sorted_, std::pair(place->second, -trial)));
  scores_.erase(place);
}

std::int64_t Rung::rank(double score) const {
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  return sorted_.end() - std::ranges::upper_bound(sorted_, std::pair(ordered_score(score), kLast)) +
         1;
}

std::int64_t Rung::rank_of(std::int64_t trial) const {
  return sorted_.end() - std::ranges::lower_bound(sorted_, std::pair(scores_.at(trial), -trial));
}

double Rung::at_rank(std::int64_t rank) const {
  assert(rank >= 1 && rank <= size());
  return sorted_[static_cast<std::size_t>(size() - rank)].first;
}

std::int64_t places(std::int64_t seen, double eta) {
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(static_cast<double>(seen) / eta + kRounding));
}

Evidence compared(const Rung& rung, std::int64_t epoch, double score, std::int64_t places) {
  return {.epoch = epoch,
          .score = ordered_score(score),
          .threshold = rung.at_rank(std::min(places, rung.size())),
          .rank = rung.rank(score),
          .seen = rung.size()};
}

}  // namespace firesweep
