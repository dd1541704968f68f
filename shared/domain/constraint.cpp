#include "shared/domain/constraint.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <regex>

#include "shared/base/near_miss.h"
#include "shared/domain/fields.h"
#include "shared/domain/parameter_value.h"
#include "shared/domain/text_parser.h"

namespace firesweep {

enum class ConstraintOp {
  kValue,  // `value`
  kParams,
  kMacs,
  kModelBytes,
  kField,  // `field`
  kArch,   // `name`
  kNegative,
  kPlus,
  kMinus,
  kTimes,
  kOver,
  kLess,
  kLessOrEqual,
  kMore,
  kMoreOrEqual,
  kEqual,
  kUnequal,
  kAnd,
  kOr,
  kNot,
};

struct ConstraintNode {
  ConstraintOp op = ConstraintOp::kValue;
  Value value = {};
  const Field* field = nullptr;
  std::string name = {};
  std::vector<ConstraintNode> of = {};
};

namespace {

using Op = ConstraintOp;
using Node = ConstraintNode;

enum class Type { kNumber, kText, kTruth, kAny };  // kAny: a parameter of the architecture files

constexpr std::string_view type_name(Type type) {
  return type == Type::kText ? "text" : type == Type::kTruth ? "true or false" : "a number";
}

Type type_of_value(const Value& value) {
  if (std::holds_alternative<std::string>(value)) return Type::kText;
  return std::holds_alternative<bool>(value) ? Type::kTruth : Type::kNumber;
}

Type type_of_node(const Node& node) {
  switch (node.op) {
    case Op::kValue:
      return type_of_value(node.value);
    case Op::kField:
      return type_of_value(get_field(TrialConfig{}, *node.field));
    case Op::kArch:
      return Type::kAny;
    case Op::kParams:
    case Op::kMacs:
    case Op::kModelBytes:
    case Op::kNegative:
    case Op::kPlus:
    case Op::kMinus:
    case Op::kTimes:
    case Op::kOver:
      return Type::kNumber;
    default:
      return Type::kTruth;
  }
}

class ConstraintParser : TextParser {
 public:
  explicit ConstraintParser(std::string_view text) : TextParser(text) {}

  Result<Node> parse() {
    if (text_.size() > kLongestConstraint) wrong("it is longer than 500 characters");
    Node node = either();
    skip_blanks();
    if (at_ < text_.size()) wrong("found " + rest("its end") + " after its end", equals_hint());
    if (type_of_node(node) != Type::kTruth && type_of_node(node) != Type::kAny) {
      wrong("it compares nothing");
    }
    if (!mistake_.empty()) return fail(ErrorCode::kBadInput, "", mistake_, hint_);
    return node;
  }

 private:
  std::string equals_hint() const {
    return at_ < text_.size() && text_[at_] == '=' ? "write \"==\"" : "";
  }
  void need(const Node& node, Type wanted) {
    const Type type = type_of_node(node);
    if (type != wanted && type != Type::kAny) {
      wrong("found " + std::string(type_name(type)) + " where " + std::string(type_name(wanted)) +
            " is needed");
    }
  }
  Node joined(Op op, Node left, Node right, Type wanted) {
    need(left, wanted);
    need(right, wanted);
    Node made{.op = op};
    made.of.push_back(std::move(left));
    made.of.push_back(std::move(right));
    return made;
  }
  Node of_one(Op op, Node node, Type wanted) {
    need(node, wanted);
    Node made{.op = op};
    made.of.push_back(std::move(node));
    return made;
  }

  Node either() {
    Node node = both();
    while (take("or")) node = joined(Op::kOr, std::move(node), both(), Type::kTruth);
    return node;
  }
  Node both() {
    Node node = negated();
    while (take("and")) node = joined(Op::kAnd, std::move(node), negated(), Type::kTruth);
    return node;
  }
  Node negated() {
    if (take("not")) return of_one(Op::kNot, negated(), Type::kTruth);
    return comparison();
  }

  Node comparison() {
    Node left = sum();
    constexpr std::pair<std::string_view, Op> kAll[] = {
        {"<=", Op::kLessOrEqual}, {">=", Op::kMoreOrEqual}, {"==", Op::kEqual},
        {"!=", Op::kUnequal},     {"<", Op::kLess},         {">", Op::kMore}};
    for (const auto& [sign, op] : kAll) {
      if (!take(sign)) continue;
      const bool equality = op == Op::kEqual || op == Op::kUnequal;
      Node right = sum();
      const Type type = type_of_node(left) == Type::kAny ? type_of_node(right) : type_of_node(left);
      if (equality && type == Type::kAny) return pair_of_any(op, std::move(left), std::move(right));
      check_word(left, right);
      check_word(right, left);
      return joined(op, std::move(left), std::move(right), equality ? type : Type::kNumber);
    }
    return left;
  }

  static Node pair_of_any(Op op, Node left, Node right) {
    Node made{.op = op};
    made.of.push_back(std::move(left));
    made.of.push_back(std::move(right));
    return made;
  }

