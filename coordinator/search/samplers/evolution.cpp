#include "coordinator/search/samplers/evolution.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "coordinator/search/samplers/tried.h"
#include "coordinator/search/samplers/variation.h"

namespace firesweep {
namespace {

constexpr int kMutations = 50;

bool is_better(const Observation& a, const Observation& b) {
  if (a.violation != b.violation) return a.violation < b.violation;
  return a.costs.front() < b.costs.front();
}

}  // namespace

Coordinates EvolutionSampler::propose(const SearchSpace& space, History history,
                                      SearchRandom& random) const {
  std::vector<const Observation*> population;
  for (auto one = history.rbegin();
       one != history.rend() && population.size() < options_.population; ++one) {
    if (!one->costs.empty()) population.push_back(&*one);
  }
  // Trials that run count for the beginning, so that many workers do not all begin at random.
  if (history.size() < options_.population || population.empty()) {
    return RandomSampler().propose(space, history, random);
  }
  return Tried(history).first_new(space, random, kMutations, [&] {
    std::vector<const Observation*> left = population;
    const Observation* best = nullptr;
    for (std::size_t i = 0; i < options_.contestants && !left.empty(); ++i) {
      std::swap(left[random.below(left.size())], left.back());
      if (best == nullptr || is_better(*left.back(), *best)) best = left.back();
      left.pop_back();
    }
    return mutate_one(space, best->at, random);
  });
}

}  // namespace firesweep
