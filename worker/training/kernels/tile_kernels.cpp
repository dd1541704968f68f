#include "worker/training/kernels/tile_kernels.h"

#include "worker/training/kernels/clones.h"

namespace firesweep::kernels {
namespace {

// One step of Bᵀ, A and the others: from a line of values to a line of the transformed domain.
inline void input_line(float a, float b, float c, float d, float* to) {
  to[0] = a - c;
  to[1] = b + c;
  to[2] = c - b;
  to[3] = b - d;
}

inline void filter_line(float a, float b, float c, float* to) {
  const float ends = 0.5F * (a + c), middle = 0.5F * b;
  to[0] = a;
  to[1] = ends + middle;
  to[2] = ends - middle;
  to[3] = c;
}

inline void filter_gathered(float a, float b, float c, float d, float* to) {
  const float both = 0.5F * (b + c);
  to[0] = a + both;
  to[1] = 0.5F * (b - c);
  to[2] = both + d;
}

}  // namespace

FIRESWEEP_CLONES void transform_input(const float* const* d, std::int64_t channels, float* to,
                                      std::int64_t pitch) {
#pragma GCC ivdep
  for (std::int64_t c = 0; c < channels; ++c) {
    float half[4][4], line[4];
    for (int j = 0; j < 4; ++j)
      input_line(d[j][c], d[4 + j][c], d[8 + j][c], d[12 + j][c], half[j]);
    for (int i = 0; i < 4; ++i) {
      input_line(half[0][i], half[1][i], half[2][i], half[3][i], line);
      for (int j = 0; j < 4; ++j) to[(4 * i + j) * pitch + c] = line[j];
    }
  }
}

FIRESWEEP_CLONES void transform_output(const float* m, std::int64_t pitch, const float* bias,
                                       std::int64_t channels, float* const* y) {
#pragma GCC ivdep
  for (std::int64_t c = 0; c < channels; ++c) {
    float upper[4], lower[4];
    for (int j = 0; j < 4; ++j) {
      const float* const column = m + j * pitch + c;
      const float b = column[4 * pitch], d = column[8 * pitch];
      upper[j] = column[0] + b + d;
      lower[j] = b - d - column[12 * pitch];
    }
    const float shift = bias == nullptr ? 0.0F : bias[c];
    y[0][c] = upper[0] + upper[1] + upper[2] + shift;
    y[1][c] = upper[1] - upper[2] - upper[3] + shift;
    y[2][c] = lower[0] + lower[1] + lower[2] + shift;
    y[3][c] = lower[1] - lower[2] - lower[3] + shift;
  }
}

FIRESWEEP_CLONES void spread_output(const float* const* dy, std::int64_t channels, float* to,
                                    std::int64_t pitch) {
#pragma GCC ivdep
  for (std::int64_t c = 0; c < channels; ++c) {
    float lines[4][2];
    for (int j = 0; j < 2; ++j) {
      const float upper = dy[j][c], lower = dy[2 + j][c];
      lines[0][j] = upper;
      lines[1][j] = upper + lower;
      lines[2][j] = upper - lower;
      lines[3][j] = -lower;
    }
    for (int i = 0; i < 4; ++i) {
      float* const row = to + 4 * i * pitch + c;
      row[0] = lines[i][0];
      row[pitch] = lines[i][0] + lines[i][1];
      row[2 * pitch] = lines[i][0] - lines[i][1];
      row[3 * pitch] = -lines[i][1];
    }
  }
}

FIRESWEEP_CLONES void transform_filter(const float* g, std::int64_t channels, float* to,
                                       std::int64_t pitch) {
#pragma GCC ivdep
  for (std::int64_t c = 0; c < channels; ++c) {
    float half[3][4], line[4];
    for (int j = 0; j < 3; ++j) {
      filter_line(g[j * channels + c], g[(3 + j) * channels + c], g[(6 + j) * channels + c],
                  half[j]);
    }
    for (int i = 0; i < 4; ++i) {
      filter_line(half[0][i], half[1][i], half[2][i], line);
      for (int j = 0; j < 4; ++j) to[(4 * i + j) * pitch + c] = line[j];
    }
  }
}

FIRESWEEP_CLONES void gather_filter(const float* u, std::int64_t pitch, std::int64_t channels,
                                    float* g) {
#pragma GCC ivdep
  for (std::int64_t c = 0; c < channels; ++c) {
    float half[4][3], line[3];
    for (int j = 0; j < 4; ++j) {
      const float* const column = u + j * pitch + c;
      filter_gathered(column[0], column[4 * pitch], column[8 * pitch], column[12 * pitch], half[j]);
    }
    for (int i = 0; i < 3; ++i) {
      filter_gathered(half[0][i], half[1][i], half[2][i], half[3][i], line);
      for (int j = 0; j < 3; ++j) g[(3 * i + j) * channels + c] = line[j];
    }
  }
}

}  // namespace firesweep::kernels