  // A word that the field cannot be is a mistake of its writer.
  void check_word(const Node& field, const Node& word) {
    if (field.op != Op::kField || word.op != Op::kValue || field.field->choices.empty()) return;
    const auto* text = std::get_if<std::string>(&word.value);
    const auto& choices = field.field->choices;
    if (text == nullptr || std::find(choices.begin(), choices.end(), *text) != choices.end()) {
      return;
    }
    wrong(std::string(field.field->name) + " is never '" + *text + "' but " +
              expected_text(*field.field),
          did_you_mean(*text, choices));
  }

  Node sum() {
    Node node = product();
    for (;;) {
      if (take("+")) {
        node = joined(Op::kPlus, std::move(node), product(), Type::kNumber);
      } else if (take("-")) {
        node = joined(Op::kMinus, std::move(node), product(), Type::kNumber);
      } else {
        return node;
      }
    }
  }
  Node product() {
    Node node = factor();
    for (;;) {
      if (take("*")) {
        node = joined(Op::kTimes, std::move(node), factor(), Type::kNumber);
      } else if (take("/")) {
        node = joined(Op::kOver, std::move(node), factor(), Type::kNumber);
      } else {
        return node;
      }
    }
  }

  Node factor() {
    if (take("-")) return of_one(Op::kNegative, factor(), Type::kNumber);
    if (take("(")) {
      Node node = either();
      if (!take(")")) wrong("found " + rest("its end") + ", no closing parenthesis");
      return node;
    }
    if (take("true")) return {.value = true};
    if (take("false")) return {.value = false};
    skip_blanks();
    if (at_ >= text_.size()) {
      wrong("it ends too early");
      return {.value = 0.0};
    }
    if (text_[at_] == '\'') return quoted();
    return is_letter(text_[at_]) ? named() : number();
  }

  Node quoted() {
    const std::size_t end = text_.find('\'', at_ + 1);
    if (end == std::string_view::npos) {
      wrong("found " + rest("its end") + ", no closing quotation mark");
      return {.value = std::string()};
    }
    Node made{.value = std::string(text_.substr(at_ + 1, end - at_ - 1))};
    at_ = end + 1;
    return made;
  }

  Node named() {
    const std::size_t start = at_;
    while (at_ < text_.size() &&
           (is_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '.'))
      ++at_;
    const std::string name(text_.substr(start, at_ - start));
    if (name == "params") return {.op = Op::kParams};
    if (name == "macs") return {.op = Op::kMacs};
    if (name == "model_bytes") return {.op = Op::kModelBytes};
    if (const Field* field = find_field(name)) return {.op = Op::kField, .field = field};
    if (name.starts_with(kArchPrefix) && name.size() > kArchPrefix.size()) {
      return {.op = Op::kArch, .name = name.substr(kArchPrefix.size())};
    }
    std::vector<std::string_view> known = {"params", "macs", "model_bytes"};
    for (const Field& field : fields()) known.push_back(field.name);
    const std::string near = did_you_mean(name, known);
    wrong("\"" + name + "\" is unknown",
          near.empty() ? "params, macs, model_bytes, hyperparameters and arch.NAME are known; text "
                         "stands in '…'"
                       : near);
    return {.value = 0.0};
  }

  Node number() {
    std::string digits;
    std::size_t end = at_;
    const auto sign = [&](char c) {
      return (c == '+' || c == '-') && !digits.empty() &&
             (digits.back() == 'e' || digits.back() == 'E');
    };
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (c == '_' && !digits.empty() && is_digit(digits.back())) continue;
      if (!is_digit(c) && c != '.' && c != 'e' && c != 'E' && !sign(c)) break;
      digits += c;
    }
    double value = 0;
    const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (code != std::errc() || stop != digits.data() + digits.size() || !std::isfinite(value)) {
      wrong("found " + rest("its end") + " where a number, a name or '…' is needed", equals_hint());
    }
    at_ = std::max(at_, std::min(end, text_.size()));
    return {.value = value};
  }
};

// An amount of one quantity may be written with blanks and "_" anywhere: without them it is what it
// means. Other texts are left as they are.
std::string without_blanks_in_amounts(std::string_view text) {
  std::string squeezed;
  for (const char c : text) {
    if (c != ' ' && c != '_') squeezed += c;
  }
  static const std::regex amount(
      R"((params|macs)(<=|>=|<|>)-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?)");
  return std::regex_match(squeezed, amount) ? squeezed : std::string(text);
}

class Evaluation {
 public:
  Evaluation(const TrialConfig& config, const Cost& cost) : config_(config), cost_(cost) {}

