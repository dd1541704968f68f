#include "coordinator/search/network_mistake.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "shared/domain/architecture.h"
#include "shared/domain/conditions.h"
#include "shared/domain/parameter_value.h"

namespace firesweep {
namespace {

std::string pointer_of(std::string_view parameter) {
  return "/parameters/" + std::string(parameter);
}

// Of a value drawn from a range, its parameter.
std::string pointer_of(const SweepSpec& spec, const std::string& parameter, const Value& value) {
  const auto swept = place_of_parameter(spec, parameter);
  if (!swept) return pointer_of(parameter) + "/value";
  const auto* list = std::get_if<ValueList>(&spec.parameters[*swept].domain);
  if (list == nullptr) return pointer_of(parameter);
  const auto at =
      std::ranges::find_if(list->values, [&](const Value& one) { return same_value(one, value); });
  return pointer_of(parameter) + "/values/" + std::to_string(at - list->values.begin());
}

// What to write where some architectures of the sweep have the parameter; nothing if none has.
std::string condition_to_write(const FrozenSweep& frozen, const std::string& parameter,
                               const std::string& name) {
  std::string variants;
  int count = 0;
  for (const auto& [variant, architecture] : frozen.architectures) {
    if (!architecture.params.contains(name)) continue;
    variants += (count++ == 0 ? "\"" : ", \"") + variant + "\"";
  }
  if (count == 0) return {};
  const std::string where = "\"variant\": " + (count == 1 ? variants : "[" + variants + "]");
  if (condition_of(frozen.spec, parameter) != nullptr) {
    return "add " + where + " to its condition, so that it exists there only";
  }
  return "write \"conditions\": {\"" + parameter + "\": {" + where +
         "}}, so that it exists there only";
}

// The arch parameter without whose value the network would be made, or not for the same reason.
const std::pair<const std::string, Value>* culprit(const Architecture& architecture,
                                                   const TrialConfig& config, std::int64_t classes,
                                                   const Error& error) {
  for (const auto& one : config.arch_params) {
    auto others = config.arch_params;
    others.erase(one.first);
    const auto resolved = resolve(architecture, classes, others, -1.0);
    if (resolved || !(resolved.error() == error)) return &one;
  }
  return nullptr;
}

}  // namespace

Error network_mistake(const FrozenSweep& frozen, const TrialConfig& config, std::int64_t classes,
                      Error error) {
  const auto found = frozen.architectures.find(config.variant);
  if (found == frozen.architectures.end()) return error;
  const Architecture& architecture = found->second;
  const auto* one = culprit(architecture, config, classes, error);
  if (one == nullptr) {
    error.what = "found \"" + config.variant + "\", whose network cannot be built: " + error.where +
                 ": " + error.what;
    error.where = pointer_of(frozen.spec, "variant", config.variant);
    return error;
  }
  const auto& [name, value] = *one;
  const std::string parameter = std::string(kArchPrefix) + name;
  if (!architecture.params.contains(name)) {
    std::string condition = condition_to_write(frozen, parameter, name);
    if (!condition.empty()) error.hint = std::move(condition);
    error.where = pointer_of(parameter);
    return error;
  }
  if (error.where != parameter) {
    error.what = "found " + found_text(value) +
                 ", with which the network cannot be built: " + error.where + ": " + error.what;
  }
  error.where = pointer_of(frozen.spec, parameter, value);
  return error;
}

}  // namespace firesweep
