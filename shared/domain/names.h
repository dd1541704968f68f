// What people may call a sweep or a host: names are printed to terminals, tables and pictures, and
// read back from the database for ever.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace firesweep {

inline constexpr std::size_t kLongestName = 100;  // characters

// What is wrong with a name, as in "found nothing visible, expected 1 to 100 printable characters";
// nothing where it may be used. Pure.
std::optional<std::string> mistake_in_name(std::string_view name);

}  // namespace firesweep
