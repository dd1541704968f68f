// The class names of the known datasets.
#pragma once

#include <span>
#include <string_view>

namespace firesweep {

// The names that the dataset's authors use, by class number; empty for a dataset whose names are
// not known. Pure.
std::span<const std::string_view> class_names(std::string_view dataset);

}  // namespace firesweep
