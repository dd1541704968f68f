// What holds of the points of every sweep: they are unique, within what the file says, and the same
// whoever asks for them and however often.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/search/sweep_space.h"
#include "shared/base/overloaded.h"
#include "shared/codec/sweep_codec.h"
#include "shared/domain/conditions.h"
#include "shared/domain/dataset_info.h"
#include "shared/domain/presets.h"
#include "tests/shared/codec/file_maker.h"

namespace firesweep {
namespace {

constexpr std::int64_t kMostTrials = 5'000;  // of a sweep that is looked at
constexpr int kProposals = 6;                // of a method that learns
constexpr std::size_t kMostLists = 8;        // of which many points are soon made

const ArchitectureTexts& networks() {
  static const ArchitectureTexts texts = [] {
    ArchitectureTexts made;
    for (const char* name : {"v1", "v3", "any"}) {
      made[name] = R"({"format": 1, "input": [3, 32, 32], "params": {"p": 4, "q_2": 8},
        "blocks": [{"conv": "$p"}, {"conv": "$q_2"}, "global_avg_pool", {"linear": "classes"}]})";
    }
    return made;
  }();
  return texts;
}

using Trials = std::map<std::int64_t, TrialConfig>;

Trials trials_of(const SweepSpace& space) {
  Trials trials;
  for (std::int64_t number = 0; number < space.raw(); ++number) {
    if (auto config = space.config(number)) trials.emplace(number, std::move(*config));
  }
  return trials;
}

// Of a method that learns, the first points are proposed and get scores by their order.
std::vector<Proposal> learn_some(SweepSpace& space) {
  std::vector<Proposal> proposals;
  if (!space.learns()) return proposals;
  for (int i = 0; i < kProposals && i < space.trials(); ++i) {
    const Proposal proposal = space.propose({});
    if (!space.keep(proposal)) break;
    proposals.push_back(proposal);
    for (const std::int64_t number : space.trials_of(i)) space.learn(number, 0.1 * (i % 3));
  }
  return proposals;
}

// ---- what a file says of a config

std::optional<Value> value_of(const TrialConfig& config, const std::string& name) {
  if (const Field* field = find_field(name)) return get_field(config, *field);
  const auto found = config.arch_params.find(name.substr(std::string("arch.").size()));
  if (found == config.arch_params.end()) return std::nullopt;
  return found->second;
}

bool is_one_of(const std::vector<Value>& values, const std::optional<Value>& value) {
  return value &&
         std::ranges::any_of(values, [&](const Value& one) { return same_value(one, *value); });
}

double number_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  const auto* real = std::get_if<double>(&value);
  return real != nullptr ? *real : std::nan("");
}

bool is_within(const Domain& domain, const std::string& name, const Value& value) {
  const double number = number_of(value);
  const auto between = [&](double min, double max) { return number >= min && number <= max; };
  const bool drawn = std::visit(
      Overloaded{[&](const ValueList& list) { return is_one_of(list.values, value); },
                 [&](const IntUniform& range) {
                   return number == std::floor(number) &&
                          between(static_cast<double>(range.min), static_cast<double>(range.max));
                 },
                 [&](const Uniform& range) { return between(range.min, range.max); },
                 [&](const LogUniformValues& range) { return between(range.min, range.max); },
                 [&](const InvLogUniformValues& range) { return between(range.min, range.max); },
                 [&](const Beta&) { return between(0, 1); },
                 [&](const Quantized& quantized) {
                   const double steps = number / quantized.q;
                   const auto [first, last] = multiples_of(quantized, find_field(name));
                   const double nearest = std::round(steps);
                   return std::abs(steps - nearest) < 1e-6 && nearest >= first && nearest <= last;
                 },
                 [&](const auto&) { return std::isfinite(number); }},
      domain);
  const Field* field = find_field(name);
  TrialConfig scratch;
  return drawn && (field == nullptr || set_field(scratch, *field, value, name));
}

bool exists(const SweepSpec& spec, const TrialConfig& config, const std::string& name) {
  const ParameterCondition* condition = condition_of(spec, name);
  return condition == nullptr ||
         std::ranges::all_of(condition->where, [&](const Requirement& requirement) {
           return exists(spec, config, requirement.name) &&
                  is_one_of(requirement.values, value_of(config, requirement.name));
         });
}

std::optional<Value> default_of(const SweepSpec& spec, const TrialConfig& config,
                                const std::string& name) {
  TrialConfig plain = spec.base;
  plain.optimizer = config.optimizer;
  apply_optimizer_defaults(plain, spec.preset, name == "lr", name == "weight_decay", spec.rules);
  return value_of(plain, name);
}

