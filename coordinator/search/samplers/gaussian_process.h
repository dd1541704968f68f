// Gaussian process regression over a search space (Rasmussen and Williams, Gaussian Processes for
// Machine Learning, 2006, §2.2 and §5.4.1). Pure.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "coordinator/search/samplers/sampler.h"

namespace firesweep {

// A Matérn 5/2 kernel with a length per dimension; categories are equal or a length apart, as is an
// absent coordinate from any other. Lengths and noise are those of the greatest posterior density
// that a few searches find.
class GaussianProcess {
 public:
  struct Prediction {
    double mean = 0;
    double deviation = 0;
  };

  // As many costs as points, at least two.
  GaussianProcess(const SearchSpace& space, std::vector<Coordinates> points,
                  std::span<const double> costs, SearchRandom& random);
  ~GaussianProcess();

  Prediction predict(const Coordinates& point) const;

 private:
  struct Fit;
  std::unique_ptr<Fit> fit_;
};

}  // namespace firesweep
