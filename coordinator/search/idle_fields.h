// Fields that have no effect beside some values of others, and what a sweep file must say to vary
// them only where they have one. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/domain/sweep_spec.h"
#include "shared/domain/trial_config.h"

namespace firesweep {

// The config with the usual value in every field that has no effect in it. Two configs that train
// the same network become equal.
TrialConfig without_idle_values(TrialConfig config);

// Whether a field has no effect beside some values of others.
bool may_be_idle(std::string_view field);

// Where swept parameters have no effect: "momentum does nothing where optimizer is adamw".
std::vector<std::string> idle_notes(const SweepSpec& spec);

// Members of a sweep file, each on one line without a comma behind it. They take the place of
// members of the same name.
struct Remedy {
  std::vector<std::string> members;     // "conditions": {…} and "exclude": […]
  std::vector<std::string> parameters;  // of "parameters": "momentum": {"value": 0.9}
};

// With these the sweep varies a parameter only where it has an effect; no network is lost. Empty if
// it does so already, and if none is known: for zipped parameters.
Remedy idle_remedy(const SweepSpec& spec);

}  // namespace firesweep
