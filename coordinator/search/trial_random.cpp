// The points of methods random and sobol.
#include <algorithm>
#include <cassert>
#include <limits>
#include <unordered_set>

#include "coordinator/search/draw_rules.h"
#include "coordinator/search/hash_set.h"
#include "coordinator/search/samplers/sobol.h"
#include "coordinator/search/trial_point.h"
#include "coordinator/search/value_hash.h"
#include "shared/domain/conditions.h"
#include "shared/domain/distributions.h"

namespace firesweep {
namespace {

constexpr std::int64_t kMaxDrawsPerTrial = 100;   // points drawn for one that is left
constexpr std::int64_t kAlwaysDrawn = 1'000'000;  // of finitely many: they are cheap to look at
constexpr std::int64_t kMostPlaces = std::int64_t{1} << 62;

bool weighted(const Parameter& parameter) {
  const auto* list = std::get_if<ValueList>(&parameter.domain);
  return list != nullptr && !list->probabilities.empty();
}

// Whether some of its values are never drawn.
bool has_impossible(const Parameter& parameter) {
  return weighted(parameter) &&
         std::ranges::count(std::get<ValueList>(parameter.domain).probabilities, 0.0) > 0;
}

// Values that may be drawn at all.
std::int64_t possible_of(const Domain& domain, std::int64_t size) {
  const auto* list = std::get_if<ValueList>(&domain);
  if (list == nullptr || list->probabilities.empty()) return size;
  return std::count_if(list->probabilities.begin(), list->probabilities.end(),
                       [](double probability) { return probability > 0; });
}

}  // namespace

// Which axes draw before which, and as whom.
void TrialSpace::lay_conditions() {
  const SweepSpec& spec = frozen_->spec;
  drawn_ = in_order_of_conditions(spec).value_or(std::vector<std::size_t>{});
  for (const auto& names : spec.zip) {
    for (Axis& axis : axes_) {
      if (std::ranges::find(names, axis.parameter->name) != names.end()) {
        axis.drawn_by = place_of_parameter(spec, names.front()).value_or(axis.index);
        axis.draws = DrawnValues(*axis.parameter, names.front());
      }
    }
  }
  for (Axis& axis : axes_) {
    const ParameterCondition* condition = condition_of(spec, axis.parameter->name);
    if (condition == nullptr) continue;
    for (const Requirement& requirement : condition->where) {
      if (const auto other = place_of_parameter(spec, requirement.name)) {
        axis.needs.emplace_back(*other, &requirement);
      } else {
        axis.never = axis.never || !always_meets(spec, requirement);
      }
    }
  }
}

void TrialSpace::lay_finite_axes() {
  const SweepSpec& spec = frozen_->spec;
  if (spec.rules < kFirstOfFiniteSpaces) return;
  const bool finite = std::all_of(axes_.begin(), axes_.end(), [](const Axis& axis) {
    return size_of(axis.parameter->domain).has_value();
  });
  if (!finite) return;
  auto grid = PointGrid::make(spec, kMostPlaces);
  if (!grid) return;
  const bool even = spec.method == Method::kRandom &&
                    std::none_of(spec.parameters.begin(), spec.parameters.end(), weighted);
  if (even && spec.conditions.empty()) {
    grid_ = std::move(*grid);
    counts_.possible = grid_->points();
    order_.emplace(counts_.possible, spec.search_seed);
    return;
  }
  const bool all = std::none_of(spec.parameters.begin(), spec.parameters.end(), has_impossible);
  if (all) {
    counts_.possible = grid->points();
  } else if (spec.conditions.empty()) {
    counts_.possible = 1;
    for (const PointGrid::Dimension& dimension : grid->dimensions()) {
      counts_.possible *=
          possible_of(axes_[dimension.parameters[0]].parameter->domain, dimension.size);
    }
  }
}

std::int64_t TrialSpace::most_draws() const {
  const std::int64_t wanted = frozen_->spec.run_cap.value_or(1);
  const std::int64_t most = std::min(kMaxTrials, (wanted / seed_count() + 1) * kMaxDrawsPerTrial);
  return order_ ? std::min(std::max(most, kAlwaysDrawn), counts_.possible) : most;
}

// Of a point that is drawn parameter by parameter and has the axis.
Value TrialSpace::drawn_value(const Axis& axis, std::int64_t point) const {
  const SweepSpec& spec = frozen_->spec;
  if (!axis.shares) return axis.draws.at(spec.search_seed, point);
  return axis.shares->at(sobol_coordinate(static_cast<std::uint32_t>(point), axis.drawn_by,
                                          static_cast<std::uint64_t>(spec.search_seed)));
}

// An axis of real numbers that every point has: they are hardly ever equal. The one whose values
// are found most cheaply.
std::optional<std::size_t> TrialSpace::teller(
    const std::function<bool(std::string_view parameter)>& may_tell) const {
  if (grid_) return std::nullopt;
  const auto rank = [&](const Axis& axis) {
    return std::pair(!tells_all(axis.index), axis.parameter->domain.index());
  };
  const Axis* best = nullptr;
  for (const Axis& axis : axes_) {
    const Domain& domain = axis.parameter->domain;
    const bool real = !std::holds_alternative<ValueList>(domain) &&
                      !std::holds_alternative<IntUniform>(domain) &&
                      !std::holds_alternative<Quantized>(domain);
    if (!real || axis.never || !axis.needs.empty() || !may_tell(axis.parameter->name)) continue;
    if (best == nullptr || rank(axis) < rank(*best)) best = &axis;
  }
  return best == nullptr ? std::nullopt : std::optional(best->index);
}

// Sobol's points have a multiple of 2^-32 of their own each on every axis.
bool TrialSpace::tells_all(std::size_t axis) const {
  const auto& shares = axes_[axis].shares;
  return shares && shares->are_all_different();
}

bool TrialSpace::are_told_apart(const std::function<bool(std::string_view parameter)>& may_tell,
                                std::int64_t most) const {
  const auto axis = teller(may_tell);
  if (!axis) return false;
  if (tells_all(*axis)) return true;
  HashSet seen;
  Point point(*this);
  for (std::int64_t number = 0; number < end_ && static_cast<std::int64_t>(seen.size()) < most;
       number += seed_count()) {
    if (!has(number)) continue;
    point.move_to(number / seed_count());
    const auto& value = point[*axis];
    if (value && !seen.insert(hash_of(*value))) return false;
  }
  return true;
}

// Tells whether a point was drawn before: by one value as long as that tells all apart, then by
// all values.
class TrialSpace::DrawnPoints {
 public:
  DrawnPoints(Point& point, std::optional<std::size_t> teller) : point_(point), teller_(teller) {}

