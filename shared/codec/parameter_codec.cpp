#include "shared/codec/parameter_codec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "shared/base/near_miss.h"

namespace firesweep {
namespace {

constexpr std::string_view kArchPrefix = "arch.";

bool is_identifier(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && text.size() <= 64 && letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

struct Refused {
  std::string_view word;
  std::string_view what;
  std::string_view hint;
};
constexpr Refused kRefusedNames[] = {
    {"learning_rate", "\"learning_rate\" is not a parameter", "write \"lr\""},
    {"seed", "\"seed\" is not a parameter",
     "list training seeds in \"seeds\", beside \"parameters\""},
    {"model", "\"model\" is not a parameter", "write \"variant\""},
    {"architecture", "\"architecture\" is not a parameter", "write \"variant\""},
    {"smoothing", "\"smoothing\" is not a parameter", "write \"label_smoothing\""},
};

// What other trainers call a field, folded.
struct OtherName {
  std::string_view word;
  std::string_view field;
  std::string_view more = {};  // of the advice to write it
  bool same_values = true;     // false: the field measures it otherwise
};
constexpr OtherName kOtherNames[] = {
    {"learningrate", "lr"},
    {"baselr", "lr", ", the peak of the schedule"},
    {"maxlr", "lr", ", the peak of the schedule"},
    {"initlr", "lr", ", the peak of the schedule"},
    {"learnrate", "lr"},
    {"lr0", "lr", ", the peak of the schedule"},
    {"warmup", "warmup_fraction", ", a share of the run", false},
    {"warmupepochs", "warmup_fraction", ", a share of the run", false},
    {"warmupsteps", "warmup_fraction", ", a share of the run", false},
    {"opt", "optimizer"},
    {"optim", "optimizer"},
    {"lrscheduler", "schedule"},
    {"scheduler", "schedule"},
    {"sched", "schedule"},
    {"lrschedule", "schedule"},
    {"bs", "batch_size"},
    {"batch", "batch_size"},
    {"batchsizetrain", "batch_size"},
    {"trainbatchsize", "batch_size"},
    {"wd", "weight_decay"},
    {"l2", "weight_decay"},
    {"numepochs", "epochs"},
    {"nepochs", "epochs"},
    {"numtrainepochs", "epochs"},
    {"maxepochs", "epochs"},
    {"epoch", "epochs"},
    {"model", "variant"},
    {"modelname", "variant"},
    {"arch", "variant"},
    {"architecture", "variant"},
    {"network", "variant"},
    {"net", "variant"},
    {"backbone", "variant"},
    {"modelema", "ema_decay"},
    {"modelemadecay", "ema_decay"},
    {"ema", "ema_decay"},
    {"clipgrad", "grad_clip"},
    {"gradclipnorm", "grad_clip"},
    {"maxgradnorm", "grad_clip"},
    {"droprate", "dropout"},
    {"dropoutrate", "dropout"},
    {"dropoutp", "dropout"},
    {"dropoutprob", "dropout"},
    {"smoothing", "label_smoothing"},
    {"ls", "label_smoothing"},
    {"trainaug", "augmentation"},
    {"aug", "augmentation"},
    {"augment", "augmentation"},
    {"dataaugmentation", "augmentation"},
    {"mixedprecision", "amp"},
    {"fp16", "amp"},
    {"useamp", "amp"},
    {"valsplit", "val_size", ", images or a fraction"},
    {"valratio", "val_size", ", images or a fraction"},
    {"validationsplit", "val_size", ", images or a fraction"},
};

// What other trainers set that is no field, folded: what to write, or why to leave it out.
struct NoField {
  std::string_view word;
  std::string_view advice;
  bool leave_out = true;
};
constexpr std::string_view kNoSuch = "there is no such setting here";
constexpr std::string_view kDevice = "`firesweep run --device cuda` says where";
constexpr std::string_view kFolder = "`firesweep run --data-dir DIR` says where the images are";
constexpr std::string_view kDataset = "write \"dataset\" beside \"parameters\"";
constexpr std::string_view kSeeds = "list training seeds in \"seeds\", beside \"parameters\"";
constexpr NoField kNoFields[] = {
    {"minlr", kNoSuch},
    {"finallr", kNoSuch},
    {"warmuplr", kNoSuch},
    {"gamma", kNoSuch},
    {"patience", kNoSuch},
    {"mode", kNoSuch},
    {"stepsize", kNoSuch},
    {"milestones", kNoSuch},
    {"tuningmode", kNoSuch},
    {"nesterov", "sgd is always with Nesterov momentum"},
    {"droppath", kNoSuch},
    {"droppathrate", kNoSuch},
    {"datadir", kFolder},
    {"datapath", kFolder},
    {"numclasses", "the dataset says how many there are"},
    {"gpuid", kDevice},
    {"gpu", kDevice},
    {"gpus", kDevice},
    {"device", kDevice},
    {"numworkers", kNoSuch},
    {"workers", kNoSuch},
    {"betas", "write \"beta1\" and \"beta2\"", false},
    {"dataset", kDataset, false},
    {"datasetname", kDataset, false},
    {"data", kDataset, false},
    {"seed", kSeeds, false},
    {"randomseed", kSeeds, false},
};

template <std::size_t N, class Name>
const Name* find_folded(const Name (&table)[N], std::string_view name) {
  const auto it = std::ranges::find(table, folded(name), &Name::word);
  return it == std::end(table) ? nullptr : it;
}

// What to write in place of another trainer's name, or nothing.
std::string advice_on(std::string_view name) {
  if (const OtherName* other = find_folded(kOtherNames, name)) {
    return "write \"" + std::string(other->field) + "\"" + std::string(other->more);
  }
  const NoField* none = find_folded(kNoFields, name);
  if (none == nullptr) return {};
  return (none->leave_out ? "leave it out: " : "") + std::string(none->advice);
}

// "lr" of "optimizer.lr".
std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

// "did you mean "batch_size"?", or nothing.
std::string near_field(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Field& field : fields()) known.push_back(field.name);
  return did_you_mean(name, known);
}

constexpr std::array<std::string_view, 8> kKeys = {
    "value", "values", "probabilities", "distribution", "min", "max", "mu", "sigma"};

// Distributions of W&B that this version has not, or that are refused for good, with what to write
// instead.
constexpr Refused kRefusedDistributions[] = {
    {"log_uniform", "\"log_uniform\" means exponents in one tool and values in another",
     "write \"log_uniform_values\", whose min and max are values"},
    {"inv_log_uniform", "\"inv_log_uniform\" is not available in this version",
     "write \"log_uniform_values\""},
    {"inv_log_uniform_values", "\"inv_log_uniform_values\" is not available in this version",
     "write \"log_uniform_values\""},
    {"q_uniform", "\"q_uniform\" is not available in this version",
     "list the steps in \"values\", or write \"int_uniform\""},
    {"q_log_uniform", "\"q_log_uniform\" is not available in this version",
     "list the steps in \"values\""},
    {"q_log_uniform_values", "\"q_log_uniform_values\" is not available in this version",
     "list the steps in \"values\""},
    {"q_normal", "\"q_normal\" is not available in this version", "write \"normal\""},
    {"log_normal", "\"log_normal\" is not available in this version",
     "write \"log_uniform_values\""},
    {"q_log_normal", "\"q_log_normal\" is not available in this version",
     "write \"log_uniform_values\""},
    {"beta", "\"beta\" is not available in this version", "write \"uniform\""},
};

template <std::size_t N>
const Refused* find_refused(const Refused (&table)[N], std::string_view word) {
  const auto it =
      std::find_if(std::begin(table), std::end(table), [&](auto& r) { return r.word == word; });
  return it == std::end(table) ? nullptr : it;
}

bool is_whole_field(const Field& field) { return type_of(field) == FieldType::kWhole; }
bool is_real_field(const Field& field) { return type_of(field) == FieldType::kReal; }

// What groups of parameters call the choice itself, as in optimizer: {name: …, lr: …}.
constexpr std::array<std::string_view, 4> kGroupNames = {"name", "type", "kind", "class"};

// Reads one object that describes a domain.
class DomainReader {
 public:
  DomainReader(const ParameterName& name, const JsonNode& node) : name_(name), node_(node) {}

