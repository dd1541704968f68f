// Which parameters of a sweep exist at a point: those whose conditions are met.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "shared/domain/sweep_spec.h"

namespace firesweep {

// The condition of a parameter, or null if it always exists.
const ParameterCondition* condition_of(const SweepSpec& spec, std::string_view parameter);

// Whether the parameter's own condition lets it exist where another has that value.
bool may_exist_with(const SweepSpec& spec, std::string_view parameter, std::string_view other,
                    const Value& value);

// The place of a parameter in `spec.parameters`, or nothing if it is not swept.
std::optional<std::size_t> place_of_parameter(const SweepSpec& spec, std::string_view name);

// Whether what the sweep does not vary meets a requirement. False for swept parameters. Pure.
bool always_meets(const SweepSpec& spec, const Requirement& requirement);

// The places of all parameters in `spec.parameters`, each after those that its condition names; in
// the file's order otherwise. Nothing if a parameter's condition leads back to it.
std::optional<std::vector<std::size_t>> in_order_of_conditions(const SweepSpec& spec);

}  // namespace firesweep
