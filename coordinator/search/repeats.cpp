#include "coordinator/search/repeats.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "shared/domain/conditions.h"
#include "shared/domain/dataset_info.h"
#include "shared/domain/fields.h"
#include "shared/domain/methods.h"
#include "shared/domain/trial_work.h"

namespace firesweep {
namespace {

constexpr std::int64_t kMostLookedThrough = 200'000;
constexpr std::int64_t kSampled = 1'000;  // of points that are not known yet

// Where another field has one of some values.
struct Condition {
  std::string_view field;
  std::vector<std::string_view> values;
};

// A field that does nothing where all conditions hold (worker/training/optim.h, schedule.h).
struct Idle {
  std::string_view field;
  std::vector<Condition> where;
};

const std::vector<Idle>& idle_fields() {
  static const Condition one_cycle{"schedule", {"one_cycle", "one_cycle_per_epoch"}};
  static const std::vector<Idle> all = {
      {"momentum", {{"optimizer", {"adamw"}}}},
      {"momentum", {{"optimizer", {"sgd"}}, one_cycle}},  // which cycles it itself
      {"beta1", {{"optimizer", {"sgd", "muon"}}}},
      {"beta1", {{"optimizer", {"adamw"}}, one_cycle}},
      {"beta2", {{"optimizer", {"sgd", "muon"}}}},
      {"sgd_lr", {{"optimizer", {"adamw", "sgd"}}}},
      {"schedule_epochs", {{"schedule", {"constant"}}}},
      {"warmup_fraction", {{"schedule", {"constant", "cosine"}}}}};
  return all;
}

bool has_no_effect(const Idle& idle, const TrialConfig& config) {
  return std::all_of(idle.where.begin(), idle.where.end(), [&](const Condition& condition) {
    const Value by = get_field(config, *find_field(condition.field));
    const auto* word = std::get_if<std::string>(&by);
    return word != nullptr && std::find(condition.values.begin(), condition.values.end(), *word) !=
                                  condition.values.end();
  });
}

// What is trained, whatever is written in fields without effect.
std::string key_of(TrialConfig config) {
  const TrialConfig usual;
  for (const Idle& idle : idle_fields()) {
    const Field& field = *find_field(idle.field);
    if (has_no_effect(idle, config)) (void)set_field(config, field, get_field(usual, field), "");
  }
  std::string key = std::to_string(config.seed);
  for (const Field& field : fields()) key += '\n' + to_string(get_field(config, field));
  for (const auto& [name, value] : config.arch_params) key += '\n' + name + ' ' + to_string(value);
  return key;
}

const Parameter* swept(const SweepSpec& spec, std::string_view name) {
  const auto found = std::find_if(spec.parameters.begin(), spec.parameters.end(),
                                  [&](const Parameter& p) { return p.name == name; });
  return found == spec.parameters.end() ? nullptr : &*found;
}

bool can_be(const SweepSpec& spec, std::string_view name, std::string_view value) {
  const Parameter* parameter = swept(spec, name);
  if (parameter == nullptr) {
    return same_value(get_field(spec.base, *find_field(name)), Value(std::string(value)));
  }
  const auto* list = std::get_if<ValueList>(&parameter->domain);
  return list != nullptr &&
         std::any_of(list->values.begin(), list->values.end(),
                     [&](const Value& one) { return same_value(one, Value(std::string(value))); });
}

// The ways in which the conditions from `at` on can hold in the sweep, each as members of an
// exclusion and as words.
void ways_to_hold(const Idle& idle, const SweepSpec& spec, std::size_t at, std::string members,
                  std::string words, std::vector<std::pair<std::string, std::string>>& ways) {
  if (at == idle.where.size()) {
    ways.emplace_back(std::move(members), std::move(words));
    return;
  }
  const Condition& condition = idle.where[at];
  for (const std::string_view value : condition.values) {
    if (!can_be(spec, condition.field, value)) continue;
    if (!may_exist_with(spec, idle.field, condition.field, std::string(value))) continue;
    const std::string field(condition.field);
    ways_to_hold(
        idle, spec, at + 1, members + "\"" + field + "\": \"" + std::string(value) + "\", ",
        words + (words.empty() ? "" : " and ") + field + " is " + std::string(value), ways);
  }
}

// Notes on one field, and the exclusions of all its values but the first.
void note_idle(const Idle& idle, const SweepSpec& spec, Repeats& repeats) {
  const Parameter* parameter = swept(spec, idle.field);
  if (parameter == nullptr) return;
  std::vector<std::pair<std::string, std::string>> ways;
  ways_to_hold(idle, spec, 0, "", "", ways);
  for (const auto& [members, words] : ways) {
    repeats.notes.push_back(std::string(idle.field) + " does nothing where " + words);
    const auto* list = std::get_if<ValueList>(&parameter->domain);
    if (list == nullptr || spec.method != Method::kGrid) continue;
    for (std::size_t i = 1; i < list->values.size(); ++i) {
      repeats.exclude += (repeats.exclude.empty() ? "" : ", ") + std::string("{") + members + "\"" +
                         std::string(idle.field) + "\": " + json_text(list->values[i]) + "}";
    }
  }
}

bool is_pixel(const Shape& shape) {
  return shape.flat() || (shape.height == 1 && shape.width == 1);
}

bool norms_one_pixel(const ResolvedArchitecture& architecture) {
  const std::vector<LayerRow> rows = layer_table(architecture);
  return std::any_of(rows.begin(), rows.end(), [](const LayerRow& row) {
    return row.kind.find("BatchNorm") != std::string::npos && is_pixel(row.output);
  });
}

}  // namespace

Repeats find_repeats(const TrialSpace& space) {
  Repeats repeats;
  const SweepSpec& spec = space.frozen().spec;
  const std::int64_t trials = space.counts().trials;
  if (learns(spec.method)) return {};  // its trials are not known yet
  for (const Idle& idle : idle_fields()) note_idle(idle, spec, repeats);
  if ((repeats.notes.empty() && !draws(spec.method)) || trials > kMostLookedThrough) {
    return {};
  }
  std::set<std::string> keys;
  std::int64_t seen = 0;
  for (std::int64_t number = 0; number < space.counts().raw && seen < trials; ++number) {
    const auto config = space.config(number);
    if (!config) continue;
    ++seen;
    keys.insert(key_of(*config));
  }
  repeats.different = static_cast<std::int64_t>(keys.size());
  if (repeats.different == trials) return {};
  if (repeats.notes.empty()) repeats.notes.emplace_back("the method drew points again");
  return repeats;
}

Result<void> check_last_batches(const TrialSpace& space) {
  const SweepSpec& spec = space.frozen().spec;
  if (spec.trainer == Trainer::kSimulated) return {};
  const DatasetInfo& dataset = dataset_info(spec.dataset);
  if (spec.base.drop_last && swept(spec, "drop_last") == nullptr) return {};
  std::map<std::string, bool> norms;  // by what is trained
  const bool known = !learns(spec.method);
  const std::vector<TrialConfig> sample =
      known ? std::vector<TrialConfig>{} : space.sample(kSampled);
  const std::int64_t most = known ? std::min(space.counts().raw, kMostLookedThrough)
                                  : static_cast<std::int64_t>(sample.size());
  for (std::int64_t number = 0; number < most; ++number) {
    const auto config =
        known ? space.config(number) : std::optional(sample[static_cast<std::size_t>(number)]);
    if (!config || config->drop_last) continue;
    const std::int64_t images = trial_images(*config, dataset.train_count).training;
    if (images % config->batch_size != 1) continue;
    std::string key = config->variant;
    for (const auto& [name, value] : config->arch_params) key += '\n' + name + to_string(value);
    auto norm = norms.find(key);
    if (norm == norms.end()) {
      norm = norms.emplace(key, norms_one_pixel(space.architecture(*config))).first;
    }
    if (!norm->second) continue;
    return fail(ErrorCode::kBadInput, "/parameters/batch_size",
                "found " + std::to_string(config->batch_size) + ": of " + std::to_string(images) +
                    " training images the last batch holds one, and " + config->variant +
                    " normalises maps of one pixel, which then have no variance",
                "write \"drop_last\": {\"value\": true}, or another batch_size or train_size");
  }
  return {};
}

}  // namespace firesweep
