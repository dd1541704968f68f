// Valid names of sweeps and hosts. Names are printed to terminals, tables and plots, and stored in
// the database.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace firesweep {

inline constexpr std::size_t kLongestName = 100;  // characters

// What is wrong with a name, for example "found nothing visible, expected 1 to 100 printable
// characters"; nothing if the name is valid. Pure.
std::optional<std::string> mistake_in_name(std::string_view name);

}  // namespace firesweep
