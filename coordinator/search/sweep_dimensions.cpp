#include "coordinator/search/sweep_dimensions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "coordinator/search/coordinates.h"
#include "coordinator/search/draw_rules.h"
#include "shared/domain/conditions.h"

namespace firesweep {
namespace {

// The parameters that are varied together with one: itself, or its zip.
std::vector<std::size_t> zipped_with(const SweepSpec& spec, std::size_t place) {
  std::vector<std::size_t> places;
  for (const auto& names : spec.zip) {
    if (std::ranges::find(names, spec.parameters[place].name) == names.end()) continue;
    for (const std::string& name : names) {
      if (const auto member = place_of_parameter(spec, name)) places.push_back(*member);
    }
  }
  return places.empty() ? std::vector{place} : places;
}

Dimension one_of_all(const SweepSpec& spec, const std::vector<std::size_t>& places) {
  const Parameter& first = spec.parameters[places.front()];
  Dimension dimension =
      spec.rules < kFirstOfSteps ? dimension_of(first) : stepped_dimension_of(first);
  for (const std::size_t place : places) {
    if (dimension_of(spec.parameters[place]).kind == Dimension::Kind::kOrdered) continue;
    if (places.size() > 1) dimension.kind = Dimension::Kind::kCategorical;
  }
  return dimension;
}

class Layout {
 public:
  explicit Layout(const SweepSpec& spec)
      : spec_(spec), dimension_of_(spec.parameters.size()), never_(spec.parameters.size(), false) {}

  void add(std::size_t place) {
    if (dimension_of_[place]) return;
    const std::vector<std::size_t> places = zipped_with(spec_, place);
    Dimension dimension = one_of_all(spec_, places);
    if (const auto* condition = condition_of(spec_, spec_.parameters[place].name)) {
      for (const Requirement& requirement : condition->where) {
        if (!require(requirement, dimension)) never_[place] = true;
      }
    }
    if (never_[place]) return;
    for (const std::size_t member : places) dimension_of_[member] = made_.space.size();
    made_.space.push_back(std::move(dimension));
    made_.parameters.push_back(places);
  }

  SweepDimensions take() { return std::move(made_); }

 private:
  // False where no point can meet it.
  bool require(const Requirement& requirement, Dimension& dimension) const {
    const auto other = place_of_parameter(spec_, requirement.name);
    if (!other) return always_meets(spec_, requirement);
    const auto parent = dimension_of_[*other];
    if (!parent) return false;
    DimensionCondition condition{*parent, {}};
    const auto& values = std::get<ValueList>(spec_.parameters[*other].domain).values;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool met = std::ranges::any_of(
          requirement.values, [&](const Value& one) { return same_value(one, values[i]); });
      if (met) condition.values.push_back(static_cast<std::int64_t>(i));
    }
    dimension.activation.push_back(std::move(condition));
    return true;
  }

  const SweepSpec& spec_;
  std::vector<std::optional<std::size_t>> dimension_of_;  // by parameter
  std::vector<bool> never_;
  SweepDimensions made_;
};

}  // namespace

SweepDimensions dimensions_of(const SweepSpec& spec) {
  Layout layout(spec);
  const auto order = in_order_of_conditions(spec);
  for (std::size_t i = 0; order && i < order->size(); ++i) layout.add((*order)[i]);
  return layout.take();
}

}  // namespace firesweep
