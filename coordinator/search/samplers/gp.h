// Bayesian optimisation with a Gaussian process and expected improvement, for small budgets (Jones,
// Schonlau, Welch: Efficient Global Optimization of Expensive Black-Box Functions, 1998). Running
// trials count with the costs that the process predicts (the kriging believer of Ginsbourger et al.
// 2010). One objective.
#pragma once

#include "coordinator/search/samplers/sampler.h"

namespace firesweep {

struct GpOptions {
  std::size_t startup = 8;        // points before it learns, at least 2
  std::size_t most_points = 200;  // that it learns from: the best half and the newest half
  std::size_t candidates = 512;   // uniformly distributed
  std::size_t refinements = 160;  // steps from the best of them
};

class GpSampler : public Sampler {
 public:
  explicit GpSampler(const GpOptions& options = {}) : options_(options) {}
  Coordinates propose(const SearchSpace& space, History history,
                      SearchRandom& random) const override;

 private:
  GpOptions options_;
};

}  // namespace firesweep