  std::optional<Domain> read() {
    if (!node_.json().is_object()) {
      const bool list = node_.json().is_array();
      node_.refuse("an object", list ? "write {\"values\": [...]}" : "write {\"value\": ...}");
      return std::nullopt;
    }
    if (refused_distribution() || is_group() || !node_.is_object_of(kKeys)) return std::nullopt;
    const std::string kind = distribution();
    const auto* known = std::ranges::find(kDistributions, kind, &Distribution::name);
    if (known == std::end(kDistributions) || !only_keys_of(*known) || !may_be(*known)) {
      return std::nullopt;
    }
    if (kind == "constant") return constant();
    if (kind == "categorical") return categorical();
    if (kind == "uniform") return range<Uniform>();
    if (kind == "log_uniform_values") return range<LogUniformValues>();
    if (kind == "int_uniform") return int_uniform();
    return normal();
  }

 private:
  bool has(std::string_view key) const { return node_.find(key).has_value(); }

  void refuse(std::string_view key, const std::string& expected) {
    if (const auto member = node_.find(key)) member->refuse(expected);
  }

  // True with a mistake where the distribution is one that this version has not.
  bool refused_distribution() {
    const auto given = node_.find("distribution");
    if (!given) return false;
    const auto* word = given->json().get_ptr<const std::string*>();
    const auto* refused = word ? find_refused(kRefusedDistributions, *word) : nullptr;
    if (refused == nullptr) return false;
    given->complain(std::string(refused->what), std::string(refused->hint));
    return true;
  }

