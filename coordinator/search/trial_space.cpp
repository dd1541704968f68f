#include "coordinator/search/trial_space.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "coordinator/search/draw_rules.h"
#include "coordinator/search/equal_trainings.h"
#include "coordinator/search/hash_set.h"
#include "coordinator/search/network_mistake.h"
#include "coordinator/search/trial_point.h"
#include "coordinator/search/value_hash.h"
#include "shared/domain/dataset_info.h"
#include "shared/domain/methods.h"
#include "shared/domain/parameter_value.h"
#include "shared/domain/presets.h"

namespace firesweep {
namespace {

// Combinations of variant and arch parameters of a grid; with conditions the same network may come
// with many combinations of what they name.
constexpr std::size_t kMaxNetworks = 100'000;
constexpr std::size_t kMaxSamples = 1'000'000;
constexpr std::size_t kMaxResolvedKept = 64;  // trees in the cache

}  // namespace

// Identity of a network within a sweep: variant and arch parameters, unambiguously joined.
std::string TrialSpace::network_key(const TrialConfig& config) {
  std::string key = config.variant;
  for (const auto& [name, value] : config.arch_params) {
    key += '\0';
    key += name;
    key += '\0';
    key += static_cast<char>('0' + value.index());
    key += to_string(value);
  }
  return key;
}

TrialSpace::TrialSpace(std::shared_ptr<const FrozenSweep> frozen)
    : frozen_(std::move(frozen)),
      merges_(frozen_->spec.rules >= kFirstOfTrainings && !written_in_ways(frozen_->spec).empty()) {
}

std::uint64_t TrialSpace::training_of(const TrialConfig& config) const {
  return hash_of(as_trained(config, dataset_info(frozen_->spec.dataset)));
}

Result<TrialSpace> TrialSpace::make(std::shared_ptr<const FrozenSweep> frozen) {
  TrialSpace space(std::move(frozen));
  const Method method = space.frozen_->spec.method;
  auto done = space.lay_axes();
  if (done && method == Method::kGrid) done = space.cost_every_network();
  if (done) {
    done = learns(method)  ? space.plan_proposals()
           : draws(method) ? space.draw_points()
                           : space.scan_grid();
  }
  if (done) done = space.check_anything_left();
  if (done) done = space.check_race();
  if (!done) return tl::unexpected(done.error());
  return space;
}

Result<void> TrialSpace::check_race() const {
  if (!frozen_->spec.racing || counts_.trials <= kMostRacedTrials) return {};
  return fail(ErrorCode::kBadInput, "/racing",
              "found " + std::to_string(counts_.trials) + " trials, expected at most " +
                  std::to_string(kMostRacedTrials) + ", whose points are compared all at once",
              "leave racing out, or make the sweep smaller with run_cap");
}

Result<void> TrialSpace::lay_axes() {
  const SweepSpec& spec = frozen_->spec;
  for (const Parameter& parameter : spec.parameters) {
    Axis axis{&parameter,   find_field(parameter.name), {}, axes_.size(), false,
              axes_.size(), DrawnValues(parameter),     {}, {},           false};
    if (axis.field == nullptr) {
      assert(parameter.name.starts_with(kArchPrefix));
      axis.arch = parameter.name.substr(kArchPrefix.size());
    }
    if (spec.method == Method::kSobol) axis.shares.emplace(parameter);
    axis.shapes = shapes_network(parameter.name);
    axes_.push_back(std::move(axis));
  }
  if (draws(spec.method)) {
    lay_conditions();
    lay_finite_axes();
    if (learns(spec.method)) dimensions_ = dimensions_of(spec);
    return {};
  }
  auto grid = PointGrid::make(spec, kMaxTrials / seed_count());
  if (!grid) return tl::unexpected(grid.error());
  grid_ = std::move(*grid);
  points_ = grid_->points();
  if (!spec.conditions.empty()) {
    counts_.unconditional = grid_->combinations().value_or(0) * seed_count();
  }
  return {};
}

// Walks the grid over the axes that shape the network only.
Result<void> TrialSpace::cost_every_network() {
  std::vector<bool> shaping;
  for (const Axis& axis : axes_) shaping.push_back(axis.shapes);
  const bool blocks = !frozen_->spec.conditions.empty();
  const auto points = grid().samples(shaping, blocks ? kMaxSamples : kMaxNetworks);
  if (!points) {
    return fail(ErrorCode::kBadInput, "/parameters",
                "variant and arch parameters make more than 100,000 networks, expected fewer");
  }
  for (const std::int64_t point : *points) {
    if (auto cost = learn_cost(config_of_point(point)); !cost) return tl::unexpected(cost.error());
  }
  return {};
}

void TrialSpace::read_exclusions(std::vector<Exclusion>& exclusions) const {
  const auto& exclude = frozen_->spec.exclude;
  for (std::size_t place = 0; place < exclude.size(); ++place) {
    Exclusion exclusion{place, {}};
    bool possible = true;
    for (const auto& [name, value] : exclude[place]) {
      const auto axis = std::find_if(axes_.begin(), axes_.end(),
                                     [&](const Axis& a) { return a.parameter->name == name; });
      if (axis != axes_.end()) {
        exclusion.all.push_back({&*axis, &value});
      } else {
        const auto fixed = value_of(frozen_->spec.base, name);
        possible = possible && fixed && same_value(*fixed, value);
      }
    }
    if (possible) exclusions.push_back(std::move(exclusion));
  }
}

Result<void> TrialSpace::scan_grid() {
  const SweepSpec& spec = frozen_->spec;
  counts_.raw = points_ * seed_count();
  counts_.by_exclusion.assign(spec.exclude.size(), 0);
  counts_.by_constraint.assign(spec.constraints.size(), 0);
  std::vector<Exclusion> exclusions;
  read_exclusions(exclusions);
  std::int64_t left = points_;
  HashSet trainings;
  if (merges_ || !exclusions.empty() || !spec.constraints.empty()) {
    cut_.assign(static_cast<std::size_t>(points_), false);
    Point at(*this);
    PartialConfig whole(at, any_parameter);
    PointConstraints constraints(at);
    for (std::int64_t point = 0; point < points_; ++point) {
      if (auto few = count_comparisons(exclusions); !few) return few;
      at.move_to(point);
      const Exclusion* exclusion = excluding(at, exclusions);
      const auto broken = exclusion == nullptr ? constraints.broken() : std::nullopt;
      if (exclusion != nullptr) {
        counts_.excluded += seed_count();
        counts_.by_exclusion[exclusion->place] += seed_count();
      } else if (broken) {
        counts_.constrained += seed_count();
        counts_.by_constraint[*broken] += seed_count();
      } else if (merges_ && !trainings.insert(training_of(whole.read()))) {
        counts_.alike += seed_count();
      } else {
        continue;
      }
      cut_[static_cast<std::size_t>(point)] = true;
      --left;
    }
  }
  const std::int64_t uncapped = left * seed_count();
  counts_.trials = spec.run_cap ? std::min(*spec.run_cap, uncapped) : uncapped;
  counts_.capped = uncapped - counts_.trials;
  end_ = counts_.raw;
  if (counts_.capped == 0) return {};
  std::int64_t kept = 0;
  for (std::int64_t point = 0; point < points_; ++point) {
    if (!cut_.empty() && cut_[static_cast<std::size_t>(point)]) continue;
    if (kept + seed_count() >= counts_.trials) {
      end_ = point * seed_count() + (counts_.trials - kept);
      break;
    }
    kept += seed_count();
  }
  return {};
}

Result<void> TrialSpace::check_anything_left() const {
  if (counts_.trials > 0) return {};
  const SweepSpec& spec = frozen_->spec;
  const bool by_constraints =
      !spec.constraints.empty() && (spec.exclude.empty() || counts_.constrained > counts_.excluded);
  const std::string where = by_constraints         ? "/constraints"
                            : spec.exclude.empty() ? "/parameters"
                                                   : "/exclude";
  std::string constraints;
  for (const Constraint& constraint : spec.constraints)
    constraints += (constraints.empty() ? " (" : ", ") + constraint.text;
  if (!constraints.empty()) constraints += ")";
  return fail(ErrorCode::kBadInput, where,
              "nothing is left to run: of " + std::to_string(counts_.raw) +
                  " trials exclude removes " + std::to_string(counts_.excluded) +
                  " and constraints" + constraints + " remove " +
                  std::to_string(counts_.constrained),
              "let more points through, or leave out what removes most");
}

std::int64_t TrialSpace::seed_count() const {
  return static_cast<std::int64_t>(frozen_->spec.seeds.size());
}

std::int64_t TrialSpace::classes() const { return dataset_info(frozen_->spec.dataset).classes; }

Value TrialSpace::value_of_digit(const Axis& axis, std::int64_t digit) {
  if (const auto* range = std::get_if<IntUniform>(&axis.parameter->domain)) {
    return range->min + digit;
  }
  return std::get<ValueList>(axis.parameter->domain).values[static_cast<std::size_t>(digit)];
}

void TrialSpace::apply(const Axis& axis, Value value, TrialConfig& config) {
  if (axis.field == nullptr) {
    config.arch_params[axis.arch] = std::move(value);
    return;
  }
  const auto set = set_field(config, *axis.field, value, axis.field->name);
  assert(set);
  static_cast<void>(set);
}

TrialConfig TrialSpace::config_of_point(std::int64_t point) const {
  if (learns(frozen_->spec.method)) return proposed_.at(point);
  Point at(*this);
  at.move_to(point);
  return config_with(at.all());
}

TrialConfig TrialSpace::config_with(AxisValues values) const {
  const SweepSpec& spec = frozen_->spec;
  TrialConfig config = spec.base;
  bool lr_open = spec.lr_follows_optimizer;
  bool weight_decay_open = spec.weight_decay_follows_optimizer;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    if (auto& value = values[i]) {
      apply(axes_[i], std::move(*value), config);
    } else {
      lr_open = lr_open || axes_[i].parameter->name == "lr";
      weight_decay_open = weight_decay_open || axes_[i].parameter->name == "weight_decay";
    }
  }
  apply_optimizer_defaults(config, spec.preset, lr_open, weight_decay_open, spec.rules);
  return config;
}

