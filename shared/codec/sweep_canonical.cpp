#include "shared/codec/sweep_canonical.h"

#include <algorithm>

#include "shared/codec/json_text.h"
#include "shared/codec/parameter_codec.h"
#include "shared/codec/sweep_codec.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

// Swept parameters in the file's order, then every other field with its single value.
Json parameters_of(const SweepSpec& spec) {
  Json parameters = Json::object();
  for (const Parameter& parameter : spec.parameters) {
    parameters[parameter.name] = json_of(parameter.domain);
  }
  for (const Field& field : fields()) {
    const std::string name(field.name);
    if (!parameters.contains(name)) {
      parameters[name] = Json{{"value", json_of(get_field(spec.base, field))}};
    }
  }
  for (const auto& [name, value] : spec.base.arch_params) {
    parameters["arch." + name] = Json{{"value", json_of(value)}};
  }
  return parameters;
}

Json excluded_of(const SweepSpec& spec) {
  Json all = Json::array();
  for (const auto& point : spec.exclude) {
    Json json = Json::object();
    for (const auto& [name, value] : point) json[name] = json_of(value);
    all.push_back(std::move(json));
  }
  return all;
}

}  // namespace

std::string canonical_json(const SweepSpec& spec) {
  Json json = Json::object();
  json[std::string(kFrozenFormatKey)] = 1;
  json["name"] = spec.name;
  json["method"] = spec.method == Method::kGrid ? "grid" : "random";
  json["metric"] = {{"name", spec.metric}, {"goal", spec.maximize ? "maximize" : "minimize"}};
  json["dataset"] = spec.dataset;
  json["trainer"] = spec.trainer;
  json["preset"] = spec.preset;
  json["parameters"] = parameters_of(spec);
  Json& follows = json[std::string(kFollowsOptimizerKey)] = Json::array();
  if (spec.lr_follows_optimizer) follows.push_back("lr");
  if (spec.weight_decay_follows_optimizer) follows.push_back("weight_decay");
  json["seeds"] = spec.seeds;
  json["search_seed"] = spec.search_seed;
  if (!spec.exclude.empty()) json["exclude"] = excluded_of(spec);
  for (const Constraint& constraint : spec.constraints) {
    json["constraints"].push_back(constraint.text);
  }
  if (spec.run_cap) json["run_cap"] = *spec.run_cap;
  if (spec.max_concurrent_trials) json["max_concurrent_trials"] = *spec.max_concurrent_trials;
  json["max_restarts"] = spec.max_restarts;
  if (spec.max_failed_trials) json["max_failed_trials"] = *spec.max_failed_trials;
  if (spec.max_trial_duration) {
    json["max_trial_duration"] = std::to_string(spec.max_trial_duration->count()) + "ms";
  }
  return dump_json(json);
}

}  // namespace firesweep