  bool truth(const Node& node) const {
    switch (node.op) {
      case Op::kAnd:
        return truth(node.of[0]) && truth(node.of[1]);
      case Op::kOr:
        return truth(node.of[0]) || truth(node.of[1]);
      case Op::kNot:
        return !truth(node.of[0]);
      case Op::kLess:
        return number(node.of[0]) < number(node.of[1]);
      case Op::kLessOrEqual:
        return number(node.of[0]) <= number(node.of[1]);
      case Op::kMore:
        return number(node.of[0]) > number(node.of[1]);
      case Op::kMoreOrEqual:
        return number(node.of[0]) >= number(node.of[1]);
      case Op::kEqual:
        return same_value(value(node.of[0]), value(node.of[1]));
      case Op::kUnequal:
        return !same_value(value(node.of[0]), value(node.of[1]));
      default: {
        const Value found = value(node);
        const auto* flag = std::get_if<bool>(&found);
        return flag != nullptr && *flag;
      }
    }
  }

 private:
  double number(const Node& node) const {
    switch (node.op) {
      case Op::kParams:
        return static_cast<double>(cost_.params);
      case Op::kMacs:
        return static_cast<double>(cost_.macs);
      case Op::kModelBytes:
        return static_cast<double>(cost_.model_bytes);
      case Op::kNegative:
        return -number(node.of[0]);
      case Op::kPlus:
        return number(node.of[0]) + number(node.of[1]);
      case Op::kMinus:
        return number(node.of[0]) - number(node.of[1]);
      case Op::kTimes:
        return number(node.of[0]) * number(node.of[1]);
      case Op::kOver: {
        const double divisor = number(node.of[1]);
        return divisor == 0 ? std::numeric_limits<double>::quiet_NaN()
                            : number(node.of[0]) / divisor;
      }
      default: {
        const Value found = value(node);
        if (const auto* whole = std::get_if<std::int64_t>(&found)) {
          return static_cast<double>(*whole);
        }
        const auto* real = std::get_if<double>(&found);
        return real == nullptr ? std::numeric_limits<double>::quiet_NaN() : *real;
      }
    }
  }

  Value value(const Node& node) const {
    if (node.op == Op::kValue) return node.value;
    if (node.op == Op::kField) return get_field(config_, *node.field);
    if (node.op == Op::kArch) {
      const auto found = config_.arch_params.find(node.name);
      return found == config_.arch_params.end() ? Value(std::string()) : found->second;
    }
    if (type_of_node(node) == Type::kTruth) return truth(node);
    return number(node);
  }

  const TrialConfig& config_;
  const Cost& cost_;
};

void collect_parameters(const Node& node, std::vector<std::string>& names) {
  if (node.op == Op::kArch) names.push_back(std::string(kArchPrefix) + node.name);
  if (node.op == Op::kField) names.emplace_back(node.field->name);
  for (const Node& inner : node.of) collect_parameters(inner, names);
}

}  // namespace

Result<Constraint> parse_constraint(std::string_view text) {
  const std::string meant = without_blanks_in_amounts(text);
  auto tree = ConstraintParser(meant).parse();
  if (!tree) return tl::unexpected(std::move(tree.error()));
  return Constraint{std::string(text), std::make_shared<const Node>(std::move(*tree))};
}

std::string constraint_pattern() {
  std::string names = "params|macs|model_bytes|true|false|arch\\.[A-Za-z0-9_.]+";
  for (const Field& field : fields()) names += "|" + std::string(field.name);
  const std::string word_ends = "(?![A-Za-z0-9_.])";
  const std::string operand =
      "(?:[ \\t(-]|not(?![A-Za-z0-9_]))*"
      "(?:(?:" +
      names + ")" + word_ends + "|'[^']*'|[0-9.][0-9._]*(?:[eE][+-]?[0-9._]+)?)[ \\t)]*";
  const std::string sign = "(?:[<>]=?|[=!]=|[+*/-]|(?:and|or)(?![A-Za-z0-9_]))";
  // Blanks and "_" may stand anywhere in an amount.
  const auto with_blanks = [](std::string_view word) {
    std::string spaced = "[ _]*";
    for (const char letter : word) spaced += letter + std::string("[ _]*");
    return spaced;
  };
  const std::string amount = "(?:" + with_blanks("params") + "|" + with_blanks("macs") +
                             ")[<>][ _]*=?[ _]*-?[ _]*[0-9.][0-9._ eE+-]*";
  return "^(?:" + operand + "(?:" + sign + operand + ")*|" + amount + ")$";
}

bool satisfies(const Constraint& constraint, const TrialConfig& config, const Cost& cost) {
  return Evaluation(config, cost).truth(*constraint.tree);
}

std::vector<std::string> parameters_of(const Constraint& constraint) {
  std::vector<std::string> names;
  collect_parameters(*constraint.tree, names);
  return names;
}

std::vector<std::string> arch_names_of(const Constraint& constraint) {
  std::vector<std::string> names;
  for (const std::string& name : parameters_of(constraint)) {
    if (name.starts_with(kArchPrefix)) names.push_back(name.substr(kArchPrefix.size()));
  }
  return names;
}

bool is_of_network(const Constraint& constraint) { return parameters_of(constraint).empty(); }

}  // namespace firesweep
