// How far scores of equal points lie apart, from few seeds. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace firesweep {

// A point's scores by seed; nothing where there is none.
using SeedRow = std::vector<std::optional<double>>;

struct Spread {
  double deviation = 0;      // of a single score, positive
  std::int64_t freedom = 0;  // degrees, at least 1
};

// The spread within a group of points, all rows of one length. Scores are taken for the sum of a
// point's, a seed's and a normal error of one deviation for the whole group: a randomised block
// design with the seeds as blocks (Montgomery, Design and Analysis of Experiments, ch. 4), fitted
// by least squares, so that scores may be missing. Nothing where no freedom is left, or all errors
// are zero, which says nothing of the next.
std::optional<Spread> pooled_spread(const std::vector<SeedRow>& rows);

// How much better `one` is over the seeds that both rows have.
struct Paired {
  std::int64_t pairs = 0;
  double difference = 0;  // mean; 0 where there is no pair
  // Student's t of the difference, with the spread's degrees of freedom.
  double t(const Spread& spread) const;
};
Paired paired(const SeedRow& one, const SeedRow& other);

}  // namespace firesweep