bool TrialSpace::has(std::int64_t number) const {
  if (number < 0 || number >= end_) return false;
  return cut_.empty() || !cut_[static_cast<std::size_t>(number / seed_count())];
}

std::optional<TrialConfig> TrialSpace::config(std::int64_t number) const {
  if (!has(number)) return std::nullopt;
  const bool open = learns(frozen_->spec.method) && !proposed_.contains(number / seed_count());
  if (open) return std::nullopt;
  TrialConfig config = config_of_point(number / seed_count());
  config.seed = frozen_->spec.seeds[static_cast<std::size_t>(number % seed_count())];
  return config;
}

std::optional<std::int64_t> TrialSpace::find(const TrialConfig& config, std::int64_t point) const {
  const SweepSpec& spec = frozen_->spec;
  if (grid_) {
    const auto place = place_of(config);
    if (!place) return std::nullopt;
    point = order_ ? order_->place_of(*place) : *place;
  }
  const auto seed = std::find(spec.seeds.begin(), spec.seeds.end(), config.seed);
  if (seed == spec.seeds.end()) return std::nullopt;
  const std::int64_t number = point * seed_count() + (seed - spec.seeds.begin());
  const auto found = this->config(number);
  return found && *found == config ? std::optional(number) : std::nullopt;
}

