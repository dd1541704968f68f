// Where the members of a text that was put together from several files were written, so that each
// mistake is told at its place in what the user wrote.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firesweep {

// Of a member and of all below it, as far as no origin is nearer.
struct Origin {
  std::string pointer;      // JSON pointer of the member (RFC 6901)
  std::string source;       // a file's path, or the words of the command line that set the member
  bool is_setting = false;  // of the command line
  friend bool operator==(const Origin&, const Origin&) = default;
};

// What has no origin was written in the file that was handed in.
using Origins = std::vector<Origin>;

// The nearest origin of a place, or null. Pure; points into `origins`.
const Origin* origin_of(std::string_view pointer, const Origins& origins);

// "FILE: /pointer", with the file that has the place; "--set lr.max=1" of what the command line
// set. Without a file's name the pointer alone. Pure.
std::string written_at(std::string_view pointer, std::string_view file_name,
                       const Origins& origins);

}  // namespace firesweep
