// What the parsers of short texts share: a place in the text, and the first mistake, which ends the
// parse. For recursive descent.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace firesweep {

class TextParser {
 protected:
  explicit TextParser(std::string_view text) : text_(text) {}

  static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  // Of several mistakes the first one counts. What is parsed after it means nothing.
  void wrong(std::string mistake, std::string hint = {}) {
    if (!mistake_.empty()) return;
    mistake_ = std::move(mistake);
    hint_ = std::move(hint);
    at_ = text_.size();
  }

  // What comes next, in quotes; `at_end` if nothing does.
  std::string rest(std::string_view at_end) const {
    return at_ < text_.size() ? '"' + std::string(text_.substr(at_, 12)) + '"'
                              : std::string(at_end);
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  // Whether that comes next, after blanks; then it is passed over. A word must end there.
  bool take(std::string_view wanted) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(wanted)) return false;
    const std::size_t end = at_ + wanted.size();
    const bool word = is_letter(wanted.front());
    if (word && end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) return false;
    at_ = end;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string mistake_;
  std::string hint_;
};

}  // namespace firesweep
