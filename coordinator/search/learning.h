// A search that learns: the points it has proposed, what came of them, and the next one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "coordinator/search/samplers/sampler.h"
#include "shared/domain/sweep_spec.h"

namespace firesweep {

// What a search makes better, the first one first. The size is the network's parameters.
enum class Objective { kMetric, kSize };
std::vector<Objective> objectives_of(const SweepSpec& spec);

// Not thread-safe. Copyable. Equal calls in an equal order give equal proposals.
class LearningSearch {
 public:
  // For a spec whose method learns.
  explicit LearningSearch(const SweepSpec& spec);

  const SearchSpace& space() const { return space_; }
  std::int64_t points() const { return static_cast<std::int64_t>(points_.size()); }
  std::int64_t results() const { return results_; }
  // Points without a result that has a score.
  const std::set<std::int64_t>& open() const { return open_; }

  // The next point. `running`: those open points that may still have a result; of the others it is
  // known that they failed. The point is new, and one that `allows`, as long as there is any such;
  // in a space that is not finite, or too large to search, as long as a random one of thousands is.
  // Looks at a bounded part of the results, so that its time does not grow with them.
  using Allows = std::function<bool(const Coordinates&)>;
  Coordinates propose(const std::vector<std::int64_t>& running, const Allows& allows) const;

  // Takes the next point in; it lies in the space.
  void keep(Coordinates at, double size);
  // Takes a result of a point in; it may have several, from several seeds, of which the mean
  // counts. Returns the result's ordinal.
  std::int64_t learn(std::int64_t point, std::optional<double> score);

 private:
  struct Point {
    Coordinates at;
    double size = 0;
    double sum = 0;  // of scores
    std::int64_t scores = 0;
  };

  std::vector<double> costs_of(const Point& point) const;
  std::vector<std::int64_t> remembered() const;
  Coordinates any_new(SearchRandom& random, const Allows& allows) const;

  SearchSpace space_;
  bool searchable_;  // from end to end: it is finite and not too large
  std::int64_t seed_;
  std::vector<Objective> objectives_;
  std::size_t most_failures_;  // that a proposal looks at
  std::shared_ptr<const Sampler> sampler_;
  std::vector<Point> points_;
  std::vector<std::int64_t> finished_;  // points with a score, by their first one
  std::set<std::int64_t> open_;
  std::set<Coordinates> tried_;
  std::int64_t results_ = 0;
};

}  // namespace firesweep
