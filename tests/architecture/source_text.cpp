#include "tests/architecture/source_text.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>

namespace firesweep {
namespace {

// One past the literal that starts at `begin` with the quote `text[begin]`.
std::size_t end_of_literal(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  std::size_t at = begin + 1;
  while (at < text.size() && text[at] != quote && text[at] != '\n') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

// One past the raw literal R"delimiter(…)delimiter" whose quote is at `begin`.
std::size_t end_of_raw_literal(std::string_view text, std::size_t begin) {
  const std::size_t open = text.find('(', begin);
  if (open == std::string_view::npos) return text.size();
  const std::string close = ")" + std::string(text.substr(begin + 1, open - begin - 1)) + "\"";
  const std::size_t end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

// The separator in 1'000'000, which opens no literal.
bool is_digit_separator(std::string_view text, std::size_t at) {
  return text[at] == '\'' && at > 0 && std::isxdigit(static_cast<unsigned char>(text[at - 1])) != 0;
}

enum class Keep { kLiterals, kLiteralsOfOneLine };

// Blanks comments, and with kLiteralsOfOneLine also raw literals, which may hold whole lines of
// source.
std::string blanked(std::string_view text, Keep keep) {
  std::string result(text);
  const auto blank = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      if (result[i] != '\n') result[i] = ' ';
    }
  };
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at + 1;
    if (text.substr(at, 2) == "//") {
      end = std::min(text.find('\n', at), text.size());
      blank(at, end);
    } else if (text.substr(at, 2) == "/*") {
      const std::size_t close = text.find("*/", at + 2);
      end = close == std::string_view::npos ? text.size() : close + 2;
      blank(at, end);
    } else if (text.substr(at, 2) == "R\"") {
      end = end_of_raw_literal(text, at + 1);
      if (keep == Keep::kLiteralsOfOneLine) blank(at, end);
    } else if (text[at] == '"' || (text[at] == '\'' && !is_digit_separator(text, at))) {
      end = end_of_literal(text, at);
    }
    at = end;
  }
  return result;
}

}  // namespace

std::string without_comments(std::string_view text) { return blanked(text, Keep::kLiterals); }

std::vector<IncludeLine> includes_of(std::string_view text) {
  static const std::regex kDirective(R"re(^\s*#\s*include\s*(<([^>]+)>|"([^"]+)").*)re");
  std::vector<IncludeLine> found;
  std::istringstream lines(blanked(text, Keep::kLiteralsOfOneLine));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::smatch match;
    if (!std::regex_match(line, match, kDirective)) continue;
    const bool quoted = match[3].matched;
    found.push_back({number, match[quoted ? 3 : 2].str(), quoted});
  }
  return found;
}

}  // namespace firesweep
