#include "shared/domain/conditions.h"

#include <algorithm>

#include "shared/domain/parameter_value.h"

namespace firesweep {
namespace {

// Walks from parameters to those that their conditions name, depth first.
class Walk {
 public:
  explicit Walk(const SweepSpec& spec)
      : spec_(spec), states_(spec.parameters.size(), State::kUnseen) {}

  // False if a condition leads back to where it began.
  bool visit(std::size_t place) {
    if (states_[place] != State::kUnseen) return states_[place] == State::kListed;
    states_[place] = State::kOnTheWay;
    if (const auto* condition = condition_of(spec_, spec_.parameters[place].name)) {
      for (const Requirement& requirement : condition->where) {
        const auto parent = place_of_parameter(spec_, requirement.name);
        if (parent && !visit(*parent)) return false;
      }
    }
    states_[place] = State::kListed;
    order_.push_back(place);
    return true;
  }

  std::vector<std::size_t>& order() { return order_; }

 private:
  enum class State { kUnseen, kOnTheWay, kListed };

  const SweepSpec& spec_;
  std::vector<State> states_;
  std::vector<std::size_t> order_;
};

}  // namespace

const ParameterCondition* condition_of(const SweepSpec& spec, std::string_view parameter) {
  const auto found = std::ranges::find(spec.conditions, parameter, &ParameterCondition::parameter);
  return found == spec.conditions.end() ? nullptr : &*found;
}

bool may_exist_with(const SweepSpec& spec, std::string_view parameter, std::string_view other,
                    const Value& value) {
  const ParameterCondition* condition = condition_of(spec, parameter);
  if (condition == nullptr) return true;
  const auto asked = std::ranges::find(condition->where, other, &Requirement::name);
  return asked == condition->where.end() ||
         std::ranges::any_of(asked->values,
                             [&](const Value& one) { return same_value(one, value); });
}

std::optional<std::size_t> place_of_parameter(const SweepSpec& spec, std::string_view name) {
  const auto found = std::ranges::find(spec.parameters, name, &Parameter::name);
  if (found == spec.parameters.end()) return std::nullopt;
  return static_cast<std::size_t>(found - spec.parameters.begin());
}

bool always_meets(const SweepSpec& spec, const Requirement& requirement) {
  if (place_of_parameter(spec, requirement.name)) return false;
  const auto fixed = value_of(spec.base, requirement.name);
  return fixed && std::ranges::any_of(requirement.values, [&](const Value& value) {
           return same_value(value, *fixed);
         });
}

std::optional<std::vector<std::size_t>> in_order_of_conditions(const SweepSpec& spec) {
  Walk walk(spec);
  for (std::size_t place = 0; place < spec.parameters.size(); ++place) {
    if (!walk.visit(place)) return std::nullopt;
  }
  return std::move(walk.order());
}

}  // namespace firesweep
