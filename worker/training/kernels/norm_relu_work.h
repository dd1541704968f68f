// What the host tells the kernels of norm_relu.cu, in a layout that both compilers agree on. Free
// of every other header: NVRTC has none.
#pragma once

namespace firesweep {

inline constexpr int kMaxBranches = 4;
inline constexpr int kTile = 64;         // channels a block works on
inline constexpr int kMaxThreads = 256;  // of a block; a power of two, at least kTile

// Rows of a branch's `lines`: a and b of y = a·x + b, the mean, and 1/deviation.
inline constexpr int kLineA = 0, kLineB = 1, kLineMean = 2, kLineInverse = 3, kLineCount = 4;

// One input of the join. A row is one pixel: `channels` elements of x and dx, densely; of y and dy,
// which hold all branches, `pitch` elements, this branch's from `first_channel` on.
struct NormReluBranch {
  const void* x;
  void* y;
  const void* dy;
  void* dx;
  const float* weight;
  const float* bias;
  float* running_mean;
  float* running_var;
  float* lines;    // [kLineCount,channels]
  float* partial;  // [tiles,row blocks,2,kTile], of the two kernels that sum
  int* counters;   // [tiles], 0 before and after each launch
  float* dweight;  // [channels]
  float* dbias;    // [channels]
  float* slope;    // [channels], of dx = a·g + slope·x + offset
  float* offset;   // [channels]
  int channels;
  int first_channel;
  int lanes_log2;  // threads side by side in a row of a tile
  double momentum;
};

// A block is one tile (y) of one branch (z) and every gridDim.x-th group of rows from x on.
struct NormReluWork {
  NormReluBranch branches[kMaxBranches];
  long long rows;
  long long pitch;
  double epsilon;
};

}  // namespace firesweep
