// The points of a history, to recognise a point that was tried. Pure.
#pragma once

#include <set>

#include "coordinator/search/samplers/sampler.h"

namespace firesweep {

class Tried {
 public:
  explicit Tried(History history);

  bool contains(const Coordinates& point) const { return points_.contains(point); }
  std::size_t size() const { return points_.size(); }

  // The first point of make() that was not tried; after `tries` points a random one, if possible a
  // new one.
  template <class Make>
  Coordinates first_new(const SearchSpace& space, SearchRandom& random, int tries,
                        Make make) const {
    for (int i = 0; i < tries; ++i) {
      Coordinates point = make();
      if (!contains(point)) return point;
    }
    return random_new(space, random);
  }

  // A uniformly distributed point that was not tried; after many attempts any point.
  Coordinates random_new(const SearchSpace& space, SearchRandom& random) const;

 private:
  std::set<Coordinates> points_;
};

}  // namespace firesweep
