// What a mistyped word was perhaps meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace firesweep {

// "did you mean \"label_smoothing\"?", or empty where no candidate is near (edit distance above a
// third of the longer word's length). Pure.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace firesweep
