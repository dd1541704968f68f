#include "coordinator/search/seed_blocks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace firesweep {
namespace {

constexpr double kRounding = 1e-9;  // of sums of squares and of pivots

// The normal equations of the seeds once the points' means are taken out.
struct NormalEquations {
  explicit NormalEquations(std::size_t seeds)
      : left(seeds, std::vector<double>(seeds)), right(seeds) {}

  void add(const SeedRow& row) {
    double sum = 0;
    std::int64_t count = 0;
    for (const auto& score : row) {
      sum += score.value_or(0);
      count += score ? 1 : 0;
    }
    if (count == 0) return;
    ++points;
    scores += count;
    const double mean = sum / static_cast<double>(count);
    for (std::size_t s = 0; s < row.size(); ++s) {
      if (!row[s]) continue;
      const double rest = *row[s] - mean;
      squares += rest * rest;
      right[s] += rest;
      left[s][s] += 1;
      for (std::size_t t = 0; t < row.size(); ++t) {
        if (row[t]) left[s][t] -= 1 / static_cast<double>(count);
      }
    }
  }

  // Takes out the seeds' share of the squares. Returns how many of them are independent.
  std::int64_t eliminate() {
    std::int64_t rank = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
      const double pivot = left[i][i];
      if (pivot < kRounding) continue;
      ++rank;
      squares -= right[i] * right[i] / pivot;
      for (std::size_t j = i + 1; j < right.size(); ++j) {
        const double factor = left[j][i] / pivot;
        right[j] -= factor * right[i];
        for (std::size_t k = i; k < right.size(); ++k) left[j][k] -= factor * left[i][k];
      }
    }
    return rank;
  }

  std::vector<std::vector<double>> left;
  std::vector<double> right;
  double squares = 0;
  std::int64_t points = 0;
  std::int64_t scores = 0;
};

}  // namespace

std::optional<Spread> pooled_spread(const std::vector<SeedRow>& rows) {
  if (rows.empty()) return std::nullopt;
  NormalEquations normal(rows.front().size());
  for (const SeedRow& row : rows) normal.add(row);
  const double before = normal.squares;
  const std::int64_t freedom = normal.scores - normal.points - normal.eliminate();
  if (freedom < 1 || normal.squares <= kRounding * before) return std::nullopt;
  return Spread{std::sqrt(normal.squares / static_cast<double>(freedom)), freedom};
}

double Paired::t(const Spread& spread) const {
  return difference / (spread.deviation * std::sqrt(2.0 / static_cast<double>(pairs)));
}

Paired paired(const SeedRow& one, const SeedRow& other) {
  Paired found;
  for (std::size_t s = 0; s < std::min(one.size(), other.size()); ++s) {
    const auto &a = one[s], &b = other[s];
    if (!a || !b) continue;
    ++found.pairs;
    found.difference += *a - *b;
  }
  if (found.pairs > 0) found.difference /= static_cast<double>(found.pairs);
  return found;
}

}  // namespace firesweep
