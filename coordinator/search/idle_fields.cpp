#include "coordinator/search/idle_fields.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "shared/domain/conditions.h"
#include "shared/domain/fields.h"

namespace firesweep {
namespace {

// Where another field has one of some values.
struct Where {
  std::string_view field;
  std::vector<std::string_view> values;
};

// A field that has no effect where all of this holds (worker/training/optim.h, schedule.h).
struct Idle {
  std::string_view field;
  std::vector<Where> where;
};

const std::vector<Idle>& idle_fields() {
  static const Where one_cycle{"schedule", {"one_cycle", "one_cycle_per_epoch"}};
  static const std::vector<Idle> all = {
      {"momentum", {{"optimizer", {"adamw"}}}},
      {"momentum", {{"optimizer", {"sgd"}}, one_cycle}},  // which cycles it itself
      {"beta1", {{"optimizer", {"sgd", "muon"}}}},
      {"beta1", {{"optimizer", {"adamw"}}, one_cycle}},
      {"beta2", {{"optimizer", {"sgd", "muon"}}}},
      {"sgd_lr", {{"optimizer", {"adamw", "sgd"}}}},
      {"schedule_epochs", {{"schedule", {"constant"}}}},
      {"warmup_fraction", {{"schedule", {"constant", "cosine"}}}},
      {"cooldown_epochs", {{"schedule", {"cosine", "one_cycle", "one_cycle_per_epoch"}}}}};
  return all;
}

// The fields of the table, each once.
std::vector<std::string_view> idle_names() {
  std::vector<std::string_view> names;
  for (const Idle& idle : idle_fields()) {
    if (std::ranges::find(names, idle.field) == names.end()) names.push_back(idle.field);
  }
  return names;
}

// Whether a field has no effect beside these values of others.
using ValueOf = std::function<std::string(std::string_view field)>;
bool has_no_effect(std::string_view field, const ValueOf& value_of) {
  return std::ranges::any_of(idle_fields(), [&](const Idle& idle) {
    return idle.field == field && std::ranges::all_of(idle.where, [&](const Where& where) {
             return std::ranges::find(where.values, value_of(where.field)) != where.values.end();
           });
  });
}

const ValueList* list_of(const SweepSpec& spec, std::string_view name) {
  const auto place = place_of_parameter(spec, name);
  return place ? std::get_if<ValueList>(&spec.parameters[*place].domain) : nullptr;
}

std::string base_value(const SweepSpec& spec, std::string_view field) {
  return to_string(get_field(spec.base, *find_field(field)));
}

// A field that decides whether another one has an effect.
struct Deciding {
  std::string_view field;
  std::vector<std::string> values;  // which it has where the other one exists
  bool swept = false;
  bool may_be_absent = false;     // the last value is then its default, where it does not exist
  std::vector<bool> useful = {};  // by value: with some values of the others there is an effect