// The number that a config has on an axis of whole numbers.
std::optional<std::int64_t> TrialSpace::whole_of(const Axis& axis, const TrialConfig& config) {
  Value value;
  if (axis.field != nullptr) {
    value = get_field(config, *axis.field);
  } else if (const auto known = config.arch_params.find(axis.arch);
             known != config.arch_params.end()) {
    value = known->second;
  }
  const auto* whole = std::get_if<std::int64_t>(&value);
  return whole == nullptr ? std::nullopt : std::optional(*whole);
}

// Where a config stands on the axis of a grid, or of a finite random space.
std::optional<std::int64_t> TrialSpace::digit_of(const Axis& axis, const TrialConfig& config) {
  if (const auto* range = std::get_if<IntUniform>(&axis.parameter->domain)) {
    const auto whole = whole_of(axis, config);
    if (!whole || *whole < range->min || *whole > range->max) return std::nullopt;
    return *whole - range->min;
  }
  const auto size =
      static_cast<std::int64_t>(std::get<ValueList>(axis.parameter->domain).values.size());
  for (std::int64_t digit = 0; digit < size; ++digit) {
    if (has_value(axis, config, digit)) return digit;
  }
  return std::nullopt;
}

bool TrialSpace::has_value(const Axis& axis, const TrialConfig& config, std::int64_t digit) {
  const Value value = value_of_digit(axis, digit);
  if (axis.field != nullptr) return same_value(get_field(config, *axis.field), value);
  const auto known = config.arch_params.find(axis.arch);
  return known != config.arch_params.end() && same_value(known->second, value);
}

