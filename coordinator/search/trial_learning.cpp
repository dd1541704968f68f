// The points of methods that learn: how many there may be, and those that were put in.
#include <algorithm>
#include <cassert>
#include <map>
#include <optional>

#include "coordinator/search/coordinates.h"
#include "coordinator/search/draw_rules.h"
#include "coordinator/search/hash_set.h"
#include "coordinator/search/network_mistake.h"
#include "coordinator/search/samplers/sobol.h"
#include "coordinator/search/trial_space.h"
#include "shared/domain/parameter_value.h"
#include "shared/domain/presets.h"

namespace firesweep {
namespace {

constexpr std::size_t kMostCounted = 20'000;  // points of a space that are looked at one by one
constexpr std::int64_t kLooks = 2'000;        // for a point that may be trained at all
constexpr std::int64_t kCountedLooks = 256;   // at a space whose points cannot be counted
constexpr std::int64_t kLeastOfNetworks = 1;  // percent of a variant's points

}  // namespace

// Of a space with few points it is known how many may be trained.
Result<void> TrialSpace::plan_proposals() {
  const auto wanted = trials_to_draw();
  if (!wanted) return tl::unexpected(wanted.error());
  points_ = (*wanted + seed_count() - 1) / seed_count();
  const auto size = firesweep::size_of(dimensions_.space, kMostCounted);
  if (size) {
    counts_.possible = static_cast<std::int64_t>(*size);
    std::int64_t allowed = 0;
    HashSet trainings;
    each_point(dimensions_.space, [&](const Coordinates& at) {
      const Values values = values_at(at);
      if (!allows(values)) return true;
      const bool is_new = !merges_ || trainings.insert(training_of(values));
      ++(is_new ? allowed : counts_.alike);
      return true;
    });
    counts_.constrained = (counts_.possible - allowed - counts_.alike) * seed_count();
    counts_.alike *= seed_count();
    counts_.raw = counts_.possible * seed_count();
    counts_.possible = allowed;
    points_ = std::min(points_, allowed);
  } else {
    const Looks looks = look_at_points();
    if (auto fit = check_that_variants_fit(looks); !fit) return fit;
    end_with_the_trainings(looks);
    if (sample(1).empty()) {
      counts_.raw = kLooks * seed_count();
      counts_.constrained = counts_.raw;
      points_ = 0;
    }
  }
  if (points_ == 0) return {};
  counts_.raw = points_ * seed_count();
  counts_.trials = std::min(*wanted, counts_.raw);
  end_ = counts_.trials;
  return {};
}

TrialSpace::Looks TrialSpace::look_at_points() const {
  const bool counts = frozen_->spec.rules >= kFirstOfCountedTrainings;
  const auto seed = static_cast<std::uint64_t>(frozen_->spec.search_seed);
  Looks looks;
  std::size_t fitting = 0;  // variants
  for (std::uint32_t i = 0; i < (counts ? kCountedLooks : kLooks); ++i) {
    const Values values = values_at(sobol_point(dimensions_.space, i, seed));
    const auto config = config_with(values);
    if (!config || is_excluded(values, *config)) continue;
    VariantLooks& variant = looks.variants[config->variant];
    ++variant.points;
    if (cost_if_it_fits(*config) == nullptr) {
      if (!variant.misfit) variant.misfit = *config;
      continue;
    }
    if (++variant.networks == 1) ++fitting;
    if (!counts && fitting == frozen_->architectures.size()) break;  // nothing else is asked
    if (!broken_constraint(*config)) ++looks.trainings[training_of(*config)];
  }
  return looks;
}

// A variant whose networks hardly ever resolve would leave points of which nobody is told.
Result<void> TrialSpace::check_that_variants_fit(const Looks& looks) const {
  const int rules = frozen_->spec.rules;
  if (rules < kFirstOfRefusedNetworks) return {};
  const std::int64_t least = rules < kFirstOfCountedTrainings ? 0 : kLeastOfNetworks;
  for (const auto& [name, variant] : looks.variants) {
    if (!variant.misfit || variant.networks * 100 > variant.points * least) continue;
    auto resolved = resolve_for(*variant.misfit, -1.0);
    assert(!resolved);
    Error error =
        network_mistake(*frozen_, *variant.misfit, classes(), std::move(resolved.error()));
    if (variant.networks > 0) {
      error.what += "; of " + std::to_string(variant.points) + " points of this variant " +
                    std::to_string(variant.networks) + " have a network";
    }
    return tl::unexpected(std::move(error));
  }
  return {};
}

// A range may hold few trainings, as of a val_size that is rounded to images. Where each that was
// met was met again, there are no others: what was not met yet has the share of what was met once
// (Good, The population frequencies of species, Biometrika 40, 1953).
void TrialSpace::end_with_the_trainings(const Looks& looks) {
  if (frozen_->spec.rules < kFirstOfCountedTrainings || looks.trainings.empty()) return;
  const auto again = [](const auto& met) { return met.second > 1; };
  if (!std::ranges::all_of(looks.trainings, again)) return;
  const auto trainings = static_cast<std::int64_t>(looks.trainings.size());
  if (trainings < points_) counts_.possible = points_ = trainings;
}

TrialSpace::Values TrialSpace::values_at(const Coordinates& at) const {
  Values values;
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (at[i] == kAbsent) continue;
    for (const std::size_t place : dimensions_.parameters[i]) {
      const Parameter& parameter = *axes_[place].parameter;
      values.emplace(parameter.name, firesweep::value_at(parameter, dimensions_.space[i], at[i]));
    }
  }
  return values;
}

