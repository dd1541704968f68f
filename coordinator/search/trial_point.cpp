#include "coordinator/search/trial_point.h"

#include <algorithm>
#include <cassert>

#include "shared/domain/conditions.h"
#include "shared/domain/methods.h"
#include "shared/domain/parameter_value.h"
#include "shared/domain/presets.h"

namespace firesweep {

bool shapes_network(std::string_view parameter) {
  return parameter == "variant" || parameter.starts_with(kArchPrefix);
}

TrialSpace::Point::Point(const TrialSpace& space)
    : space_(space),
      values_(space.axes_.size()),
      found_at_(space.axes_.size(), 0),
      digits_(space.axes_.size(), PointGrid::kAbsent) {
  assert(!learns(space.frozen_->spec.method));
}

void TrialSpace::Point::move_to(std::int64_t point) {
  number_ = point;
  place_ = space_.order_ ? space_.order_->at(point) : point;
  ++moves_;
}

const std::optional<Value>& TrialSpace::Point::operator[](std::size_t parameter) {
  if (found_at_[parameter] != moves_) find(parameter);
  return values_[parameter];
}

void TrialSpace::Point::find(std::size_t parameter) {
  const Axis& axis = space_.axes_[parameter];
  std::optional<Value>& value = values_[parameter];
  found_at_[parameter] = moves_;
  if (!space_.grid_) {
    if (exists(axis, *this)) {
      value = space_.drawn_value(axis, number_);
    } else {
      value.reset();
    }
    return;
  }
  const std::int64_t digit = space_.grid_->digit(place_, parameter);
  if (digit == digits_[parameter]) return;
  digits_[parameter] = digit;
  if (digit == PointGrid::kAbsent) {
    value.reset();
  } else {
    value = value_of_digit(axis, digit);
  }
}

const std::vector<std::optional<Value>>& TrialSpace::Point::all() {
  for (std::size_t i = 0; i < values_.size(); ++i) (*this)[i];
  return values_;
}

TrialSpace::PartialConfig::PartialConfig(
    Point& point, const std::function<bool(std::string_view parameter)>& wanted)
    : point_(point), space_(point.space_), config_(space_.frozen_->spec.base) {
  const SweepSpec& spec = space_.frozen_->spec;
  constexpr std::string_view kFollowing[] = {"optimizer", "lr", "weight_decay"};
  defaults_ = wanted("lr") || wanted("weight_decay");
  for (const Axis& axis : space_.axes_) {
    const std::string& name = axis.parameter->name;
    const bool follows = defaults_ && std::ranges::find(kFollowing, name) != std::end(kFollowing);
    if (wanted(name) || follows) parts_.push_back({&axis, firesweep::value_of(config_, name)});
  }
  lr_ = place_of_parameter(spec, "lr");
  weight_decay_ = place_of_parameter(spec, "weight_decay");
}

void TrialSpace::PartialConfig::put(const Part& part) {
  const auto& value = part.value ? part.value : part.usual;
  if (value) {
    apply(*part.axis, *value, config_);
  } else {
    config_.arch_params.erase(part.axis->arch);
  }
}

const TrialConfig& TrialSpace::PartialConfig::read() {
  for (Part& part : parts_) {
    const auto& value = point_[part.axis->index];
    if (part.is_read && part.value == value) continue;
    part.value = value;
    part.is_read = true;
    put(part);
    if (part.axis->shapes) cost_.reset();
  }
  if (!defaults_) return config_;
  const SweepSpec& spec = space_.frozen_->spec;
  const bool lr = spec.lr_follows_optimizer || (lr_ && !point_[*lr_]);
  const bool weight_decay =
      spec.weight_decay_follows_optimizer || (weight_decay_ && !point_[*weight_decay_]);
  if (!lr && !weight_decay) return config_;
  if (lr) config_.lr = spec.base.lr;
  if (weight_decay) config_.weight_decay = spec.base.weight_decay;
  apply_optimizer_defaults(config_, spec.preset, lr, weight_decay, spec.rules);
  return config_;
}

const Cost& TrialSpace::PartialConfig::cost() {
  if (!cost_) cost_ = space_.cost(config_);
  return *cost_;
}

TrialSpace::PointConstraints::PointConstraints(Point& point)
    : constraints_(point.space_.frozen_->spec.constraints), network_(point, shapes_network) {
  for (const Constraint& constraint : constraints_) {
    const std::vector<std::string> names = parameters_of(constraint);
    configs_.emplace_back(point, [&](std::string_view parameter) {
      return std::ranges::find(names, parameter) != names.end();
    });
  }
}

std::optional<std::size_t> TrialSpace::PointConstraints::broken() {
  if (constraints_.empty()) return std::nullopt;
  network_.read();
  for (std::size_t place = 0; place < constraints_.size(); ++place) {
    if (!satisfies(constraints_[place], configs_[place].read(), network_.cost())) return place;
  }
  return std::nullopt;
}

}  // namespace firesweep
