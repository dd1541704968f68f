// C++ source as the include rules see it: its include directives and its code without comments.
// Owns that much of C++'s lexical rules and no more; conditional compilation is not looked at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firesweep {

struct IncludeLine {
  int line = 0;  // from 1
  std::string header;
  bool quoted = false;  // "…" rather than <…>
};

// The text with every comment blanked out, line breaks kept; string and character literals, raw
// ones too, stay as they are. Text that ends within a comment or literal is taken as closed there.
// Pure.
std::string without_comments(std::string_view text);

// The include directives of a text, in order; those in comments and string literals are none. Pure.
std::vector<IncludeLine> includes_of(std::string_view text);

}  // namespace firesweep
