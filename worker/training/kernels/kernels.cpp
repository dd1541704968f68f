#include "worker/training/kernels/kernels.h"

#include <algorithm>
#include <vector>

#include "worker/training/kernels/clones.h"

namespace firesweep::kernels {
namespace {

// Rows summed in single precision before they are added to the sums in double.
constexpr std::int64_t kRowsInFloat = 32;

FIRESWEEP_CLONES void add_squares(const float* __restrict x, std::int64_t rows,
                                  std::int64_t channels, const float* __restrict shift,
                                  float* __restrict sums, float* __restrict squares) {
  for (std::int64_t row = 0; row < rows; ++row, x += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float d = x[c] - shift[c];
      sums[c] += d;
      squares[c] += d * d;
    }
  }
}

FIRESWEEP_CLONES void add_gradients(const float* __restrict x, const float* __restrict dy,
                                    std::int64_t pitch, std::int64_t rows, std::int64_t channels,
                                    const float* __restrict a, const float* __restrict b,
                                    const float* __restrict mean, float* __restrict sums,
                                    float* __restrict products) {
  for (std::int64_t row = 0; row < rows; ++row, x += channels, dy += pitch) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float d = dy[c];
      const float g = a[c] * x[c] + b[c] > 0 ? d : 0.0F;
      sums[c] += g;
      products[c] += g * (x[c] - mean[c]);
    }
  }
}

// Empties two rows of float sums into the doubles.
void flush(std::vector<float>& partial, std::int64_t channels, double* first, double* second) {
  for (std::int64_t c = 0; c < channels; ++c) {
    first[c] += static_cast<double>(partial[static_cast<std::size_t>(c)]);
    second[c] += static_cast<double>(partial[static_cast<std::size_t>(channels + c)]);
  }
  std::ranges::fill(partial, 0.0F);
}

}  // namespace

void sum_squares(const float* x, std::int64_t rows, std::int64_t channels, const float* shift,
                 double* sums, double* squares) {
  std::vector<float> partial(static_cast<std::size_t>(2 * channels));
  for (std::int64_t row = 0; row < rows; row += kRowsInFloat) {
    add_squares(x + row * channels, std::min(kRowsInFloat, rows - row), channels, shift,
                partial.data(), partial.data() + channels);
    flush(partial, channels, sums, squares);
  }
}

FIRESWEEP_CLONES void scale_relu(const float* __restrict x, std::int64_t rows,
                                 std::int64_t channels, const float* __restrict a,
                                 const float* __restrict b, float* __restrict y,
                                 std::int64_t pitch) {
  for (std::int64_t row = 0; row < rows; ++row, x += channels, y += pitch) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float z = a[c] * x[c] + b[c];
      y[c] = z < 0 ? 0.0F : z;
    }
  }
}

void sum_gradients(const float* x, const float* dy, std::int64_t pitch, std::int64_t rows,
                   std::int64_t channels, const float* a, const float* b, const float* mean,
                   double* sums, double* products) {
  std::vector<float> partial(static_cast<std::size_t>(2 * channels));
  for (std::int64_t row = 0; row < rows; row += kRowsInFloat) {
    add_gradients(x + row * channels, dy + row * pitch, pitch, std::min(kRowsInFloat, rows - row),
                  channels, a, b, mean, partial.data(), partial.data() + channels);
    flush(partial, channels, sums, products);
  }
}

FIRESWEEP_CLONES void input_gradients(const float* __restrict x, const float* __restrict dy,
                                      std::int64_t pitch, std::int64_t rows, std::int64_t channels,
                                      const float* __restrict a, const float* __restrict b,
                                      const float* __restrict slope, const float* __restrict offset,
                                      float* __restrict dx) {
  for (std::int64_t row = 0; row < rows; ++row, x += channels, dy += pitch, dx += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      const float d = dy[c];
      const float g = a[c] * x[c] + b[c] > 0 ? d : 0.0F;
      dx[c] = a[c] * g + slope[c] * x[c] + offset[c];
    }
  }
}

namespace {

// Places that share the upper half of their index.
FIRESWEEP_CLONES void drop_run(const float* __restrict x, std::int64_t count, std::uint32_t first,
                               std::uint32_t low, std::uint32_t high, std::uint32_t threshold,
                               float scale, float* __restrict y) {
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint32_t h = first + static_cast<std::uint32_t>(i);
    h = h * 0x9E3779B1U + low;
    h ^= h >> 16;
    h *= 0x21F0AAADU;
    h = (h ^ (h >> 15)) + high;
    h *= 0x735A2D97U;
    h ^= h >> 15;
    const float kept = scale * x[i];
    y[i] = h >= threshold ? kept : 0.0F;
  }
}

}  // namespace

void drop(const float* x, std::int64_t count, std::uint64_t seed, std::int64_t first,
          std::uint32_t threshold, float scale, float* y) {
  constexpr std::int64_t kRun = std::int64_t{1} << 32;
  const auto low = static_cast<std::uint32_t>(seed);
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t place = first + done;
    const std::int64_t length = std::min(count - done, kRun - place % kRun);
    drop_run(x + done, length, static_cast<std::uint32_t>(place), low,
             static_cast<std::uint32_t>(seed >> 32) + static_cast<std::uint32_t>(place / kRun),
             threshold, scale, y + done);
    done += length;
  }
}

}  // namespace firesweep::kernels
