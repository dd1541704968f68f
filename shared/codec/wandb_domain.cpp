#include "shared/codec/wandb_domain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "shared/base/near_miss.h"
#include "shared/codec/json_node.h"
#include "shared/domain/trial_config.h"

namespace firesweep {
namespace {

// W&B's distributions, our word for each, and the keys that W&B fills in.
struct Known {
  std::string_view theirs;
  std::string_view ours;
  std::array<std::string_view, 3> filled = {};
  bool exponents = false;  // min and max are of e
  bool inverse = false;    // … of 1/x
};
constexpr Known kKnown[] = {
    {"constant", "constant"},
    {"categorical", "categorical"},
    {"categorical_w_probabilities", "categorical"},
    {"int_uniform", "int_uniform"},
    {"uniform", "uniform"},
    {"q_uniform", "q_uniform", {"q"}},
    {"log_uniform", "log_uniform_values", {}, true},
    {"log_uniform_values", "log_uniform_values"},
    {"q_log_uniform", "q_log_uniform_values", {"q"}, true},
    {"q_log_uniform_values", "q_log_uniform_values", {"q"}},
    {"inv_log_uniform", "inv_log_uniform_values", {}, true, true},
    {"inv_log_uniform_values", "inv_log_uniform_values"},
    {"normal", "normal", {"mu", "sigma"}},
    {"q_normal", "q_normal", {"mu", "sigma", "q"}},
    {"log_normal", "log_normal", {"mu", "sigma"}},
    {"q_log_normal", "q_log_normal", {"mu", "sigma", "q"}},
    {"beta", "beta", {"a", "b"}},
    {"q_beta", "q_beta", {"a", "b", "q"}},
};

int default_of(std::string_view key) { return key == "mu" ? 0 : 1; }

// The distribution that W&B infers.
std::string inferred(const Json& spec) {
  if (spec.contains("value")) return "constant";
  if (spec.contains("values")) return "categorical";
  if (!spec.contains("min") || !spec.contains("max")) return {};
  const bool whole = spec["min"].is_number_integer() && spec["max"].is_number_integer();
  return whole ? "int_uniform" : "uniform";
}

// The number without the digits that binary fractions add to it: 0.3, not 0.30000000000000004.
double with_digits(double number, int digits) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*g", digits, number);
  return std::strtod(text.data(), nullptr);
}

// Six digits: what is worth writing of an exponent's power.
double power(double exponent) { return with_digits(std::exp(exponent), 6); }

void from_exponents(const Known& known, ImportedDomain& domain) {
  Json& json = domain.json;
  if (!json.contains("min") || !json.contains("max")) return;
  if (!json["min"].is_number() || !json["max"].is_number()) return;
  const double min = json["min"].get<double>();
  const double max = json["max"].get<double>();
  json["min"] = known.inverse ? power(-max) : power(min);
  json["max"] = known.inverse ? power(-min) : power(max);
  domain.changes.push_back("the bounds of " + std::string(known.theirs) +
                           " are exponents: " + describe(json["min"]) + " to " +
                           describe(json["max"]) + " as values; if values were meant, write them");
}

constexpr double kExact = 9007199254740992.0;  // 2^53: whole numbers that doubles hold
constexpr std::int64_t kMostListed = 1000;

// A range as the list of values that W&B's grid makes of it: all of an int_uniform, and of a
// q_uniform every q from min to below max.
void as_list(ImportedDomain& domain) {
  Json& json = domain.json;
  const std::string kind = json.value("distribution", "");
  const bool steps = kind == "q_uniform";
  if (!steps && kind != "int_uniform") return;
  for (const char* key : {"min", "max"}) {
    if (!json.contains(key) || !json[key].is_number()) return;
  }
  const double min = json["min"].get<double>();
  const double max = json["max"].get<double>();
  if (steps && !json["q"].is_number()) return;
  const double q = steps ? json["q"].get<double>() : 1;
  if (!(q > 0) || !(max >= min) || std::abs(min) > kExact || std::abs(max) > kExact ||
      (max - min) / q >= static_cast<double>(kMostListed))
    return;
  const bool whole = min == std::floor(min) && q == std::floor(q);
  Json values = Json::array();
  const double count = steps ? std::ceil((max - min) / q) : std::floor(max - min) + 1;  // as numpy
  for (std::int64_t i = 0; static_cast<double>(i) < count; ++i) {
    const double value = min + q * static_cast<double>(i);
    if (whole) {
      values.push_back(static_cast<std::int64_t>(value));
    } else {
      values.push_back(with_digits(value, 12));
    }
  }
  if (values.empty()) return;
  domain.changes.push_back("a grid takes every value of " + kind + ": listed");
  json = Json::object();
  json["values"] = std::move(values);
}

// ---- values

// What others call a value of a field, folded.
struct Word {
  std::string_view field;
  std::string_view theirs;
  std::string_view ours;
};
constexpr Word kWords[] = {
    {"optimizer", "nag", "sgd"},
    {"optimizer", "nesterov", "sgd"},
    {"schedule", "cosineannealing", "cosine"},
    {"schedule", "cosineannealinglr", "cosine"},
    {"schedule", "onecyclelr", "one_cycle"},
    {"schedule", "1cycle", "one_cycle"},
    {"schedule", "constantlr", "constant"},
    {"schedule", "none", "constant"},
    {"amp", "true", "auto"},
    {"amp", "false", "off"},
    {"amp", "none", "off"},
    {"amp", "32", "off"},
    {"amp", "float32", "off"},
    {"amp", "float16", "fp16"},
    {"amp", "16mixed", "fp16"},
    {"amp", "bfloat16", "bf16"},
    {"amp", "bf16mixed", "bf16"},
    {"augmentation", "true", "crop_flip"},
    {"augmentation", "false", "none"},
};

std::optional<std::string> word_of(const Field& field, const std::string& theirs,
                                   std::span<const std::string> architectures) {
  const std::string plain = folded(theirs);
  const bool network = field.name == "variant";
  for (const std::string_view choice : field.choices) {
    if (folded(choice) == plain) return std::string(choice);
  }
  for (const std::string& name : architectures) {
    if (network && folded(name) == plain) return name;
  }
  for (const Word& word : kWords) {
    if (word.field == field.name && word.theirs == plain) return std::string(word.ours);
  }
  return std::nullopt;
}

// A value as the field has it.
Result<Value> value_for(const Field& field, const Json& json,
                        std::span<const std::string> architectures) {
  const auto given = value_of(json);
  if (!given) {
    return fail(ErrorCode::kBadInput, "",
                "found " + describe(json) + ", expected " + expected_text(field));
  }
  Value value = *given;
  if (type_of(field) == FieldType::kText) {
    const auto word = word_of(field, to_string(value), architectures);
    if (!word && field.choices.empty()) {
      return fail(ErrorCode::kBadInput, "",
                  "found " + found_text(value) + ", expected a file of architectures/",
                  "describe the network in such a file; `firesweep inspect` checks it");
    }
    if (word) value = *word;
  }
  const auto* real = std::get_if<double>(&value);
  if (type_of(field) == FieldType::kWhole && real != nullptr && *real == std::floor(*real) &&
      std::abs(*real) <= kExact) {
    value = static_cast<std::int64_t>(*real);
  }
  TrialConfig room;
  if (const auto set = set_field(room, field, value, ""); !set) return tl::unexpected(set.error());
  return value;
}

constexpr std::size_t kMostSaid = 8;  // of what changes in a list

// A list without what the field does not have; probabilities keep their proportions.
Result<ImportedDomain> list_in_words(const Field& field, ImportedDomain domain,
                                     std::span<const std::string> architectures) {
  const Json theirs = domain.json["values"];
  if (theirs.size() > kMostElements) {
    return fail(
        ErrorCode::kBadInput, "",
        "found " + describe(theirs) + " values, expected at most " + std::to_string(kMostElements));
  }
  Json values = Json::array();
  Json weights = Json::array();
  const auto given = domain.json.find("probabilities");
  const bool weighted =
      given != domain.json.end() && given->is_array() && given->size() == theirs.size();
  double sum = 0;
  Error last;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const auto value = value_for(field, theirs[i], architectures);
    if (!value) {
      last = value.error();
      domain.changes.push_back("without " + describe(theirs[i]));
      continue;
    }
    const Json ours = json_of(*value);
    const auto known = std::find(values.begin(), values.end(), ours);
    const auto place = static_cast<std::size_t>(known - values.begin());
    const bool again = known != values.end();
    if (ours != theirs[i] || again) {
      domain.changes.push_back(describe(theirs[i]) + " is " + describe(ours) +
                               (again ? ", which is there already" : ""));
    }
    if (!again) values.push_back(ours);
    if (!weighted) continue;
    if (!again) weights.push_back(0.0);
    const double weight = (*given)[i].is_number() ? (*given)[i].get<double>() : 0;
    weights[place] = weights[place].get<double>() + weight;
    sum += weight;
  }
  if (values.empty()) return tl::unexpected(last);
  if (domain.changes.size() > kMostSaid) {
    const std::size_t more = domain.changes.size() - kMostSaid;
    domain.changes.resize(kMostSaid);
    domain.changes.push_back("and " + std::to_string(more) + " more like these");
  }
  if (values.size() < theirs.size() && !last.what.empty()) {
    domain.changes.push_back(field.choices.empty() ? last.what
                                                   : "expected " + expected_text(field));
  }
  constexpr double kNear = 1e-6;
  if (weighted && sum > 0 && std::abs(sum - 1) > kNear) {
    for (Json& weight : weights) weight = weight.get<double>() / sum;
    domain.changes.push_back("the probabilities add up to 1 again");
  }
  domain.json["values"] = std::move(values);
  if (weighted) domain.json["probabilities"] = std::move(weights);
  return domain;
}

