// The tree into which every text is parsed before it is decoded. Internal to the codec room and its
// tests.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

namespace firesweep {

// Keeps the order of an object's keys: the order of a sweep's parameters is part of its meaning.
using Json = nlohmann::ordered_json;

// Limits for a text, so that no file can use up memory, stack or time.
inline constexpr std::size_t kMaxDocumentBytes = std::size_t{1} << 20;
inline constexpr int kMaxTextDepth = 64;
inline constexpr std::size_t kMaxObjectKeys = 1000;
inline constexpr std::size_t kMaxTreeNodes = 300'000;

}  // namespace firesweep
