#include "shared/base/letters.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace firesweep {
namespace {

// Tables keep their columns: each sign becomes one character.
constexpr std::pair<std::string_view, char> kSigns[] = {
    {"─", '-'}, {"–", '-'}, {"█", '#'}, {"░", '-'}, {"▕", '['}, {"▏", ']'}, {"·", '|'},
    {"…", '.'}, {"×", 'x'}, {"±", ' '}, {"✓", '+'}, {"✗", 'x'}, {"↩", '<'}};

bool is_set(const char* value) { return value != nullptr && *value != '\0'; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

}  // namespace

Letters letters_for(const char* term, const char* lc_all, const char* lc_ctype, const char* lang) {
  if (term != nullptr && std::string_view(term) == "dumb") return Letters::kAscii;
  const std::string_view locale = is_set(lc_all)     ? lc_all
                                  : is_set(lc_ctype) ? lc_ctype
                                  : is_set(lang)     ? lang
                                                     : "";
  if (locale == "C" || locale == "POSIX") return Letters::kAscii;
  const std::size_t dot = locale.find('.');
  if (dot == std::string_view::npos) return Letters::kAll;
  const std::string encoding = lower(locale.substr(dot + 1, locale.find('@', dot) - dot - 1));
  return encoding == "utf-8" || encoding == "utf8" ? Letters::kAll : Letters::kAscii;
}

std::string in_letters(std::string text, Letters letters) {
  if (letters == Letters::kAll) return text;
  std::string narrow;
  for (std::string_view left = text; !left.empty();) {
    const auto sign = std::find_if(std::begin(kSigns), std::end(kSigns),
                                   [&](const auto& one) { return left.starts_with(one.first); });
    narrow += sign == std::end(kSigns) ? left.front() : sign->second;
    left.remove_prefix(sign == std::end(kSigns) ? 1 : sign->first.size());
  }
  return narrow;
}

std::string for_this_terminal(std::string text) {
  static const Letters letters = letters_for(std::getenv("TERM"), std::getenv("LC_ALL"),
                                             std::getenv("LC_CTYPE"), std::getenv("LANG"));
  return in_letters(std::move(text), letters);
}

}  // namespace firesweep
