// Tree-structured Parzen estimator: proposes what is likely among the good points and unlikely
// among the others. Multivariate: each kernel is a product over the dimensions, so that
// interactions are kept (Bergstra et al., Algorithms for Hyper-Parameter Optimization, NIPS 2011;
// Falkner et al., BOHB, ICML 2018; Watanabe, arXiv:2304.11127). Dimensions that exist together form
// a group with estimators of its own, from the points where it exists, and each group's best
// candidate is taken, as Optuna does with group=True. Running trials count as bad points (the
// constant liar of Ginsbourger et al. 2010). One objective.
#pragma once

#include <optional>
#include <vector>

#include "coordinator/search/samplers/sampler.h"
#include "coordinator/search/samplers/tried.h"

namespace firesweep {

struct TpeOptions {
  std::size_t startup = 10;     // random points before it learns
  double good_share = 0.15;     // of the points, rounded up
  std::size_t most_good = 25;   // points
  std::size_t candidates = 24;  // drawn from the good points' estimator
  double prior_weight = 1;      // of the uniform prior, as points
  double width = 0.07;          // of a kernel on the unit interval, where there is one point
};

class TpeSampler : public Sampler {
 public:
  explicit TpeSampler(const TpeOptions& options = {}) : options_(options) {}
  Coordinates propose(const SearchSpace& space, History history,
                      SearchRandom& random) const override;

 private:
  struct GroupModel;
  // A point that was not tried; nothing if every candidate was.
  std::optional<Coordinates> best_candidate(const SearchSpace& space,
                                            const std::vector<GroupModel>& models,
                                            const Tried& tried, SearchRandom& random) const;

  TpeOptions options_;
};

}  // namespace firesweep
