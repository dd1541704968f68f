#include "coordinator/search/samplers/nsga2.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "coordinator/search/samplers/tried.h"
#include "coordinator/search/samplers/variation.h"

namespace firesweep {
namespace {

constexpr int kOffspringTries = 50;

// Constrained domination.
bool dominates(const Observation& a, const Observation& b) {
  if (a.violation != b.violation) return a.violation < b.violation;
  bool better = false;
  for (std::size_t i = 0; i < a.costs.size(); ++i) {
    if (a.costs[i] > b.costs[i]) return false;
    better = better || a.costs[i] < b.costs[i];
  }
  return better;
}

// Sets the distances within one front.
void set_crowding(std::span<Ranked> front) {
  const std::size_t objectives = front.front().observation->costs.size();
  for (std::size_t k = 0; k < objectives; ++k) {
    const auto cost = [k](const Ranked& one) { return one.observation->costs[k]; };
    std::ranges::stable_sort(front, {}, cost);
    const double range = cost(front.back()) - cost(front.front());
    front.front().crowding = front.back().crowding = std::numeric_limits<double>::infinity();
    if (!(range > 0)) continue;
    for (std::size_t i = 1; i + 1 < front.size(); ++i) {
      front[i].crowding += (cost(front[i + 1]) - cost(front[i - 1])) / range;
    }
  }
}

const Ranked& best_of_two(std::span<const Ranked> population, SearchRandom& random) {
  const std::size_t a = random.below(population.size());
  const std::size_t b = random.below(population.size());
  return population[std::min(a, b)];
}

}  // namespace

std::vector<Ranked> rank_by_domination(History history) {
  std::vector<const Observation*> left;
  for (const Observation& one : history) {
    if (!one.costs.empty()) left.push_back(&one);
  }
  std::vector<Ranked> ranked;
  for (std::size_t front = 0; !left.empty(); ++front) {
    std::vector<const Observation*> dominated;
    const std::size_t begin = ranked.size();
    for (const Observation* one : left) {
      const bool beaten = std::ranges::any_of(
          left, [&](const Observation* other) { return dominates(*other, *one); });
      if (beaten) {
        dominated.push_back(one);
      } else {
        ranked.push_back({one, front, 0});
      }
    }
    const std::span members(ranked.begin() + static_cast<std::ptrdiff_t>(begin), ranked.end());
    set_crowding(members);
    std::ranges::stable_sort(members, std::greater<>(), &Ranked::crowding);
    left = std::move(dominated);
  }
  return ranked;
}

Coordinates Nsga2Sampler::propose(const SearchSpace& space, History history,
                                  SearchRandom& random) const {
  std::vector<Ranked> population = rank_by_domination(history);
  if (history.size() < options_.population || population.empty()) {
    return RandomSampler().propose(space, history, random);
  }
  population.resize(std::min(population.size(), options_.population));
  return Tried(history).first_new(space, random, kOffspringTries, [&] {
    const Coordinates& a = best_of_two(population, random).observation->at;
    Coordinates child = a;
    if (random.unit() < options_.crossover) {
      child = cross(space, a, best_of_two(population, random).observation->at, random);
    }
    do {
      child = mutate_one(space, std::move(child), random);
    } while (random.unit() < options_.second_change);
    return child;
  });
}

}  // namespace firesweep
