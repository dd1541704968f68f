// In what two frozen sweeps differ, for people.
#pragma once

#include <string>
#include <string_view>

namespace firesweep {

// "epochs, seeds" from two canonical specs; "the order of its parameters" where nothing else does;
// empty where they are equal or cannot be read. Pure.
std::string differences(std::string_view before, std::string_view now);

}  // namespace firesweep
