// The differences between two frozen sweeps, for messages.
#pragma once

#include <string>
#include <string_view>

namespace firesweep {

// The members in which two canonical specs differ, for example "epochs, seeds"; "the order of its
// parameters" if only that differs; empty if they are equal or cannot be read. Pure.
std::string differences(std::string_view before, std::string_view now);

}  // namespace firesweep