// Empty where a config is as its file says.
std::string mistake_of(const SweepSpec& spec, const TrialConfig& config, const Cost& cost) {
  for (const Parameter& parameter : spec.parameters) {
    const auto value = value_of(config, parameter.name);
    if (exists(spec, config, parameter.name)) {
      if (!value || !is_within(parameter.domain, parameter.name, *value)) {
        return parameter.name + " is " + (value ? to_string(*value) : "nothing");
      }
    } else if (value != default_of(spec, config, parameter.name)) {
      return parameter.name + " does not exist and is " + (value ? to_string(*value) : "nothing");
    }
  }
  for (const auto& names : spec.zip) {
    if (!exists(spec, config, names[0])) continue;
    const auto list = [&](const std::string& name) -> const std::vector<Value>& {
      return std::get<ValueList>(spec.parameters[*place_of_parameter(spec, name)].domain).values;
    };
    bool together = false;
    for (std::size_t at = 0; at < list(names[0]).size(); ++at) {
      together = together || std::ranges::all_of(names, [&](const std::string& name) {
                   return is_one_of({list(name)[at]}, value_of(config, name));
                 });
    }
    if (!together) return "values that do not stand together in zip";
  }
  for (const auto& point : spec.exclude) {
    const bool excluded = std::ranges::all_of(point, [&](const auto& one) {
      return exists(spec, config, one.first) &&
             is_one_of({one.second}, value_of(config, one.first));
    });
    if (excluded) return "an excluded point";
  }
  for (const Constraint& constraint : spec.constraints) {
    if (!satisfies(constraint, config, cost)) return "against " + constraint.text;
  }
  return {};
}

// Values that mean the same are written as one.
TrialConfig in_one_way(TrialConfig config, const DatasetInfo& dataset) {
  const auto all = static_cast<double>(dataset.train_count);
  if (config.val_size < 1) config.val_size = std::round(config.val_size * all);
  if (config.train_size == 0) {
    config.train_size = dataset.train_count - static_cast<std::int64_t>(config.val_size);
  }
  if (config.test_size == 0) config.test_size = dataset.test_count;
  if (config.schedule_epochs == 0) config.schedule_epochs = config.epochs;
  config.cooldown_epochs = std::min(config.cooldown_epochs, config.epochs);
  return config;
}

// Tells configs apart.
std::string key_of(const TrialConfig& given, const DatasetInfo& dataset) {
  const TrialConfig config = in_one_way(given, dataset);
  std::string key = std::to_string(config.seed);
  for (const Field& field : fields()) key += '\n' + to_string(get_field(config, field));
  for (const auto& [name, value] : config.arch_params) key += '\n' + name + ' ' + json_text(value);
  return key;
}

std::shared_ptr<const FrozenSweep> read_again(const FrozenSweep& frozen) {
  ArchitectureTexts texts;
  for (const auto& [name, one] : frozen.architectures) texts.emplace(name, one.canonical);
  auto again = thaw(frozen.canonical, texts);
  if (!again) RC_FAIL(to_string(again.error()));
  return std::make_shared<const FrozenSweep>(std::move(*again));
}

void check(const std::string& text) {
  auto made = freeze_file(text, "x.json", networks());
  RC_CLASSIFY(!made, "refused");
  if (!made) return;
  const auto frozen = std::make_shared<const FrozenSweep>(std::move(*made));
  auto space = SweepSpace::make(frozen);
  RC_CLASSIFY(!space, "nothing to run");
  if (!space) RC_ASSERT(space.error().where.starts_with('/'));
  if (!space || space->raw() > kMostTrials) return;
  const SweepSpec& spec = frozen->spec;
  const std::vector<Proposal> proposals = learn_some(*space);
  const Trials trials = trials_of(*space);
  RC_CLASSIFY(trials.size() > 1, "several trials");
  RC_CLASSIFY(!spec.conditions.empty(), "conditions");
  RC_CLASSIFY(!spec.zip.empty(), "zip");
  RC_CLASSIFY(space->learns(), "learns");
  if (!space->learns() && static_cast<std::int64_t>(trials.size()) != space->trials()) {
    RC_FAIL("not so many trials as are counted\n" + text);
  }
  std::set<std::string> keys;
  for (const auto& [number, config] : trials) {
    const std::string mistake = mistake_of(spec, config, space->cost(number));
    if (!mistake.empty()) RC_FAIL(mistake + " in trial " + std::to_string(number) + "\n" + text);
    if (!keys.insert(key_of(config, dataset_info(spec.dataset))).second) {
      RC_FAIL("trial " + std::to_string(number) + " repeats another\n" + text);
    }
  }
  // A restart reads what is stored, and each worker's trials are asked for in an order of its own.
  auto restarted = SweepSpace::make(read_again(*frozen));
  if (!restarted) RC_FAIL(to_string(restarted.error()) + "\n" + text);
  for (const Proposal& proposal : proposals) RC_ASSERT(restarted->keep(proposal).has_value());
  if (trials_of(*restarted) != trials) RC_FAIL("a restart has other trials\n" + text);
  const auto order = space->dispatch_order();
  if (restarted->dispatch_order() != order) RC_FAIL("a restart has another order\n" + text);
  const auto workers = *rc::gen::inRange<std::size_t>(1, 5);
  for (std::size_t worker = 0; worker < workers; ++worker) {
    for (std::size_t at = worker; at < order.size(); at += workers) {
      const auto config = restarted->config(order[at]);
      const auto same = trials.find(order[at]);
      RC_ASSERT(config.has_value() == (same != trials.end()));
      if (config) RC_ASSERT(*config == same->second);
    }
  }
}

