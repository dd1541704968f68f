// What a mistyped word was perhaps meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace firesweep {

// Lower case, without "-", "_" and blanks: what people mix up without noticing. Pure.
std::string folded(std::string_view word);

// "did you mean \"label_smoothing\"?", or empty where no candidate is near (edit distance above a
// third of the longer word's length), both folded. Pure.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace firesweep