  // True with a mistake where parameters of their own stand inside, as some tools nest them.
  bool is_group() {
    const auto nested = node_.find("parameters");
    const JsonNode& group = nested && nested->json().is_object() ? *nested : node_;
    const auto members = group.members();
    const bool grouped = std::all_of(members.begin(), members.end(), [](const auto& one) {
      const bool own = std::find(kKeys.begin(), kKeys.end(), one.first) != kKeys.end();
      return !own && one.second.json().is_object();
    });
    if (!grouped || members.empty()) return false;
    node_.complain("found a group of parameters, expected the values of one",
                   "write " + way_up(members));
    return true;
  }

  // What is to be written instead. What such files call "name" or "type" is the group's own value;
  // members that are no parameters here are mistakes of their own.
  std::string way_up(const std::vector<std::pair<std::string, JsonNode>>& members) const {
    std::string itself;
    std::string others;
    for (const auto& [key, member] : members) {
      const bool is_name =
          std::find(kGroupNames.begin(), kGroupNames.end(), key) != kGroupNames.end();
      if (is_name && itself.empty() && name_.field != nullptr) {
        itself = "\"" + std::string(name_.field->name) + "\": " + member.json().dump();
      } else if (read_parameter_name(key, member)) {
        others += (others.empty() ? "" : ", ") + key;
      }
    }
    if (others.empty()) return itself.empty() ? "its members one level up" : itself;
    return itself + (itself.empty() ? "" : ", and ") + others + " one level up";
  }