  bool is_absent(std::size_t at) const { return may_be_absent && at + 1 == values.size(); }
};

std::vector<Deciding> deciding_of(const SweepSpec& spec, std::string_view idle_field) {
  std::vector<Deciding> all;
  for (const Idle& idle : idle_fields()) {
    if (idle.field != idle_field) continue;
    for (const Where& where : idle.where) {
      if (std::ranges::find(all, where.field, &Deciding::field) != all.end()) continue;
      Deciding& one = all.emplace_back(Deciding{where.field, {}});
      const ValueList* list = list_of(spec, where.field);
      one.swept = list != nullptr;
      if (list == nullptr) {
        one.values = {base_value(spec, where.field)};
      } else {
        for (const Value& value : list->values) {
          if (may_exist_with(spec, idle_field, where.field, value)) {
            one.values.push_back(to_string(value));
          }
        }
        const auto* own = condition_of(spec, idle_field);
        const bool asked =
            own != nullptr &&
            std::ranges::find(own->where, where.field, &Requirement::name) != own->where.end();
        one.may_be_absent = condition_of(spec, where.field) != nullptr && !asked;
        if (one.may_be_absent) one.values.push_back(base_value(spec, where.field));
      }
      one.useful.assign(one.values.size(), false);
    }
  }
  return all;
}

// Calls `visit` with a place in the values of each, for every combination of them.
void each_combination(const std::vector<Deciding>& all,
                      const std::function<void(const std::vector<std::size_t>&)>& visit) {
  std::vector<std::size_t> places(all.size(), 0);
  if (std::ranges::any_of(all, [](const Deciding& one) { return one.values.empty(); })) return;
  while (true) {
    visit(places);
    std::size_t at = all.size();
    while (at > 0 && ++places[at - 1] == all[at - 1].values.size()) places[--at] = 0;
    if (at == 0) return;
  }
}

ValueOf values_at(const std::vector<Deciding>& all, const std::vector<std::size_t>& places) {
  return [&](std::string_view field) {
    const auto found = std::ranges::find(all, field, &Deciding::field);
    return found->values[places[static_cast<std::size_t>(found - all.begin())]];
  };
}

// ---- the members of a file

std::string in_json(std::string_view name) { return json_text(Value(std::string(name))); }

std::string text_of(const std::vector<Value>& values) {
  if (values.size() == 1) return json_text(values.front());
  std::string text;
  for (const Value& value : values) text += (text.empty() ? "" : ", ") + json_text(value);
  return "[" + text + "]";
}

std::string text_of(const std::vector<ParameterCondition>& conditions) {
  std::string all;
  for (const ParameterCondition& condition : conditions) {
    std::string where;
    for (const Requirement& requirement : condition.where) {
      where += (where.empty() ? "" : ", ") + in_json(requirement.name) + ": " +
               text_of(requirement.values);
    }
    all += (all.empty() ? "" : ", ") + in_json(condition.parameter) + ": {" + where + "}";
  }
  return "\"conditions\": {" + all + "}";
}

using Excluded = std::vector<std::map<std::string, Value>>;
std::string text_of(const Excluded& exclude) {
  std::string all;
  for (const auto& point : exclude) {
    std::string one;
    for (const auto& [name, value] : point) {
      one += (one.empty() ? "" : ", ") + in_json(name) + ": " + json_text(value);
    }
    all += (all.empty() ? "" : ", ") + std::string("{") + one + "}";
  }
  return "\"exclude\": [" + all + "]";
}

// Writes the conditions of one parameter after the other into a copy of the file's own, and
// excludes what conditions cannot say.
class RemedyMaker {
 public:
  explicit RemedyMaker(const SweepSpec& spec)
      : spec_(spec), conditions_(spec.conditions), exclude_(spec.exclude) {}

  Remedy make() {
    for (const std::string_view name : idle_names()) {
      if (place_of_parameter(spec_, name) && !is_zipped(name)) mend(name);
    }
    if (conditions_changed_ && !conditions_.empty()) {
      remedy_.members.push_back(text_of(conditions_));
    }
    if (exclude_.size() > spec_.exclude.size()) remedy_.members.push_back(text_of(exclude_));
    return std::move(remedy_);
  }

 private:
  bool is_zipped(std::string_view name) const {
    return std::ranges::any_of(spec_.zip, [&](const auto& names) {
      return std::ranges::find(names, name) != names.end();
    });
  }

  void mend(std::string_view name) {
    std::vector<Deciding> all = deciding_of(spec_, name);
    bool somewhere = false;
    bool nowhere = false;
    each_combination(all, [&](const std::vector<std::size_t>& places) {
      if (has_no_effect(name, values_at(all, places))) {
        nowhere = true;
        return;
      }
      somewhere = true;
      for (std::size_t i = 0; i < all.size(); ++i) all[i].useful[places[i]] = true;
    });
    if (!nowhere) return;
    if (!somewhere) return fix(name);
    for (const Deciding& one : all) require(name, one);
    exclude_the_rest(name, all);
  }

  // It has no effect at any point: one value is enough.
  void fix(std::string_view name) {
    remedy_.parameters.push_back(in_json(name) + ": {\"value\": " +
                                 json_text(get_field(spec_.base, *find_field(name))) + "}");
    const auto erased = std::erase_if(conditions_, [&](const ParameterCondition& condition) {
      return condition.parameter == name;
    });
    conditions_changed_ = conditions_changed_ || erased > 0;
  }

