// Suggestions for mistyped words.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace firesweep {

// The word in lower case, without "-", "_" and blanks, which users often mix up. Pure.
std::string folded(std::string_view word);

// "did you mean \"label_smoothing\"?", or empty if no candidate is near. Near means: the edit
// distance of the folded words is at most a third of the longer word's length. Pure.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace firesweep
