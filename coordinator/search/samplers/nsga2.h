// NSGA-II for several objectives: fronts of points that no other dominates, spread by crowding
// distance; constraints by constrained domination (Deb, Pratap, Agarwal, Meyarivan, IEEE
// Transactions on Evolutionary Computation 6(2), 2002). Steady-state: the population is the best of
// all points so far, so that nobody waits for a generation and no good point is forgotten (Durillo
// et al. 2009). Points that were tried are not proposed again.
#pragma once

#include "coordinator/search/samplers/sampler.h"

namespace firesweep {

struct Nsga2Options {
  std::size_t population = 20;
  double crossover = 0.5;      // of the children; the others are mutated copies
  double second_change = 0.3;  // probability of a further mutation, again and again
};

class Nsga2Sampler : public Sampler {
 public:
  explicit Nsga2Sampler(const Nsga2Options& options = {}) : options_(options) {}
  Coordinates propose(const SearchSpace& space, History history,
                      SearchRandom& random) const override;

 private:
  Nsga2Options options_;
};

// Finished observations by front, then by crowding distance, best first, with the number of their
// front.
struct Ranked {
  const Observation* observation = nullptr;
  std::size_t front = 0;
  double crowding = 0;  // infinite at the ends of a front
};
std::vector<Ranked> rank_by_domination(History history);

}  // namespace firesweep
