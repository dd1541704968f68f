// What the classes of a known dataset are called.
#pragma once

#include <span>
#include <string_view>

namespace firesweep {

// By class number, as the dataset's authors call them; empty for a dataset whose names are not
// known. Pure.
std::span<const std::string_view> class_names(std::string_view dataset);

}  // namespace firesweep