RC_GTEST_PROP(AnySweep, HasPointsThatAreUniqueAndAsItsFileSays, ()) {
  Json file = testing::sweep_file_without_mistakes();
  file["run_cap"] = *rc::gen::element(1, 3, 7, 40);
  if (*rc::gen::arbitrary<bool>()) file["seeds"] = {3, 1};
  check(file.dump());
}

// Without what refuses most files: rules between members, and values at the ends of their fields.
RC_GTEST_PROP(AnySweep, OfManyListsHasThemToo, ()) {
  const std::map<std::string, Json> some = {{"optimizer", {"sgd", "adamw", "muon"}},
                                            {"schedule", {"constant", "cosine", "one_cycle"}},
                                            {"momentum", {0.8, 0.9, 0.95}},
                                            {"val_size", {5000, 0.1, 0.2}},
                                            {"train_size", {0, 40000, 39999}},
                                            {"epochs", {2, 3, 4}},
                                            {"schedule_epochs", {0, 3, 4}},
                                            {"cooldown_epochs", {1, 3, 5}},
                                            {"batch_size", {64, 128, 256}},
                                            {"lr", {0.01, 0.02, 0.03}},
                                            {"arch.p", {2, 4, 6}},
                                            {"arch.q_2", {3, 5, 7}},
                                            {"weight_decay", {0.001, 0.01, 0.1}},
                                            {"variant", {"v1", "v3", "any"}}};
  const auto yes = [](int in) { return *rc::gen::inRange(0, in) == 0; };
  Json parameters = Json::object();
  std::vector<std::string> names;
  const bool draws = yes(2);
  for (const auto& [name, values] : some) {
    if (names.size() == kMostLists || !yes(2)) continue;
    parameters[name] = {{"values", values}};
    if (draws && yes(4)) parameters[name]["probabilities"] = {0.5, 0.25, 0.25};
    names.push_back(name);
  }
  if (draws && yes(2)) {
    const std::vector<Json> laws = {
        {{"min", 0.0}, {"max", 0.3}},
        {{"distribution", "q_uniform"}, {"min", 0.0}, {"max", 0.3}, {"q", 0.1}},
        {{"distribution", "normal"}, {"mu", 0.1}, {"sigma", 0.2}},
        {{"distribution", "q_beta"}, {"a", 2}, {"b", 3}, {"q", 0.25}}};
    parameters["label_smoothing"] = *rc::gen::elementOf(laws);
    names.emplace_back("label_smoothing");
  }
  Json file = {{"name", "x"}, {"method", draws ? "random" : "grid"}, {"dataset", "cifar100"}};
  file["parameters"] = parameters;
  if (draws || yes(3)) file["run_cap"] = *rc::gen::element(1, 5, 30, 200);
  // A condition names a parameter that comes before its own, so that none leads back.
  Json conditions = Json::object();
  for (std::size_t at = 1; at < names.size(); ++at) {
    const std::string& name = names[at];
    if (name == "variant" || !yes(3)) continue;
    const std::string& other = names[*rc::gen::inRange<std::size_t>(0, at)];
    if (!some.contains(other)) continue;
    const Json& values = some.at(other);
    conditions[name][other] = yes(2) ? values[1] : Json{values[2], values[0]};
  }
  if (!conditions.empty()) file["conditions"] = conditions;
  // What is zipped exists on the same condition: on none.
  Json zipped = Json::array();
  for (const std::string& name : names) {
    const bool plain = some.contains(name) && !conditions.contains(name) &&
                       !parameters[name].contains("probabilities");
    if (plain && zipped.size() < 3 && yes(2)) zipped.push_back(name);
  }
  if (zipped.size() > 1) file["zip"] = Json::array({zipped});
  if (yes(3)) file["constraints"] = {"params <= 1000 or momentum < 0.95", "batch_size * 2 < 500"};
  if (yes(3) && !names.empty() && names[0] != "label_smoothing") {
    file["exclude"] = Json::array({{{names[0], some.at(names[0])[0]}}});
  }
  if (yes(3)) file["seeds"] = {5, 2};
  if (yes(3)) file["order"] = "interleaved";
  check(file.dump());
}

}  // namespace
}  // namespace firesweep