// A program that gets real numbers for a whole field rounds them.
void to_whole(ImportedDomain& domain) {
  Json& json = domain.json;
  const auto kind = json.find("distribution");
  if (kind == json.end() || *kind != "uniform") return;
  for (const char* key : {"min", "max"}) {
    const auto end = json.find(key);
    if (end == json.end() || !end->is_number()) return;
    if (!(std::abs(end->get<double>()) <= kExact)) return;
  }
  *kind = "int_uniform";
  json["min"] = static_cast<std::int64_t>(std::ceil(json["min"].get<double>()));
  json["max"] = static_cast<std::int64_t>(std::floor(json["max"].get<double>()));
  domain.changes.emplace_back("whole numbers: int_uniform in place of uniform");
}

}  // namespace

ImportedDomain wandb_domain(const Json& spec, bool is_grid) {
  ImportedDomain domain{spec, {}};
  if (!spec.is_object()) return domain;
  const auto given = spec.find("distribution");
  const std::string kind = given == spec.end()  ? inferred(spec)
                           : given->is_string() ? given->get<std::string>()
                                                : std::string();
  const auto* known = std::ranges::find(kKnown, kind, &Known::theirs);
  if (known == std::end(kKnown)) return domain;
  Json& json = domain.json;
  json = Json::object();
  if (known->ours != "constant" && known->ours != "categorical") {
    json["distribution"] = known->ours;
  }
  for (const auto& [key, value] : spec.items()) {
    if (key != "distribution") json[key] = value;
  }
  for (const std::string_view key : known->filled) {
    if (key.empty() || json.contains(std::string(key))) continue;
    json[std::string(key)] = default_of(key);
  }
  if (known->exponents) from_exponents(*known, domain);
  if (is_grid) as_list(domain);
  return domain;
}

Result<ImportedDomain> in_words_of(const Field& field, ImportedDomain domain,
                                   std::span<const std::string> architectures) {
  Json& json = domain.json;
  if (!json.is_object()) return domain;
  if (json.contains("values") && json["values"].is_array() && !json["values"].empty()) {
    return list_in_words(field, std::move(domain), architectures);
  }
  if (json.contains("value")) {
    const auto value = value_for(field, json["value"], architectures);
    if (!value) return tl::unexpected(value.error());
    const Json ours = json_of(*value);
    if (ours != json["value"]) {
      domain.changes.push_back(describe(json["value"]) + " is " + describe(ours));
    }
    json["value"] = ours;
    return domain;
  }
  if (type_of(field) == FieldType::kWhole) to_whole(domain);
  return domain;
}

}  // namespace firesweep