  // The distribution's name, given or inferred from the keys as W&B does; empty after a mistake.
  std::string distribution() {
    if (const auto given = node_.find("distribution")) {
      std::vector<std::string_view> names;
      for (const Distribution& one : kDistributions) names.push_back(one.name);
      return given->word(names).value_or("");
    }
    if (has("value")) return "constant";
    if (has("values")) return "categorical";
    const auto min = node_.find("min");
    const auto max = node_.find("max");
    if (min && max) {
      const bool whole = is_whole(min->json()) && is_whole(max->json());
      return whole && !(name_.field != nullptr && is_real_field(*name_.field)) ? "int_uniform"
                                                                               : "uniform";
    }
    if (min || max) {
      node_.need(min ? "max" : "min", "a number: a range has two ends");
      return {};
    }
    node_.complain("found no \"value\", \"values\" or \"distribution\"",
                   "write {\"value\": ...} or {\"values\": [...]}");
    return {};
  }

  // Whether a bound draws whole numbers; of a whole field 1.0 does too.
  bool is_whole(const Json& json) const {
    if (json.is_number_integer()) return true;
    return name_.field != nullptr && is_whole_field(*name_.field) && json.is_number_float() &&
           json.get<double>() == std::floor(json.get<double>());
  }

  // False with a mistake where a key stands that the distribution does not take.
  bool only_keys_of(const Distribution& kind) {
    for (const auto& [key, node] : node_.members()) {
      if (key == "distribution" || std::ranges::find(kind.keys, key) != kind.keys.end()) continue;
      node.complain("\"" + key + "\" does not belong to the distribution \"" +
                    std::string(kind.name) + "\"");
      return false;
    }
    return true;
  }

  // False with a mistake where the field's values cannot be drawn so.
  bool may_be(const Distribution& kind) {
    if (suits(kind, name_.field)) return true;
    const bool whole = is_whole_field(*name_.field);
    node_.complain("\"" + std::string(kind.name) + "\" draws " +
                       (kind.draws == Draws::kWhole ? "whole" : "real") + " numbers, expected " +
                       expected_text(*name_.field),
                   whole ? "write \"int_uniform\" or list \"values\"" : "list \"values\"");
    return false;
  }

  std::optional<Domain> constant() {
    const auto node = node_.need("value", "a value");
    if (node && node->json().is_array()) {
      node->refuse(name_.field != nullptr ? expected_text(*name_.field) : "one value",
                   "write \"values\" for a list");
      return std::nullopt;
    }
    const auto value = node ? read_parameter_value(name_, *node) : std::nullopt;
    if (!value) return std::nullopt;
    return ValueList{{*value}, {}};
  }

  std::optional<Domain> categorical() {
    const auto nodes = node_.need("values", "a list of values");
    if (!nodes) return std::nullopt;
    if (!nodes->json().is_array()) {
      const bool one = value_of(nodes->json()).has_value();
      nodes->refuse("a list of values",
                    one ? "write \"value\", or [" + describe(nodes->json()) + "]" : "");
      return std::nullopt;
    }
    ValueList list;
    std::map<std::string, std::size_t> seen;
    bool good = true;
    std::size_t at = 0;
    for (const JsonNode& node : nodes->elements("a list of values")) {
      const auto value = read_parameter_value(name_, node);
      const std::size_t number = at++;
      good = good && value.has_value();
      if (!value) continue;
      const std::string text =
          (std::holds_alternative<std::string>(*value) ? "\"" : "") + to_string(*value);
      const auto [it, is_new] = seen.emplace(text, number);
      if (!is_new) {
        node.complain("found " + found_text(*value) + " again, expected each value once",
                      "it is also at " + std::to_string(it->second) +
                          "; under method random, \"probabilities\" draw a value more "
                          "often");
        good = false;
        continue;
      }
      list.values.push_back(*value);
    }
    if (!good || list.values.empty()) return std::nullopt;
    if (const auto weights = node_.find("probabilities")) {
      if (!probabilities(*weights, list)) return std::nullopt;
    }
    return list;
  }

