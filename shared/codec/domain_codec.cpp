#include "shared/codec/domain_codec.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>

#include "shared/codec/foreign_domain.h"
#include "shared/codec/parameter_codec.h"

namespace firesweep {
namespace {

bool is_whole_field(const Field& field) { return type_of(field) == FieldType::kWhole; }
bool is_real_field(const Field& field) { return type_of(field) == FieldType::kReal; }

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
    if (is_refused_distribution(node_) || is_group(name_, node_) ||
        !node_.is_object_of(kDomainKeys)) {
      return std::nullopt;
    }
    const std::string kind = distribution();
    const auto* known = std::ranges::find(kDistributions, kind, &Distribution::name);
    if (known == std::end(kDistributions) || !only_keys_of(*known) || !may_be(*known)) {
      return std::nullopt;
    }
    if (kind == "constant") return constant();
    if (kind == "categorical") return categorical();
    if (kind == "int_uniform") return int_uniform();
    if (kind.starts_with(kQuantizedPrefix)) return quantized(kind.substr(kQuantizedPrefix.size()));
    if (kind == "inv_log_uniform_values") return range<InvLogUniformValues>();
    return continuous(kind);
  }

 private:
  bool has(std::string_view key) const { return node_.find(key).has_value(); }

  void refuse(std::string_view key, const std::string& expected) {
    if (const auto member = node_.find(key)) member->refuse(expected);
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
      node.complain(
          "\"" + key + "\" does not belong to the distribution \"" + std::string(kind.name) + "\"",
          key == "q" ? "write \"distribution\": \"q_uniform\"" : "");
      return false;
    }
    return true;
  }

  // False with a mistake where the field's values cannot be drawn so.
  bool may_be(const Distribution& kind) {
    if (suits(kind, name_.field)) return true;
    const bool whole = is_whole_field(*name_.field);
    node_.complain("\"" + std::string(kind.name) + "\" draws " +
                       (kind.keys[0] == "a"           ? "numbers from 0 to 1"
                        : kind.draws == Draws::kWhole ? "whole numbers"
                        : kind.draws == Draws::kSteps ? "numbers"
                                                      : "real numbers") +
                       ", expected " + expected_text(*name_.field),
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
      if (!is_new && !name_.repeats) {
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
    if (!std::is_same_v<Range, Uniform> && *min <= 0) {
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

  // One of those that "q_" stands before, too.
  std::optional<Domain> continuous(std::string_view kind) {
    if (kind == "uniform") return range<Uniform>();
    if (kind == "log_uniform_values") return range<LogUniformValues>();
    if (kind == "beta") return beta();
    if (kind == "log_normal") return log_normal();
    return normal();
  }

  std::optional<double> above_zero(std::string_view key) {
    const auto node = node_.need(key, "a number above 0");
    const auto number = node ? node->real() : std::nullopt;
    if (number && *number <= 0) {
      node->refuse("a number above 0");
      return std::nullopt;
    }
    return number;
  }

  std::optional<Domain> normal() {
    const auto mean = bound("mu");
    const auto stddev = above_zero("sigma");
    if (!mean || !stddev) return std::nullopt;
    return Normal{*mean, *stddev};
  }

  std::optional<Domain> log_normal() {
    const auto node = node_.need("mu", "a number: the logarithm's mean");
    const auto mean = node ? node->real() : std::nullopt;
    const auto stddev = above_zero("sigma");
    if (!mean || !stddev) return std::nullopt;
    const LogNormal normal{*mean, *stddev};
    return enough_within(normal) ? std::optional<Domain>(normal) : std::nullopt;
  }

  std::optional<Domain> beta() {
    const auto a = above_zero("a");
    const auto b = above_zero("b");
    if (!a || !b) return std::nullopt;
    return Beta{*a, *b};
  }

  std::optional<double> step() {
    const bool whole = name_.field != nullptr && is_whole_field(*name_.field);
    if (!whole) return above_zero("q");
    const auto node = node_.need("q", "a whole number from 1");
    const auto number = node ? node->whole(1, kMostDrawn) : std::nullopt;
    return number ? std::optional(static_cast<double>(*number)) : std::nullopt;
  }

  std::optional<Domain> quantized(std::string_view of) {
    const auto q = step();
    const auto law = continuous(of);
    if (!q || !law) return std::nullopt;
    Quantized made{{}, *q};
    std::visit(
        [&](const auto& one) {
          if constexpr (std::is_constructible_v<decltype(made.of), decltype(one)>) made.of = one;
        },
        *law);
    const auto [first, last] = multiples_of(made, name_.field);
    if (first >= last) {
      refuse("q", "a step with at least two multiples in the range");
      return std::nullopt;
    }
    return enough_within(made) ? std::optional<Domain>(made) : std::nullopt;
  }

  // False with a mistake where most draws of an unbounded distribution would be thrown away.
  bool enough_within(const Domain& domain) {
    const double share = share_within(domain, name_.field);
    if (share >= kLeastWithin) return true;
    const std::string percent = std::to_string(static_cast<int>(share * 100));
    node_.complain("found a distribution of which " + percent + " % is " +
                       expected_text(*name_.field) +
                       ", expected at least 25 %: it is cut off there",
                   "choose another mu or a smaller sigma");
    return false;
  }

  const ParameterName& name_;
  const JsonNode& node_;
};

}  // namespace

bool suits(const Distribution& distribution, const Field* field) {
  if (field == nullptr || distribution.draws == Draws::kListed) return true;
  if (distribution.keys[0] == "a" && (field->min > 0 || field->max < 1)) return false;
  if (is_real_field(*field)) return true;
  return is_whole_field(*field) &&
         (distribution.draws == Draws::kWhole || distribution.draws == Draws::kSteps);
}

std::optional<Domain> read_domain(const ParameterName& name, const JsonNode& node) {
  return DomainReader(name, node).read();
}

}  // namespace firesweep
