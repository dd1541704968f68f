#include "coordinator/search/race.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "coordinator/search/grouping.h"
#include "coordinator/search/student.h"

namespace firesweep {
namespace {

constexpr std::int64_t kNone = -1;
constexpr std::int64_t kMoreLeaders = 64;  // compared beyond the best K

// Points that may be compared: of one group and one board (shared/domain/results.h).
std::string race_of(const TrialConfig& config, const Racing& rules) {
  std::vector<std::string> common = rules.group_by;
  common.insert(common.end(), {"epochs", "train_size", "test_size", "val_size", "split_seed"});
  return group_of(config, common);
}

struct Mean {
  double mean;
  std::size_t place;  // in the group
};

// The places of those that have a score, the best mean first.
std::vector<Mean> leaders_of(const std::vector<SeedRow>& rows) {
  std::vector<Mean> means;
  for (std::size_t place = 0; place < rows.size(); ++place) {
    double sum = 0;
    std::int64_t count = 0;
    for (const auto& score : rows[place]) {
      sum += score.value_or(0);
      count += score ? 1 : 0;
    }
    if (count > 0) means.push_back({sum / static_cast<double>(count), place});
  }
  std::ranges::stable_sort(means, [](const Mean& a, const Mean& b) { return a.mean > b.mean; });
  return means;
}

// What the scores of a group say of one of its points.
class Judge {
 public:
  Judge(const Racing& rules, std::vector<SeedRow> rows, std::int64_t seeds)
      : rules_(rules), rows_(std::move(rows)), seeds_(seeds), spread_(pooled_spread(rows_)) {
    if (!spread_) return;
    leaders_ = leaders_of(rows_);
    if (const std::int64_t most = rules.top + kMoreLeaders; std::ssize(leaders_) > most) {
      leaders_.resize(static_cast<std::size_t>(most));
    }
    comparisons_ = std::max<std::int64_t>(1, (std::ssize(rows_) - 1) * (seeds - 1));
    bound_ = student_bound(rules.level / static_cast<double>(comparisons_),
                           static_cast<double>(spread_->freedom));
  }

  // Why the point at that place is out; `better` is then a place. Nothing where it may stay.
  std::optional<RaceEvidence> out(std::size_t place) const {
    if (!spread_ || std::ssize(rows_) <= rules_.top) return std::nullopt;
    std::int64_t found = 0;
    double least = 0;  // of the t found
    RaceEvidence evidence;
    for (const Mean& leader : leaders_) {
      if (leader.place == place) continue;
      const Paired pair = paired(rows_[leader.place], rows_[place]);
      if (pair.pairs == 0 || pair.difference <= 0) continue;
      const double t = pair.t(*spread_);
      if (t < bound_) continue;
      if (found++ == 0 || t < least) {
        least = t;
        evidence.better = static_cast<std::int64_t>(leader.place);
        evidence.pairs = pair.pairs;
        evidence.difference = pair.difference;
      }
      if (found == rules_.top) return completed(evidence, least, place, *spread_);
    }
    return std::nullopt;
  }

 private:
  RaceEvidence completed(RaceEvidence evidence, double t, std::size_t place,
                         const Spread& spread) const {
    evidence.seeds =
        std::ranges::count_if(rows_[place], [](const auto& s) { return s.has_value(); });
    evidence.of_seeds = seeds_;
    evidence.top = rules_.top;
    evidence.deviation = spread.deviation;
    evidence.freedom = spread.freedom;
    evidence.p = student_above(t, static_cast<double>(spread.freedom));
    evidence.comparisons = comparisons_;
    evidence.level = rules_.level;
    return evidence;
  }

