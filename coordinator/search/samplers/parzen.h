// The density of points in a group of dimensions: a mixture of a kernel per point and a uniform
// prior. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "coordinator/search/samplers/sampler.h"

namespace firesweep {

class ParzenEstimator {
 public:
  // `points` lie in the dimensions `group` of `space`, all of which exist there; `weights` has one
  // per point. `width` is a kernel's standard deviation where there is one point.
  ParzenEstimator(const SearchSpace& space, std::span<const std::size_t> group,
                  std::vector<const Coordinates*> points, std::vector<double> weights,
                  double prior_weight, double width);

  // Sets the coordinates of the group.
  void draw(SearchRandom& random, Coordinates& point) const;

  // The logarithm of the density at the point.
  double log_density(const Coordinates& point) const;

 private:
  double log_kernel(std::size_t dimension, std::size_t component, double at) const;

  const SearchSpace& space_;
  std::vector<std::size_t> group_;
  std::vector<const Coordinates*> points_;
  std::vector<double> weights_;  // of the points, then of the prior; the sum is 1
  std::vector<double> widths_;   // per dimension of the group: the kernels' width
};

}  // namespace firesweep
