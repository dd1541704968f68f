// The linear transforms of Winograd's F(2×2, 3×3) on rows of channels: Lavin, Gray 2016, §4.1, and
// their adjoints. Free of torch; knows no threads. A tile is 4×4 pixels, or 2×2, 3×3; its pixel (i,
// j) is row number i·width + j. Rows of tiles in the transformed domain are `pitch` floats apart.
#pragma once

#include <cstdint>

namespace firesweep::kernels {

// to[k] = (Bᵀ d B)[k] for the 4×4 pixels d, each a row of `channels` floats.
void transform_input(const float* const* d, std::int64_t channels, float* to, std::int64_t pitch);

// y = Aᵀ m A + bias, from 4×4 transformed rows to 2×2 pixels. `bias` may be null.
void transform_output(const float* m, std::int64_t pitch, const float* bias, std::int64_t channels,
                      float* const* y);

// to = A dy Aᵀ: the adjoint of transform_output.
void spread_output(const float* const* dy, std::int64_t channels, float* to, std::int64_t pitch);

// to = G g Gᵀ, from 3×3 filter taps to 4×4.
void transform_filter(const float* g, std::int64_t channels, float* to, std::int64_t pitch);

// g = Gᵀ u G: the adjoint of transform_filter.
void gather_filter(const float* u, std::int64_t pitch, std::int64_t channels, float* g);

}  // namespace firesweep::kernels