Result<TrialConfig> TrialSpace::config_with(const Values& values) const {
  TrialConfig config = frozen_->spec.base;
  AxisValues known(axes_.size());
  std::size_t expected = 0, found = 0;
  for (const std::size_t place : drawn_) {
    const Axis& axis = axes_[place];
    if (!exists(axis, known)) continue;
    ++expected;
    const auto value = values.find(axis.parameter->name);
    if (value == values.end()) continue;
    ++found;
    known[place] = value->second;
    if (axis.field == nullptr) continue;
    if (auto set = set_field(config, *axis.field, value->second, axis.field->name); !set) {
      return tl::unexpected(std::move(set.error()));
    }
  }
  if (found != expected || found != values.size()) {
    return fail(ErrorCode::kBadInput, "point",
                "found " + std::to_string(values.size()) +
                    " values, expected one for each of the sweep's " + std::to_string(expected) +
                    " parameters that exist there");
  }
  return config_with(std::move(known));
}

std::uint64_t TrialSpace::training_of(const Values& values) const {
  const auto config = config_with(values);
  assert(config);
  return training_of(*config);
}

bool TrialSpace::allows(const Values& values) const {
  const auto config = config_with(values);
  return config && allows(values, *config);
}

bool TrialSpace::allows(const Values& values, const TrialConfig& config) const {
  if (is_excluded(values, config)) return false;
  return cost_if_it_fits(config) != nullptr && !broken_constraint(config);
}

// What is excluded names a parameter's value where it exists, not its default elsewhere.
bool TrialSpace::is_excluded(const Values& values, const TrialConfig& config) const {
  const auto has_value = [&](const auto& entry) {
    const auto& [name, value] = entry;
    if (axis_named(name) != nullptr) {
      const auto own = values.find(name);
      return own != values.end() && same_value(own->second, value);
    }
    const auto known = value_of(config, name);
    return known && same_value(*known, value);
  };
  return std::ranges::any_of(frozen_->spec.exclude, [&](const auto& point) {
    return std::ranges::all_of(point, has_value);
  });
}

const Cost* TrialSpace::cost_if_it_fits(const TrialConfig& config) const {
  std::string key = network_key(config);
  if (const auto known = costs_.find(key); known != costs_.end()) return &known->second;
  const auto resolved = resolve_for(config, -1.0);
  if (!resolved) return nullptr;
  return &costs_.emplace(std::move(key), cost_of(*resolved)).first->second;
}

Result<void> TrialSpace::put(std::int64_t point, const Values& values) {
  auto config = config_with(values);
  if (!config) return tl::unexpected(std::move(config.error()));
  if (cost_if_it_fits(*config) == nullptr) {
    return fail(ErrorCode::kBadInput, "point " + std::to_string(point),
                "its architecture does not resolve");
  }
  proposed_.insert_or_assign(point, std::move(*config));
  return {};
}

void TrialSpace::adopt_points(const TrialSpace& from) {
  proposed_ = from.proposed_;
  costs_.insert(from.costs_.begin(), from.costs_.end());
}

std::vector<TrialConfig> TrialSpace::sample(std::int64_t most) const {
  std::vector<TrialConfig> configs;
  const auto seed = static_cast<std::uint64_t>(frozen_->spec.search_seed);
  for (std::uint32_t i = 0; i < kLooks && static_cast<std::int64_t>(configs.size()) < most; ++i) {
    const Values values = values_at(sobol_point(dimensions_.space, i, seed));
    auto config = config_with(values);
    if (!config || !allows(values, *config)) continue;
    config->seed = frozen_->spec.seeds.front();
    configs.push_back(std::move(*config));
  }
  return configs;
}

std::vector<std::int64_t> TrialSpace::in_order(const std::vector<bool>& skipped) const {
  std::vector<std::int64_t> numbers;
  for (std::int64_t number = 0; number < end_; ++number) {
    if (wants(number, skipped)) numbers.push_back(number);
  }
  return numbers;
}

}  // namespace firesweep
