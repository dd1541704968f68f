// Regularised evolution: the newest points are the population, of which the oldest dies with each
// new one; the best of a random few is mutated in one parameter (Real, Aggarwal, Huang, Le:
// Regularized Evolution for Image Classifier Architecture Search, AAAI 2019). Points that were
// tried are not proposed again. One objective.
#pragma once

#include "coordinator/search/samplers/sampler.h"

namespace firesweep {

struct EvolutionOptions {
  std::size_t population = 20;
  std::size_t contestants = 10;  // of which the best is mutated
};

class EvolutionSampler : public Sampler {
 public:
  explicit EvolutionSampler(const EvolutionOptions& options = {}) : options_(options) {}
  Coordinates propose(const SearchSpace& space, History history,
                      SearchRandom& random) const override;

 private:
  EvolutionOptions options_;
};

}  // namespace firesweep
