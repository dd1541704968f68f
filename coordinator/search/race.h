// Racing over seeds: a point's next seed is started only while the point can still be among the
// best K of its group, as irace races configurations over instances (Birattari et al., GECCO 2002;
// López-Ibáñez et al., Operations Research Perspectives 3, 2016).
//
// The seeds are the rounds. A round begins when every trial of the rounds before it has ended; then
// each point is judged once by the scores of these. A point is raced out where at least K others of
// its group are better: each by a one-sided paired t-test over the seeds that both have, with the
// deviation of a single score pooled over the group (seed_blocks.h), since two seeds say little of
// their own spread. Of the irace package this is the test "t-test-bonferroni": the level is divided
// among the other points of the group and the rounds in which a point is judged. So a point that
// belongs to the best K is raced out with a chance of at most the level, where errors are normal
// and of one deviation. Only the leaders by mean are compared, which can keep a point and never
// costs it its place. What is raced out stays out, also when seeds are added.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/search/seed_blocks.h"
#include "coordinator/search/sweep_space.h"
#include "shared/domain/evidence.h"
#include "shared/domain/racing.h"
#include "shared/domain/trial_state.h"

namespace firesweep {

struct RacedOut {
  std::int64_t number = 0;  // of the trial
  RaceEvidence evidence;
  friend bool operator==(const RacedOut&, const RacedOut&) = default;
};

// Not thread-safe. Copyable. What it decides is a function of the trials' states and scores, so it
// is made again from what was stored.
class Race {
 public:
  explicit Race(Racing rules) : rules_(std::move(rules)) {}

  // Takes in the trials of the space, which may have grown; trials that it knows stay as they are.
  void lay(const SweepSpace& space);
  // The numbers by round, each round in their order.
  std::vector<std::int64_t> by_round(std::vector<std::int64_t> order) const;

  // What is said of numbers that were not laid is ignored.
  // The trial's state has come to be this.
  void note(std::int64_t number, const TrialState& state);
  // Of a trial with a result. Larger is better; what is not finite is no score.
  void score(std::int64_t number, double score);
  // The trial was raced out, and with it its point.
  void restore(std::int64_t number, const RaceEvidence& evidence);

  // The trial's round has begun. Of a trial that was laid.
  bool open(std::int64_t number) const;
  // Trials that are not to be started: the untouched ones of points that are out, by number. Each
  // is told as long as note() does not say that it has ended; quick where nothing has changed.
  std::vector<RacedOut> decide();

 private:
  struct Trial {
    std::size_t point = 0;
    std::size_t round = 0;
    bool begun = false;
    bool ended = false;
    std::optional<double> score = {};
  };
  struct Point {
    std::vector<std::int64_t> numbers;  // by round; kNone: no such trial
    std::optional<RaceEvidence> out = {};
  };
  using Group = std::vector<std::size_t>;  // points

  std::size_t round() const;  // the newest that has begun
  std::size_t round_of_seed(std::int64_t seed);
  bool may_go(const Point& point, std::size_t from) const;
  void judge(const Group& group, std::size_t round);

  Racing rules_;
  std::vector<std::int64_t> seeds_;  // by round
  std::vector<Point> points_;
  std::map<std::string, Group> groups_;
  std::map<std::int64_t, Trial> trials_;      // by number
  std::vector<std::int64_t> pending_;         // trials that have not ended, by round
  std::map<std::int64_t, RaceEvidence> out_;  // trials
  bool changed_ = false;
};

// The trials of one file, which are in this order, as racing dispatches them: seed by seed. Pure.
std::vector<std::int64_t> by_seed(const TrialSpace& space, std::vector<std::int64_t> order);

// The most trials that racing can save: with two seeds each point has a spread, and the best K of
// each group keep all. 0 for a sweep without racing. Pure.
std::int64_t most_raced_out(const TrialSpace& space);

}  // namespace firesweep