  // Lets the parameter exist where another has one of its useful values.
  void require(std::string_view name, const Deciding& other) {
    const bool all = std::ranges::find(other.useful, false) == other.useful.end();
    const bool needs_absence = other.may_be_absent && other.useful.back();
    if (!other.swept || all || needs_absence) return;
    Requirement requirement{std::string(other.field), {}};
    for (std::size_t i = 0; i < other.values.size(); ++i) {
      if (other.useful[i] && !other.is_absent(i)) requirement.values.emplace_back(other.values[i]);
    }
    auto own = std::ranges::find(conditions_, name, &ParameterCondition::parameter);
    if (own == conditions_.end()) {
      own = conditions_.insert(own, ParameterCondition{std::string(name), {}});
    }
    auto asked = std::ranges::find(own->where, requirement.name, &Requirement::name);
    if (asked == own->where.end()) {
      own->where.push_back(std::move(requirement));
    } else {
      asked->values = std::move(requirement.values);
    }
    conditions_changed_ = true;
  }

  // Of points where the parameter exists without effect, those with its first value stay.
  void exclude_the_rest(std::string_view name, const std::vector<Deciding>& all) {
    const ValueList* list = list_of(spec_, name);
    if (list == nullptr) return;
    each_combination(all, [&](const std::vector<std::size_t>& places) {
      if (!has_no_effect(name, values_at(all, places))) return;
      std::map<std::string, Value> point;
      for (std::size_t i = 0; i < all.size(); ++i) {
        // An exclusion cannot say that a parameter does not exist.
        if (!exists_with(all[i], places[i]) || all[i].is_absent(places[i])) return;
        if (all[i].swept) point.emplace(all[i].field, all[i].values[places[i]]);
      }
      for (std::size_t i = 1; i < list->values.size(); ++i) {
        point.insert_or_assign(std::string(name), list->values[i]);
        if (!is_excluded(point)) exclude_.push_back(point);
      }
    });
  }

  bool is_excluded(const std::map<std::string, Value>& point) const {
    return std::ranges::any_of(exclude_, [&](const auto& exclusion) {
      return std::ranges::all_of(exclusion, [&](const auto& one) {
        const auto own = point.find(one.first);
        return own != point.end() && same_value(own->second, one.second);
      });
    });
  }

  // Whether the conditions as they are now let the parameter exist with that value of another.
  static bool exists_with(const Deciding& other, std::size_t at) {
    const bool needs_absence = other.may_be_absent && other.useful.back();
    return other.useful[at] || !other.swept || needs_absence;
  }

  const SweepSpec& spec_;
  std::vector<ParameterCondition> conditions_;
  Excluded exclude_;
  bool conditions_changed_ = false;
  Remedy remedy_;
};

// The ways in which all of `where` from `at` on can hold in the sweep, each in words.
void ways_to_hold(const Idle& idle, const SweepSpec& spec, std::size_t at, const std::string& words,
                  std::vector<std::string>& ways) {
  if (at == idle.where.size()) {
    ways.push_back(words);
    return;
  }
  const Where& where = idle.where[at];
  const auto all = deciding_of(spec, idle.field);
  const auto& possible = std::ranges::find(all, where.field, &Deciding::field)->values;
  for (const std::string_view value : where.values) {
    if (std::ranges::find(possible, value) == possible.end()) continue;
    ways_to_hold(idle, spec, at + 1,
                 words + (words.empty() ? "" : " and ") + std::string(where.field) + " is " +
                     std::string(value),
                 ways);
  }
}

}  // namespace

TrialConfig without_idle_values(TrialConfig config) {
  const TrialConfig usual;
  const TrialConfig given = config;
  for (const std::string_view name : idle_names()) {
    const bool idle = has_no_effect(name, [&](std::string_view field) {
      return to_string(get_field(given, *find_field(field)));
    });
    const Field& field = *find_field(name);
    if (idle) (void)set_field(config, field, get_field(usual, field), "");
  }
  return config;
}

bool may_be_idle(std::string_view field) {
  return std::ranges::find(idle_fields(), field, &Idle::field) != idle_fields().end();
}

std::vector<std::string> idle_notes(const SweepSpec& spec) {
  std::vector<std::string> notes;
  for (const Idle& idle : idle_fields()) {
    if (!place_of_parameter(spec, idle.field)) continue;
    std::vector<std::string> ways;
    ways_to_hold(idle, spec, 0, "", ways);
    for (const std::string& words : ways) {
      notes.push_back(std::string(idle.field) + " does nothing where " + words);
    }
  }
  return notes;
}

Remedy idle_remedy(const SweepSpec& spec) { return RemedyMaker(spec).make(); }

}  // namespace firesweep
