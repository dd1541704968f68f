// The largest network that is accepted, in files and in messages.
#pragma once

namespace firesweep {

inline constexpr int kMaxLayers = 10'000;  // of one architecture, at all depths, repeats counted
inline constexpr int kMaxLayerDepth = 32;  // nesting of residual, concat and sequence
inline constexpr int kMaxBranches = 256;   // of one concat

}  // namespace firesweep
