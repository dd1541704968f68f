// Arithmetic on floats in memory, each pass touching it once. Free of torch; knows no threads:
// callers split the work.
//
// Of BatchNorm followed by ReLU: a row is one pixel of one image, `channels` floats. `pitch` is the
// distance between rows in floats where it is not `channels`. a and b are BatchNorm as one line per
// channel: a·x + b.
#pragma once

#include <cstdint>

namespace firesweep::kernels {

// sums[c] += Σ (x - shift[c]), squares[c] += Σ (x - shift[c])². A shift near the mean keeps the
// squares from cancelling (Chan, Golub, LeVeque: Algorithms for Computing the Sample Variance,
// 1983).
void sum_squares(const float* x, std::int64_t rows, std::int64_t channels, const float* shift,
                 double* sums, double* squares);

// y = max(a·x + b, 0); not a number stays so.
void scale_relu(const float* x, std::int64_t rows, std::int64_t channels, const float* a,
                const float* b, float* y, std::int64_t pitch);

// With g the gradient of y where a·x + b > 0 and 0 elsewhere: sums[c] += Σ g,
// products[c] += Σ g·(x - mean[c]).
void sum_gradients(const float* x, const float* dy, std::int64_t pitch, std::int64_t rows,
                   std::int64_t channels, const float* a, const float* b, const float* mean,
                   double* sums, double* products);

// dx = a·g + slope·x + offset.
void input_gradients(const float* x, const float* dy, std::int64_t pitch, std::int64_t rows,
                     std::int64_t channels, const float* a, const float* b, const float* slope,
                     const float* offset, float* dx);

// Dropout (Srivastava et al., 2014): y[i] = scale·x[i] where the hash of `seed` and first + i is
// not below `threshold`, else 0. The hash mixes 32 bits by multiplications and shifts (Wellons:
// Prospecting for Hash Functions, 2018), the places above 2^32 by the seed.
void drop(const float* x, std::int64_t count, std::uint64_t seed, std::int64_t first,
          std::uint32_t threshold, float scale, float* y);

}  // namespace firesweep::kernels