  // Whether point `number`, where the point is, is new. Points come in their order.
  bool insert(std::int64_t number) {
    if (hashes_.insert(hash())) return true;
    if (!teller_) return false;
    teller_.reset();
    hashes_ = HashSet();
    for (std::int64_t before = 0; before < number; ++before) {
      point_.move_to(before);
      hashes_.insert(hash());
    }
    point_.move_to(number);
    return hashes_.insert(hash());
  }

  std::int64_t different() const { return static_cast<std::int64_t>(hashes_.size()); }

 private:
  std::uint64_t hash() {
    if (!teller_) return hash_of(point_.all());
    const auto& value = point_[*teller_];
    return value ? hash_of(*value) : 0;
  }

  Point& point_;
  std::optional<std::size_t> teller_;
  HashSet hashes_;
};

// Whether points are compared with those drawn before.
bool TrialSpace::are_compared() const {
  if (order_) return false;  // none can be drawn twice
  const auto axis = teller(any_parameter);
  if (axis && tells_all(*axis)) return false;  // likewise
  const int rules = frozen_->spec.rules;
  return rules >= kFirstWithoutRepeats || (rules >= kFirstOfFiniteSpaces && counts_.possible > 0);
}

Result<std::int64_t> TrialSpace::trials_to_draw() const {
  const std::int64_t wanted = frozen_->spec.run_cap.value_or(1);
  if (wanted <= kMaxTrials) return wanted;
  return fail(ErrorCode::kBadInput, "/run_cap",
              "found " + std::to_string(wanted) + ", expected at most 10,000,000");
}

// The network that a point's values make, by what shapes it.
std::string TrialSpace::network_of(Point& point) const {
  std::string key;
  for (const Axis& axis : axes_) {
    if (!axis.shapes) continue;
    const auto& value = point[axis.index];
    if (value) (key += static_cast<char>('1' + value->index())) += to_string(*value);
    key += '\0';
  }
  return key;
}

Result<void> TrialSpace::draw_points() {
  const auto wanted = trials_to_draw();
  if (!wanted) return tl::unexpected(wanted.error());
  std::vector<Exclusion> exclusions;
  read_exclusions(exclusions);
  counts_.by_exclusion.assign(frozen_->spec.exclude.size(), 0);
  counts_.by_constraint.assign(frozen_->spec.constraints.size(), 0);
  const auto cut = [&](std::int64_t& counter) {
    cut_.resize(static_cast<std::size_t>(points_), false);
    cut_.push_back(true);
    counter += seed_count();
  };
  const bool compared = are_compared();
  Point point(*this);
  PartialConfig network(point, shapes_network);
  PartialConfig whole(point, any_parameter);
  PointConstraints constraints(point);
  DrawnPoints drawn(point, teller(any_parameter));
  HashSet trainings;
  std::unordered_set<std::string> networks;
  const std::int64_t most = most_draws();
  for (; counts_.trials < *wanted && points_ < most; ++points_) {
    if (drawn.different() > 0 && drawn.different() == counts_.possible) break;
    point.move_to(points_);
    if (compared && !drawn.insert(points_)) {
      cut(counts_.repeated);
      continue;
    }
    if (auto few = count_comparisons(exclusions); !few) return few;
    if (const Exclusion* exclusion = excluding(point, exclusions)) {
      cut(counts_.excluded);
      counts_.by_exclusion[exclusion->place] += seed_count();
      continue;
    }
    if (networks.insert(network_of(point)).second) {
      if (auto known = learn_cost(network.read()); !known) return tl::unexpected(known.error());
    }
    if (const auto broken = constraints.broken()) {
      cut(counts_.constrained);
      counts_.by_constraint[*broken] += seed_count();
      continue;
    }
    if (merges_ && !trainings.insert(training_of(whole.read()))) {
      cut(counts_.alike);
      continue;
    }
    counts_.trials += seed_count();
  }
  if (!cut_.empty()) cut_.resize(static_cast<std::size_t>(points_), false);
  counts_.raw = points_ * seed_count();
  // Only the last point's seeds may go beyond the cap.
  counts_.capped = std::max<std::int64_t>(0, counts_.trials - *wanted);
  counts_.trials -= counts_.capped;
  end_ = counts_.raw - counts_.capped;
  if (merges_) counts_.possible = 0;
  return {};
}

}  // namespace firesweep