// The point of the grid that may have this config.
std::optional<std::int64_t> TrialSpace::place_of(const TrialConfig& config) const {
  std::vector<std::int64_t> digits;
  for (const PointGrid::Dimension& dimension : grid().dimensions()) {
    digits.push_back(PointGrid::kAbsent);
    const auto& zipped = dimension.parameters;
    if (zipped.size() == 1) {
      digits.back() = digit_of(axes_[zipped[0]], config).value_or(PointGrid::kAbsent);
      continue;
    }
    for (std::int64_t digit = 0; digit < dimension.size; ++digit) {
      const bool all = std::all_of(zipped.begin(), zipped.end(), [&](std::size_t axis) {
        return has_value(axes_[axis], config, digit);
      });
      if (!all) continue;
      digits.back() = digit;
      break;
    }
  }
  return grid().point_of(digits);
}

// Of one point more.
Result<void> TrialSpace::count_comparisons(const std::vector<Exclusion>& exclusions) {
  comparisons_ += static_cast<std::int64_t>(exclusions.size() + frozen_->spec.constraints.size());
  if (comparisons_ <= kMaxComparisons) return {};
  return fail(ErrorCode::kBadInput, exclusions.empty() ? "/constraints" : "/exclude",
              "found " + std::to_string(exclusions.size()) + " exclusions and " +
                  std::to_string(frozen_->spec.constraints.size()) +
                  " constraints for very many points, expected at most 200,000,000 comparisons",
              "list fewer values, or leave points out of the lists instead of excluding them");
}

const TrialSpace::Exclusion* TrialSpace::excluding(Point& point,
                                                   const std::vector<Exclusion>& exclusions) const {
  const auto found = std::ranges::find_if(exclusions, [&](const Exclusion& exclusion) {
    return std::ranges::all_of(exclusion.all, [&](const Excluded& excluded) {
      const auto& value = point[excluded.axis->index];
      return value && same_value(*value, *excluded.value);
    });
  });
  return found == exclusions.end() ? nullptr : &*found;
}

std::optional<std::size_t> TrialSpace::broken_constraint(const TrialConfig& config) const {
  const auto& constraints = frozen_->spec.constraints;
  if (constraints.empty()) return std::nullopt;
  const Cost network = cost(config);
  const auto broken = std::ranges::find_if(
      constraints, [&](const Constraint& c) { return !satisfies(c, config, network); });
  if (broken == constraints.end()) return std::nullopt;
  return static_cast<std::size_t>(broken - constraints.begin());
}

Result<ResolvedArchitecture> TrialSpace::resolve_for(const TrialConfig& config,
                                                     double dropout) const {
  const auto found = frozen_->architectures.find(config.variant);
  if (found == frozen_->architectures.end()) {
    return fail(ErrorCode::kBadInput, "/parameters/variant",
                "found \"" + config.variant + "\", of which the sweep has no architecture");
  }
  return resolve(found->second, classes(), config.arch_params, dropout);
}

Result<Cost> TrialSpace::learn_cost(const TrialConfig& config) {
  const std::string key = network_key(config);
  const auto known = costs_.find(key);
  if (known != costs_.end()) return known->second;
  auto resolved = resolve_for(config, -1.0);
  if (!resolved) {
    return tl::unexpected(
        network_mistake(*frozen_, config, classes(), std::move(resolved.error())));
  }
  layers_ += static_cast<std::int64_t>(layer_table(*resolved).size());
  if (layers_ > kMaxLayersOfAll) {
    return fail(ErrorCode::kBadInput, "/parameters",
                "variant and arch parameters make networks of more than 5,000,000 layers together, "
                "expected fewer",
                "list fewer of them");
  }
  return costs_.emplace(key, cost_of(*resolved)).first->second;
}

const ResolvedArchitecture& TrialSpace::architecture(const TrialConfig& config) const {
  const std::string key = network_key(config) + '\0' + to_string(Value(config.dropout));
  const auto known = resolved_.find(key);
  if (known != resolved_.end()) return known->second;
  if (resolved_.size() >= kMaxResolvedKept) resolved_.clear();
  auto resolved = resolve_for(config, config.dropout);
  assert(resolved);
  return resolved_.emplace(key, std::move(*resolved)).first->second;
}

Cost TrialSpace::cost(const TrialConfig& config) const {
  const auto known = costs_.find(network_key(config));
  assert(known != costs_.end());
  return known->second;
}

}  // namespace firesweep
