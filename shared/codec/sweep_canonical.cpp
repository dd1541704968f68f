#include "shared/codec/sweep_canonical.h"

#include <algorithm>
#include <map>

#include "shared/codec/domain_codec.h"
#include "shared/codec/json_text.h"
#include "shared/codec/method_codec.h"
#include "shared/codec/parameter_codec.h"
#include "shared/codec/racing_codec.h"
#include "shared/codec/sweep_codec.h"
#include "shared/codec/termination_terms.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

// Swept parameters in the file's order, then every other field with its single value, as written
// (fields.h): what older builds froze of a file is what this one freezes of it.
Json parameters_of(const SweepSpec& spec) {
  Json::object_t parameters;
  parameters.reserve(spec.parameters.size() + fields().size() + spec.base.arch_params.size());
  for (const Parameter& parameter : spec.parameters) {
    const Parameter known = as_written(parameter);
    parameters.emplace_back(known.name, json_of(known.domain));
  }
  for (const Field* field : fields_as_written()) {
    const bool swept = std::any_of(spec.parameters.begin(), spec.parameters.end(),
                                   [&](const Parameter& p) { return p.name == field->name; });
    if (swept) continue;
    if (auto known = written(*field, get_field(spec.base, *field))) {
      parameters.emplace_back(known->name, single_value(known->value));
    }
  }
  for (const auto& [name, value] : spec.base.arch_params) {
    parameters.emplace_back("arch." + name, single_value(value));
  }
  return parameters;
}

Json checkpoint_json(const CheckpointRules& rules) {
  Json json = Json::object();
  json["every"] = rules.every ? std::to_string(rules.every->count()) + " ms"
                              : std::to_string(rules.every_epochs) + " epochs";
  json["keep"] = rules.keep_best ? "best" : "all";
  if (rules.max_bytes) json["max_bytes"] = *rules.max_bytes;
  return json;
}

Json excluded_of(const SweepSpec& spec) {
  Json all = Json::array();
  for (const auto& point : spec.exclude) {
    std::map<std::string, Value> known;
    for (const auto& [name, value] : point) {
      const Parameter one = as_written({name, ValueList{{value}, {}}});
      known.emplace(one.name, std::get<ValueList>(one.domain).values.front());
    }
    all.push_back(json_of(known));
  }
  return all;
}

Json conditions_of(const SweepSpec& spec) {
  Json all = Json::object();
  for (const ParameterCondition& condition : spec.conditions) {
    Json& where = all[condition.parameter] = Json::object();
    for (const Requirement& requirement : condition.where) {
      for (const Value& value : requirement.values) {
        where[requirement.name].push_back(json_of(value));
      }
    }
  }
  return all;
}

}  // namespace

std::string canonical_json(const SweepSpec& spec) {
  Json json = Json::object();
  json[std::string(kFrozenFormatKey)] = 1;
  if (spec.rules > 1) json[std::string(kRulesKey)] = spec.rules;
  json["name"] = spec.name;
  json["method"] = json_of(spec.method, spec.search);
  json["metric"] = {{"name", to_string(spec.metric)},
                    {"goal", spec.maximize ? "maximize" : "minimize"}};
  json["dataset"] = to_string(spec.dataset);
  json["trainer"] = to_string(spec.trainer);
  json["preset"] = spec.preset;
  json["parameters"] = parameters_of(spec);
  Json& follows = json[std::string(kFollowsOptimizerKey)] = Json::array();
  if (spec.lr_follows_optimizer) follows.push_back("lr");
  if (spec.weight_decay_follows_optimizer) follows.push_back("weight_decay");
  json["seeds"] = spec.seeds;
  json["search_seed"] = spec.search_seed;
  if (!spec.zip.empty()) json["zip"] = spec.zip;
  if (!spec.conditions.empty()) json["conditions"] = conditions_of(spec);
  if (!spec.exclude.empty()) json["exclude"] = excluded_of(spec);
  for (const Constraint& constraint : spec.constraints) {
    json["constraints"].push_back(constraint.text);
  }
  if (spec.run_cap) json["run_cap"] = *spec.run_cap;
  if (spec.order != DispatchOrder::kLongestFirst) json["order"] = to_string(spec.order);
  if (spec.priority != 0) json["priority"] = spec.priority;
  if (spec.max_concurrent_trials) json["max_concurrent_trials"] = *spec.max_concurrent_trials;
  json["max_restarts"] = spec.max_restarts;
  if (spec.max_failed_trials) json["max_failed_trials"] = *spec.max_failed_trials;
  if (spec.max_trial_duration) {
    json["max_trial_duration"] = std::to_string(spec.max_trial_duration->count()) + "ms";
  }
  if (spec.checkpoint) json["checkpoint"] = checkpoint_json(*spec.checkpoint);
  if (spec.early_terminate) json["early_terminate"] = json_of(*spec.early_terminate);
  if (spec.racing) json["racing"] = json_of(*spec.racing);
  if (spec.reuse) json["reuse"] = true;
  return dump_json(json);
}

}  // namespace firesweep
