#include "shared/domain/expression.h"

#include <charconv>
#include <cmath>
#include <vector>

#include "shared/base/near_miss.h"
#include "shared/domain/text_parser.h"

namespace firesweep {
namespace {

// Characters; bounds the nesting of parentheses too.
constexpr std::size_t kLongestExpression = 200;

class ExpressionParser : TextParser {
 public:
  ExpressionParser(std::string_view text, const ExpressionScope& scope)
      : TextParser(text), scope_(scope) {}

  Result<double> parse(std::string_view where) {
    const double value = sum();
    skip_blanks();
    if (mistake_.empty() && at_ < text_.size()) wrong("a stray " + rest("end"));
    if (mistake_.empty() && !std::isfinite(value)) wrong("no finite number");
    if (mistake_.empty()) return value;
    return fail(ErrorCode::kBadInput, std::string(where),
                "found " + mistake_ + " in \"" + std::string(text_) +
                    "\", expected arithmetic over numbers, in, classes and $PARAM",
                hint_);
  }

 private:
  double sum() {
    double value = product();
    for (;;) {
      if (take("+")) {
        value += product();
      } else if (take("-")) {
        value -= product();
      } else {
        return value;
      }
    }
  }

  double product() {
    double value = factor();
    for (;;) {
      if (take("*")) {
        value *= factor();
      } else if (take("/")) {
        const double divisor = factor();
        if (divisor == 0) wrong("a division by zero");
        value /= divisor;
      } else {
        return value;
      }
    }
  }

  double factor() {
    if (take("-")) return -factor();
    if (take("(")) {
      const double value = sum();
      if (!take(")")) wrong("no closing parenthesis");
      return value;
    }
    if (take("$")) return param(name());
    skip_blanks();
    if (at_ < text_.size() && is_letter(text_[at_])) return word(name());
    return number();
  }

  std::string name() {
    const std::size_t start = at_;
    if (at_ < text_.size() && is_letter(text_[at_])) {
      while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    }
    return std::string(text_.substr(start, at_ - start));
  }

  double param(const std::string& name) {
    const auto it = scope_.params.find(name);
    if (it == scope_.params.end()) {
      std::vector<std::string_view> known;
      for (const auto& [key, value] : scope_.params) known.emplace_back(key);
      wrong("the unknown parameter \"$" + name + "\"", did_you_mean(name, known));
      return 0;
    }
    if (const auto* whole = std::get_if<std::int64_t>(&it->second)) {
      return static_cast<double>(*whole);
    }
    if (const auto* real = std::get_if<double>(&it->second)) return *real;
    wrong("the parameter \"$" + name + "\", which is no number but " + to_string(it->second));
    return 0;
  }

  double word(const std::string& name) {
    if (name == "in") return static_cast<double>(scope_.in);
    if (name == "classes") return static_cast<double>(scope_.classes);
    static constexpr std::string_view kWords[] = {"in", "classes"};
    const bool is_param = scope_.params.count(name) != 0;
    wrong("the unknown name \"" + name + "\"",
          is_param ? "a parameter is written \"$" + name + "\"" : did_you_mean(name, kWords));
    return 0;
  }

  double number() {
    double value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, code] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (code != std::errc() || !is_digit(text_[at_])) {
      wrong(rest("end") + " where a number was wanted");
      return 0;
    }
    at_ += static_cast<std::size_t>(end - begin);
    return value;
  }

  const ExpressionScope& scope_;
};

}  // namespace

Result<double> evaluate(std::string_view text, const ExpressionScope& scope,
                        std::string_view where) {
  if (text.size() > kLongestExpression) {
    return fail(ErrorCode::kBadInput, std::string(where),
                "found an expression of " + std::to_string(text.size()) +
                    " characters, expected at most " + std::to_string(kLongestExpression));
  }
  return ExpressionParser(text, scope).parse(where);
}

}  // namespace firesweep