  bool probabilities(const JsonNode& node, ValueList& list) {
    double sum = 0;
    bool good = true;
    for (const JsonNode& element : node.elements("a list of numbers")) {
      const auto weight = element.real();
      const bool fraction = weight && *weight >= 0 && *weight <= 1;
      if (weight && !fraction) {
        element.refuse("a number in [0, 1]",
                       "probabilities are fractions that add up to 1, as in [0.8, 0.2]");
      }
      good = good && fraction;
      if (!fraction) continue;
      list.probabilities.push_back(*weight);
      sum += *weight;
    }
    if (!good) return false;
    if (list.probabilities.size() != list.values.size()) {
      node.refuse("a list of " + std::to_string(list.values.size()) + ", one for each value");
      return false;
    }
    if (std::abs(sum - 1) > 1e-6) {
      node.complain("the probabilities add up to " + to_string(Value(sum)) +
                    ", expected 1, within 0.000001");
      return false;
    }
    return true;
  }

  // A bound of a range: within the field's own bounds, where the parameter is a field.
  std::optional<double> bound(std::string_view key) {
    const auto node = node_.need(key, "a number");
    const auto number = node ? node->real() : std::nullopt;
    if (number && name_.field != nullptr && !node->of_field(*name_.field)) return std::nullopt;
    return number;
  }

  template <class Range>
  std::optional<Domain> range() {
    const auto min = bound("min");
    const auto max = bound("max");
    if (!min || !max) return std::nullopt;
    if (!(*min < *max)) {
      refuse("max", "a number above min, " + to_string(Value(*min)));
      return std::nullopt;
    }
    if (std::is_same_v<Range, LogUniformValues> && *min <= 0) {
      refuse("min", "a number above 0");
      return std::nullopt;
    }
    return Range{*min, *max};
  }

  std::optional<Domain> int_uniform() {
    const auto low = node_.need("min", "a whole number");
    const auto high = node_.need("max", "a whole number");
    const auto min = low ? low->whole(-kMostDrawn, kMostDrawn) : std::nullopt;
    const auto max = high ? high->whole(-kMostDrawn, kMostDrawn) : std::nullopt;
    if (!min || !max) return std::nullopt;
    if (name_.field != nullptr) {
      const bool low_fits = low->of_field(*name_.field).has_value();
      const bool high_fits = high->of_field(*name_.field).has_value();
      if (!low_fits || !high_fits) return std::nullopt;
    }
    const IntUniform range{min.value_or(0), max.value_or(0)};
    if (range.min >= range.max) {
      high->refuse("a whole number above min, " + std::to_string(range.min));
      return std::nullopt;
    }
    return range;
  }

  std::optional<Domain> normal() {
    const auto mean = bound("mu");
    const auto node = node_.need("sigma", "a number above 0");
    const auto stddev = node ? node->real() : std::nullopt;
    if (stddev && *stddev <= 0) {
      node->refuse("a number above 0");
      return std::nullopt;
    }
    if (!mean || !stddev) return std::nullopt;
    return Normal{*mean, *stddev};
  }

  const ParameterName& name_;
  const JsonNode& node_;
};

struct DomainWriter {
  Json operator()(const ValueList& list) const {
    Json json = Json::object();
    if (list.values.size() == 1 && list.probabilities.empty()) {
      json["value"] = json_of(list.values.front());
      return json;
    }
    for (const Value& value : list.values) json["values"].push_back(json_of(value));
    if (!list.probabilities.empty()) json["probabilities"] = list.probabilities;
    return json;
  }
  Json operator()(const Uniform& range) const { return bounds("uniform", range.min, range.max); }
  Json operator()(const LogUniformValues& range) const {
    return bounds("log_uniform_values", range.min, range.max);
  }
  Json operator()(const IntUniform& range) const {
    return bounds("int_uniform", range.min, range.max);
  }
  Json operator()(const Normal& normal) const {
    return {{"distribution", "normal"}, {"mu", normal.mean}, {"sigma", normal.stddev}};
  }

