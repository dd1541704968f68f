#include "shared/codec/sweep_codec.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <set>

#include "shared/codec/document.h"
#include "shared/codec/domain_codec.h"
#include "shared/codec/json_node.h"
#include "shared/codec/method_codec.h"
#include "shared/codec/parameter_codec.h"
#include "shared/codec/point_terms.h"
#include "shared/codec/racing_codec.h"
#include "shared/codec/sweep_canonical.h"
#include "shared/codec/sweep_keys.h"
#include "shared/codec/sweep_rules.h"
#include "shared/codec/sweep_terms.h"
#include "shared/codec/termination_terms.h"
#include "shared/codec/variables.h"
#include "shared/domain/names.h"
#include "shared/domain/presets.h"

namespace firesweep {
namespace {

template <class Words, class Word>
bool contains(const Words& words, const Word& word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// Decodes one file. The mistakes of `root` hold what went wrong; the spec is then meaningless.
class SweepDecoder {
 public:
  SweepDecoder(const JsonNode& root, bool frozen, int rules) : root_(root), frozen_(frozen) {
    spec_.rules = rules;
  }

  SweepSpec decode(std::string_view file_name) {
    known_keys();
    if (root_.find("include")) return std::move(spec_);  // what is missing may be in the base
    rules();
    name(file_name);
    method();
    if (const auto node = root_.find("trainer")) {
      const auto trainer = node->choice<Trainer>();
      spec_.trainer = trainer.value_or(Trainer::kTorch);
      trainer_known_ = trainer.has_value();
    }
    dataset();
    metric();
    preset();
    parameters();
    seeds();
    spec_.search_seed = whole("search_seed").value_or(spec_.search_seed);
    read_zip(root_, spec_);
    read_conditions(root_, spec_);
    read_exclude(root_, spec_);
    constraints();
    limits();
    if (is_grid_) check_grid(spec_, root_);
    if (searches_) check_search(spec_, root_);
    if (ok()) check_rules(spec_, root_);
    if (ok()) spec_.warnings = warnings_of(spec_);
    return std::move(spec_);
  }

 private:
  bool ok() const { return root_.mistakes().none(); }

  void known_keys() {
    std::vector<std::string_view> known;
    for (const SweepKey& key : kSweepKeys) known.push_back(key.name);
    if (frozen_) known.insert(known.end(), {kFrozenFormatKey, kRulesKey, kFollowsOptimizerKey});
    for (const auto& [key, node] : root_.members()) {
      if (contains(known, key)) continue;
      if (key == "program" || key == "command") {
        node.complain("\"" + key + "\" is not used here: firesweep trains by itself",
                      "leave it out; parameters.variant says what is trained");
      } else if (key == "learning_rate" || find_field(key) != nullptr) {
        const std::string field = key == "learning_rate" ? "lr" : key;
        node.complain("\"" + key + "\" does not stand here",
                      "write \"parameters\": {\"" + field + "\": {\"value\": ...}}");
      }
    }
    root_.is_object_of(known);
    if (const auto node = root_.find("include")) {
      node->complain("found an \"include\" that nobody has read: expected the merged text",
                     "hand the file in with `firesweep submit` or `firesweep run`");
    }
    if (!frozen_) refuse_variables();
    if (const auto node = root_.find("$schema")) node->text();
  }

  void refuse_variables() {
    for (const VariableText& one : variables_in(root_.json(), {})) {
      root_.mistakes().add(root_.pointer() + one.pointer,
                           "found " + found_text(one.text) + ", expected no variable",
                           "a sweep file means the same everywhere: write the value itself, or "
                           "give it with " +
                               setting_for(one.pointer));
    }
  }

  void rules() {
    if (!frozen_) return;
    const auto node = root_.find(kRulesKey);
    spec_.rules = static_cast<int>(node ? node->whole(1, kRulesVersion).value_or(1) : 1);
  }

  // A name from the file's name obeys the same rule. What is frozen was judged when it was
  // submitted: by a newer rule it would lock out every sweep of its database.
  void name(std::string_view file_name) {
    const auto node = root_.find("name");
    const auto text = node ? node->text() : std::string(stem_of(file_name));
    if (!text) return;
    spec_.name = *text;
    const auto mistake = frozen_ ? std::nullopt : mistake_in_name(*text);
    if (!mistake) return;
    if (node) return node->complain(*mistake);
    root_.complain("the file's name makes no sweep's name: " + *mistake, "give a \"name\"");
  }

  void method() {
    const auto node = root_.need("method", one_of(kWordsOf<Method>));
    if (!node) return;
    ReadMethod read = read_method(*node);
    draws_ = read.draws;
    is_grid_ = read.method == Method::kGrid;
    searches_ = read.method && !is_grid_ && read.method != Method::kRandom;
    spec_.method = read.method.value_or(Method::kGrid);
    spec_.search = std::move(read.settings);
  }

  // A simulated sweep that names none has the first.
  void dataset() {
    if (const auto node = root_.find("dataset")) {
      spec_.dataset = node->choice<DatasetName>().value_or(spec_.dataset);
    } else if (spec_.trainer != Trainer::kSimulated && trainer_known_) {
      root_.need("dataset", one_of(kWordsOf<DatasetName>));
    }
  }

  void metric() {
    const auto node = root_.find("metric");
    if (!node) return;
    if (!node->json().is_object()) {
      node->refuse("an object", "write {\"name\": \"val_accuracy\", \"goal\": \"maximize\"}");
      return;
    }
    if (!node->is_object_of(kMetricKeys)) return;
    if (const auto name = node->need("name", one_of(kWordsOf<Metric>))) {
      spec_.metric = name->choice<Metric>().value_or(Metric::kValAccuracy);
    }
    if (const auto goal = node->find("goal")) {
      if (goal->json() == "minimize") {
        goal->complain(
            "found \"minimize\", expected \"maximize\", since the metric is an accuracy");
      }
      goal->word(kGoals);
    }
  }

  void preset() {
    const auto node = root_.find("preset");
    if (node) spec_.preset = node->word(preset_names(spec_.rules)).value_or("default");
    spec_.base = *find_preset(spec_.preset, spec_.rules);
  }

  void parameters() {
    const auto node = root_.need("parameters", "an object");
    if (!node) return;
    if (!node->json().is_object()) {
      node->refuse("an object, such as {\"lr\": {\"values\": [0.001, 0.003]}}");
      return;
    }
    const std::set<std::string> zipped = names_in_zip(root_);
    conditional_ = names_with_conditions(root_);
    std::set<std::string> given;
    for (const auto& [name, member] : node->members()) {
      auto understood = read_parameter_name(name, member);
      if (!understood) check_values_of_foreign(name, member);
      const std::string now = understood ? name_now(*understood, name) : name;
      if (frozen_ && understood && says_less(*understood, *node)) continue;
      if (!given.insert(now).second) {
        member.complain("\"" + now + "\" has taken its place and is given too", "leave one out");
        continue;
      }
      if (understood) understood->repeats = zipped.contains(now);
      const auto domain = understood ? read_domain(*understood, member) : std::nullopt;
      if (!domain) continue;
      apply(*understood, now, *domain);
    }
    if (frozen_) older_values(given);
    defaults_by_optimizer(given);
  }

  // Builds that had a field and its successor at the same time froze both. The successor counts,
  // unless it is as if it were not there.
  static bool says_less(const ParameterName& one, const JsonNode& parameters) {
    if (one.field == nullptr || one.field->former.name.empty()) return false;
    const auto now = parameters.find(one.field->name);
    if (!now || !parameters.find(one.field->former.name)) return false;
    const auto value = now->find("value");
    const auto said = value ? value->scalar() : std::nullopt;
    const bool idle = said && one.field->before && same_value(*said, *one.field->before);
    return one.former != idle;
  }

  // What a frozen form leaves out, it had as it was before the field was there.
  void older_values(const std::set<std::string>& given) {
    for (const Field& field : fields()) {
      if (field.since == 1 || !field.before || given.contains(std::string(field.name))) continue;
      const auto set = set_field(spec_.base, field, *field.before, field.name);
      if (!set) root_.mistakes().add(set.error());
    }
  }

  void apply(const ParameterName& understood, const std::string& name, const Domain& domain) {
    const auto* list = std::get_if<ValueList>(&domain);
    if (list == nullptr || list->values.size() > 1 || conditional_.contains(name)) {
      spec_.parameters.push_back({name, domain});
    } else if (understood.field == nullptr) {
      spec_.base.arch_params[understood.arch] = list->values.front();
    } else {
      const auto set = set_field(spec_.base, *understood.field, list->values.front(), name);
      if (!set) root_.mistakes().add(set.error());
    }
  }

  void defaults_by_optimizer(const std::set<std::string>& given) {
    if (frozen_) {
      const auto node = root_.need(kFollowsOptimizerKey, "a list");
      if (!node || !node->json().is_array() || node->json().empty()) return;
      for (const JsonNode& element : node->elements("a list")) {
        const auto field = element.word(kFieldsFollowingOptimizer);
        if (field == "lr") spec_.lr_follows_optimizer = true;
        if (field == "weight_decay") spec_.weight_decay_follows_optimizer = true;
      }
      return;
    }
    const bool lr_open = !given.contains("lr");
    const bool weight_decay_open = !given.contains("weight_decay");
    const bool swept = std::any_of(spec_.parameters.begin(), spec_.parameters.end(),
                                   [](const Parameter& p) { return p.name == "optimizer"; });
    if (swept) {
      spec_.lr_follows_optimizer = lr_open;
      spec_.weight_decay_follows_optimizer = weight_decay_open;
    } else {
      apply_optimizer_defaults(spec_.base, spec_.preset, lr_open, weight_decay_open, spec_.rules);
    }
  }

  void seeds() {
    const auto node = root_.find("seeds");
    if (!node) return;
    if (node->json().is_number()) {
      node->refuse("a list of whole numbers", "write [" + describe(node->json()) + "]");
      return;
    }
    spec_.seeds.clear();
    for (const JsonNode& element : node->elements("a list of whole numbers", kMostSeeds)) {
      const auto seed = element.whole(0, kMaxSeed);
      if (!seed) continue;
      if (contains(spec_.seeds, *seed)) {
        element.complain("found " + std::to_string(*seed) + " again, expected each seed once");
      }
      spec_.seeds.push_back(*seed);
    }
  }

  void constraints() {
    const auto node = root_.find("constraints");
    if (!node) return;
    for (const JsonNode& element :
         node->elements("a list such as [\"params <= 8_000_000\"]", kMostConstraints)) {
      auto constraint = read_constraint(element);
      if (!constraint) continue;
      if (ok()) every_name_is_there(*constraint, element);
      spec_.constraints.push_back(std::move(*constraint));
    }
  }

  // Of the parameters of architecture files only those that the sweep names have a known value.
  void every_name_is_there(const Constraint& constraint, const JsonNode& node) {
    for (const std::string& name : arch_names_of(constraint)) {
      const bool fixed = spec_.base.arch_params.contains(name);
      const bool swept = std::any_of(spec_.parameters.begin(), spec_.parameters.end(),
                                     [&](const Parameter& p) { return p.name == "arch." + name; });
      if (!fixed && !swept) {
        node.refuse("a parameter of this sweep: \"arch." + name + "\" is none",
                    "give \"parameters\": {\"arch." + name + "\": {\"value\": ...}}");
      }
    }
  }

  void limits() {
    spec_.run_cap = whole("run_cap");
    if (draws_) root_.need("run_cap", "the number of trials to draw");
    if (const auto node = root_.find("order")) {
      spec_.order = node->choice<DispatchOrder>().value_or(spec_.order);
    }
    spec_.priority = whole("priority").value_or(spec_.priority);
    spec_.max_concurrent_trials = whole("max_concurrent_trials");
    spec_.max_restarts = whole("max_restarts").value_or(spec_.max_restarts);
    spec_.max_failed_trials = whole("max_failed_trials");
    if (const auto node = root_.find("max_trial_duration")) {
      spec_.max_trial_duration = read_duration(*node);
    }
    if (const auto node = root_.find("checkpoint")) spec_.checkpoint = read_checkpoint(*node);
    if (const auto node = root_.find("early_terminate")) {
      spec_.early_terminate = read_early_terminate(*node);
    }
    if (const auto node = root_.find("racing")) spec_.racing = read_racing(*node);
    if (const auto node = root_.find("reuse")) spec_.reuse = node->flag().value_or(false);
  }

  std::optional<std::int64_t> whole(std::string_view key) const {
    const auto* bounds = std::ranges::find(kWholeKeys, key, &WholeKey::name);
    assert(bounds != std::end(kWholeKeys));
    const auto node = root_.find(key);
    return node ? node->whole(bounds->min, bounds->max) : std::nullopt;
  }

  const JsonNode& root_;
  bool frozen_;
  bool trainer_known_ = true;
  // By the method that is given, or that its writer is told to write.
  bool draws_ = false;
  bool is_grid_ = false;
  bool searches_ = false;
  std::set<std::string> conditional_;  // names of parameters with a condition
  SweepSpec spec_;
};

// Some tools keep the whole sweep in a member "sweep": its mistakes are told all the same.
JsonNode below_wrapper(const JsonNode& root) {
  const auto inner = root.find("sweep");
  if (!inner || !inner->json().is_object() || root.find("parameters")) return root;
  inner->complain("found the whole sweep one level down",
                  "write its members at the top of the file, without \"sweep\"");
  return *inner;
}

Result<SweepSpec> decode(std::string_view text, std::string_view file_name, bool frozen, int rules,
                         const Origins& origins) {
  const auto tree = parse_document(text, file_name);
  if (!tree) return tl::unexpected(tree.error());
  Mistakes mistakes;
  const JsonNode root = below_wrapper(JsonNode(*tree, "", mistakes));
  SweepSpec spec = SweepDecoder(root, frozen, rules).decode(file_name);
  if (!mistakes.none()) return mistakes.take(file_name, &*tree, origins);
  return spec;
}

}  // namespace

Result<SweepSpec> decode_sweep(std::string_view text, std::string_view file_name, int rules,
                               const Origins& origins) {
  return decode(text, file_name, false, rules, origins);
}

Result<SweepSpec> decode_canonical_sweep(std::string_view canonical) {
  return decode(canonical, "frozen.json", true, 1, {});
}

}  // namespace firesweep