  const Racing& rules_;
  const std::vector<SeedRow> rows_;
  const std::int64_t seeds_;
  const std::optional<Spread> spread_;
  std::vector<Mean> leaders_;
  std::int64_t comparisons_ = 1;
  double bound_ = 0;
};

}  // namespace

std::size_t Race::round_of_seed(std::int64_t seed) {
  const auto known = std::ranges::find(seeds_, seed);
  if (known == seeds_.end()) {
    seeds_.push_back(seed);
    return seeds_.size() - 1;
  }
  return static_cast<std::size_t>(known - seeds_.begin());
}

void Race::lay(const SweepSpace& space) {
  std::map<std::string, std::size_t> by_key;  // where several files have the same points
  points_.clear();
  groups_.clear();
  for (std::int64_t file = 0; file < space.segments(); ++file) {
    const TrialSpace& own = space.file(file);
    for (const std::int64_t seed : own.frozen().spec.seeds) round_of_seed(seed);
    std::int64_t last_point = kNone;
    std::size_t point = 0;
    for (std::int64_t i = 0; i < own.counts().raw; ++i) {
      const std::int64_t number = space.base(file) + i;
      const auto config = space.config(number);
      if (!config) continue;
      if (std::exchange(last_point, i / own.seed_count()) != i / own.seed_count()) {
        point = points_.size();
        if (space.segments() > 1) {
          const std::string key = training_key(*config, space.architecture(number).hash);
          point = by_key.try_emplace(key, point).first->second;
        }
        if (point == points_.size()) {
          points_.emplace_back();
          groups_[race_of(*config, rules_)].push_back(point);
        }
      }
      Trial& trial = trials_[number];
      trial.point = point;
      trial.round = round_of_seed(config->seed);
    }
  }
  for (Point& point : points_) point.numbers.assign(seeds_.size(), kNone);
  pending_.assign(seeds_.size(), 0);
  for (const auto& [number, trial] : trials_) {
    points_[trial.point].numbers[trial.round] = number;
    if (!trial.ended) ++pending_[trial.round];
  }
  for (const auto& [number, evidence] : out_) points_[trials_.at(number).point].out = evidence;
  changed_ = true;
}

std::vector<std::int64_t> Race::by_round(std::vector<std::int64_t> order) const {
  std::ranges::stable_sort(order, {},
                           [&](std::int64_t number) { return trials_.at(number).round; });
  return order;
}

void Race::note(std::int64_t number, const TrialState& state) {
  const auto known = trials_.find(number);
  if (known == trials_.end()) return;
  Trial& trial = known->second;
  trial.begun = newest_attempt(state) != AttemptNo{};
  const bool ended = is_terminal(state);
  if (ended == trial.ended) return;
  const std::size_t before = round();
  trial.ended = ended;
  pending_[trial.round] += ended ? -1 : 1;
  if (round() != before || !ended) changed_ = true;
}

void Race::score(std::int64_t number, double score) {
  const auto known = trials_.find(number);
  if (known == trials_.end() || !std::isfinite(score)) return;
  known->second.score = score;
  if (known->second.round < round()) changed_ = true;
}

void Race::restore(std::int64_t number, const RaceEvidence& evidence) {
  const auto known = trials_.find(number);
  if (known == trials_.end()) return;
  points_[known->second.point].out = evidence;
  out_[number] = evidence;
}

std::size_t Race::round() const {
  const auto first = std::ranges::find_if(pending_, [](std::int64_t n) { return n > 0; });
  return static_cast<std::size_t>(first - pending_.begin());
}

bool Race::open(std::int64_t number) const { return trials_.at(number).round <= round(); }

bool Race::may_go(const Point& point, std::size_t from) const {
  return std::any_of(point.numbers.begin() + static_cast<std::ptrdiff_t>(from), point.numbers.end(),
                     [&](std::int64_t number) {
                       if (number == kNone) return false;
                       const Trial& trial = trials_.at(number);
                       return !trial.begun && !trial.ended;
                     });
}

void Race::judge(const Group& group, std::size_t round) {
  std::vector<SeedRow> rows;
  rows.reserve(group.size());
  for (const std::size_t one : group) {
    SeedRow row(round);
    for (std::size_t seed = 0; seed < round; ++seed) {
      const std::int64_t number = points_[one].numbers[seed];
      if (number != kNone) row[seed] = trials_.at(number).score;
    }
    rows.push_back(std::move(row));
  }
  const Judge judge(rules_, std::move(rows), std::ssize(seeds_));
  for (std::size_t place = 0; place < group.size(); ++place) {
    Point& point = points_[group[place]];
    if (point.out || !may_go(point, round)) continue;
    point.out = judge.out(place);
    if (!point.out) continue;
    const Point& better = points_[group[static_cast<std::size_t>(point.out->better)]];
    point.out->better =
        *std::ranges::find_if(better.numbers, [](std::int64_t n) { return n != kNone; });
  }
}

std::vector<RacedOut> Race::decide() {
  if (!std::exchange(changed_, false)) return {};
  const std::size_t now = round();
  if (now == pending_.size()) return {};
  if (now > 0) {
    for (const auto& [name, group] : groups_) judge(group, now);
  }
  std::vector<RacedOut> decided;
  for (const auto& [number, trial] : trials_) {
    const auto& out = points_[trial.point].out;
    if (!out || trial.begun || trial.ended) continue;
    decided.push_back({number, *out});
    out_[number] = *out;
  }
  return decided;
}

std::vector<std::int64_t> by_seed(const TrialSpace& space, std::vector<std::int64_t> order) {
  std::ranges::stable_sort(order, {},
                           [&](std::int64_t number) { return number % space.seed_count(); });
  return order;
}

std::int64_t most_raced_out(const TrialSpace& space) {
  const SweepSpec& spec = space.frozen().spec;
  const auto seeds = static_cast<std::int64_t>(spec.seeds.size());
  if (!spec.racing || seeds < 3) return 0;
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> groups;  // points, late trials
  for (std::int64_t first = 0; first < space.counts().raw; first += seeds) {
    const auto config = space.config(first);
    if (!config) continue;
    auto& [points, late] = groups[race_of(*config, *spec.racing)];
    ++points;
    for (std::int64_t seed = 2; seed < seeds; ++seed) late += space.has(first + seed) ? 1 : 0;
  }
  std::int64_t most = 0;
  for (const auto& [name, counts] : groups) {
    most += std::max<std::int64_t>(0, counts.second - spec.racing->top * (seeds - 2));
  }
  return most;
}

}  // namespace firesweep
