// The order in which people count: "vm/2" before "vm/10", "n2/0" before "n10/0". Pure.
#pragma once

#include <string_view>

namespace firesweep {

// Whether `a` comes before `b`: runs of digits compare as numbers of any length, everything else
// byte by byte. A strict order; texts that differ in leading zeros alone are ordered by their
// bytes.
bool counts_before(std::string_view a, std::string_view b);

}  // namespace firesweep
