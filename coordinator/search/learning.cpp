#include "coordinator/search/learning.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "coordinator/search/samplers/evolution.h"
#include "coordinator/search/samplers/gp.h"
#include "coordinator/search/samplers/nsga2.h"
#include "coordinator/search/samplers/tpe.h"
#include "coordinator/search/sweep_dimensions.h"

namespace firesweep {
namespace {

constexpr int kProposals = 16;        // before a point is taken at random
constexpr int kRandomPoints = 4'000;  // before a finite space is searched from end to end
constexpr std::size_t kMostSearched = 1'000'000;
// Results that one proposal looks at: the newest and, by each objective, the best; and the newest
// failures.
constexpr std::size_t kNewest = 200;
constexpr std::size_t kBest = 200;
// From this version of the rules on, kernels of tpe are narrower and old failures are forgotten.
constexpr int kFirstOfNarrowKernels = 5;
constexpr double kFormerWidth = 0.2;
// A process of more points takes longer than 20 ms.
constexpr std::size_t kMostPointsOfGp = 60;

std::shared_ptr<const Sampler> sampler_of(const SweepSpec& spec) {
  const auto number = [&](std::string_view name) {
    return setting_of(spec.method, spec.search, name);
  };
  const auto count = [&](std::string_view name) { return static_cast<std::size_t>(number(name)); };
  switch (spec.method) {
    case Method::kTpe:
      return std::make_shared<TpeSampler>(TpeOptions{
          .startup = count("n_startup_trials"),
          .good_share = number("gamma"),
          .candidates = count("n_ei_candidates"),
          .prior_weight = number("prior_weight"),
          .width = spec.rules < kFirstOfNarrowKernels ? kFormerWidth : TpeOptions{}.width});
    case Method::kEvolution:
      return std::make_shared<EvolutionSampler>(EvolutionOptions{
          .population = count("population_size"), .contestants = count("sample_size")});
    case Method::kNsga2:
      return std::make_shared<Nsga2Sampler>(Nsga2Options{.population = count("population_size"),
                                                         .crossover = number("crossover_prob"),
                                                         .second_change = number("mutation_prob")});
    case Method::kGp:
      return std::make_shared<GpSampler>(
          GpOptions{.startup = count("n_startup_trials"), .most_points = kMostPointsOfGp});
    case Method::kGrid:
    case Method::kRandom:
    case Method::kSobol:
      break;
  }
  assert(false);  // these learn nothing
  return std::make_shared<RandomSampler>();
}

}  // namespace

std::vector<Objective> objectives_of(const SweepSpec& spec) {
  if (spec.method == Method::kNsga2) return {Objective::kMetric, Objective::kSize};
  return {Objective::kMetric};
}

LearningSearch::LearningSearch(const SweepSpec& spec)
    : space_(dimensions_of(spec).space),
      searchable_(size_of(space_, kMostSearched).has_value()),
      seed_(spec.search_seed),
      objectives_(objectives_of(spec)),
      most_failures_(spec.rules < kFirstOfNarrowKernels ? std::numeric_limits<std::size_t>::max()
                                                        : kNewest),
      sampler_(sampler_of(spec)) {
  assert(spec.maximize);
}

void LearningSearch::keep(Coordinates at, double size) {
  open_.insert(points());
  tried_.insert(at);
  points_.push_back({std::move(at), size, 0, 0});
}

std::int64_t LearningSearch::learn(std::int64_t point, std::optional<double> score) {
  ++results_;
  if (!score || !std::isfinite(*score)) return results_;
  Point& known = points_.at(static_cast<std::size_t>(point));
  known.sum += *score;
  if (++known.scores > 1) return results_;
  finished_.push_back(point);
  open_.erase(point);
  return results_;
}

std::vector<double> LearningSearch::costs_of(const Point& point) const {
  std::vector<double> costs;
  for (const Objective objective : objectives_) {
    const double score = point.sum / static_cast<double>(point.scores);
    costs.push_back(objective == Objective::kMetric ? -score : point.size);
  }
  return costs;
}

// Finished points that a proposal looks at, in their order.
std::vector<std::int64_t> LearningSearch::remembered() const {
  if (finished_.size() <= kNewest + kBest) return finished_;
  struct Entry {
    std::size_t place = 0;
    std::vector<double> costs;
  };
  std::vector<Entry> entries;
  entries.reserve(finished_.size());
  for (std::size_t i = 0; i < finished_.size(); ++i) {
    entries.push_back({i, costs_of(points_[static_cast<std::size_t>(finished_[i])])});
  }
  std::set<std::size_t> chosen;
  for (std::size_t i = finished_.size() - kNewest; i < finished_.size(); ++i) chosen.insert(i);
  const std::size_t best = kBest / objectives_.size();
  for (std::size_t k = 0; k < objectives_.size(); ++k) {
    std::ranges::stable_sort(entries, {}, [k](const Entry& one) { return one.costs[k]; });
    for (std::size_t i = 0; i < best; ++i) chosen.insert(entries[i].place);
  }
  if (objectives_.size() == 2) {
    // Sorted by size: the front is what beats all smaller ones.
    double least = std::numeric_limits<double>::infinity();
    std::size_t kept = 0;
    for (const Entry& one : entries) {
      if (!(one.costs[0] < least)) continue;
      least = one.costs[0];
      if (++kept > kBest) break;
      chosen.insert(one.place);
    }
  }
  std::vector<std::int64_t> points;
  for (const std::size_t place : chosen) points.push_back(finished_[place]);
  return points;
}

Coordinates LearningSearch::propose(const std::vector<std::int64_t>& running,
                                    const Allows& allows) const {
  std::vector<Observation> history;
  for (const std::int64_t point : remembered()) {
    const Point& known = points_[static_cast<std::size_t>(point)];
    history.push_back({.at = known.at, .costs = costs_of(known)});
  }
  // Of those that failed, the newest.
  const std::size_t failed = open_.size() - std::min(running.size(), open_.size());
  std::size_t left_out = failed - std::min(failed, most_failures_);
  for (const std::int64_t point : open_) {
    const bool runs = std::ranges::binary_search(running, point);
    if (!runs && left_out > 0) {
      --left_out;
      continue;
    }
    history.push_back({.at = points_[static_cast<std::size_t>(point)].at, .running = runs});
  }
  SearchRandom random(seed_, points());
  for (int i = 0; i < kProposals; ++i) {
    Coordinates at = sampler_->propose(space_, history, random);
    if (!tried_.contains(at) && allows(at)) return at;
    history.push_back({.at = std::move(at), .violation = 1});
  }
  return any_new(random, allows);
}

Coordinates LearningSearch::any_new(SearchRandom& random, const Allows& allows) const {
  std::optional<Coordinates> allowed;
  for (int i = 0; i < kRandomPoints; ++i) {
    Coordinates at = random_point(space_, random);
    if (!allows(at)) continue;
    if (!tried_.contains(at)) return at;
    allowed = std::move(at);
  }
  if (searchable_) {
    std::optional<Coordinates> fresh;
    each_point(space_, [&](const Coordinates& at) {
      if (!tried_.contains(at) && allows(at)) fresh = at;
      return !fresh;
    });
    if (fresh) return *std::move(fresh);
  }
  return allowed           ? *std::move(allowed)
         : points_.empty() ? random_point(space_, random)
                           : points_.front().at;
}

}  // namespace firesweep