  template <class T>
  static Json bounds(std::string_view kind, T min, T max) {
    return {{"distribution", kind}, {"min", min}, {"max", max}};
  }
};

}  // namespace

bool suits(const Distribution& distribution, const Field* field) {
  if (field == nullptr || distribution.draws == Draws::kListed || is_real_field(*field))
    return true;
  return distribution.draws == Draws::kWhole && is_whole_field(*field);
}

std::optional<ParameterName> read_parameter_name(const std::string& name, const JsonNode& node) {
  if (const auto* refused = find_refused(kRefusedNames, name)) {
    node.complain(std::string(refused->what), std::string(refused->hint));
    return std::nullopt;
  }
  if (name.starts_with(kArchPrefix)) {
    const std::string arch = name.substr(kArchPrefix.size());
    if (is_identifier(arch)) return ParameterName{nullptr, arch, false};
    node.complain("found " + found_text(name) +
                  ", expected \"arch.NAME\" with a parameter of the architecture files");
    return std::nullopt;
  }
  if (const Field* field = find_field(name)) return ParameterName{field, {}, false};
  if (const Field* field = find_successor(name)) return ParameterName{field, {}, true};
  constexpr const char* kUnknown =
      "unknown parameter, expected a field of the table or \"arch.NAME\"";
  if (const std::string advice = advice_on(name); !advice.empty()) {
    node.complain(kUnknown, advice);
    return std::nullopt;
  }
  const std::string last = last_part(name);
  if (last != name && find_field(last) != nullptr) {
    node.complain("found a dotted name, as of a group of parameters", "write \"" + last + "\"");
    return std::nullopt;
  }
  const std::string near = near_field(name);
  node.complain(kUnknown, near.empty() ? "`firesweep explain` lists them" : near);
  return std::nullopt;
}

const Field* find_field_called(std::string_view name) {
  const std::string plain = folded(name);
  const auto known = fields();
  const auto it = std::find_if(known.begin(), known.end(),
                               [&](const Field& field) { return folded(field.name) == plain; });
  if (it != known.end()) return &*it;
  const OtherName* other = find_folded(kOtherNames, name);
  return other != nullptr && other->same_values ? find_field(other->field) : nullptr;
}

std::string why_no_field(std::string_view name) {
  const NoField* none = find_folded(kNoFields, name);
  return none != nullptr && none->leave_out ? std::string(none->advice) : advice_on(name);
}

std::optional<Value> read_parameter_value(const ParameterName& name, const JsonNode& node) {
  if (name.field == nullptr) return node.scalar();
  return name.former ? node.of_former(*name.field) : node.of_field(*name.field);
}

std::optional<Domain> read_domain(const ParameterName& name, const JsonNode& node) {
  return DomainReader(name, node).read();
}

void check_values_of_foreign(const std::string& name, const JsonNode& node) {
  const Field* field = find_field(last_part(name));
  if (field == nullptr) {
    const auto* refused = find_refused(kRefusedNames, name);
    std::string advice = refused != nullptr ? std::string(refused->hint) : advice_on(name);
    if (advice.empty()) advice = near_field(name);
    const std::size_t open = advice.find('"');
    const std::size_t close = open == std::string::npos ? open : advice.find('"', open + 1);
    if (close == std::string::npos) return;
    field = find_field(advice.substr(open + 1, close - open - 1));
  }
  if (field != nullptr && node.json().is_object()) read_domain({field, {}, false}, node);
}

Json json_of(const Domain& domain) { return std::visit(DomainWriter{}, domain); }

Parameter as_written(const Parameter& parameter) {
  const Field* field = find_field(parameter.name);
  const auto* list = std::get_if<ValueList>(&parameter.domain);
  if (field == nullptr || list == nullptr || field->former.name.empty()) return parameter;
  ValueList held{{}, list->probabilities};
  for (const Value& value : list->values) {
    const auto known = written(*field, value);
    if (!known || known->name != field->former.name) return parameter;
    held.values.push_back(known->value);
  }
  return {std::string(field->former.name), std::move(held)};
}

}  // namespace firesweep
