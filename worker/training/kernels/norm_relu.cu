// BatchNorm and ReLU on a GPU in the layout that norm_relu_work.h describes. The text is compiled
// where it runs, by NVRTC (norm_relu_gpu.cpp), once for each ELEMENT (0 float, 1 bf16, 2 half) and
// WIDTH, the elements that a thread loads at once: it divides every count of channels, and pointers
// are aligned to it. Sums are taken in an order that depends on the shape and the device alone.
#include "worker/training/kernels/norm_relu_work.h"

#ifndef GPU_KERNEL
#define GPU_KERNEL extern "C" __global__ void __launch_bounds__(256)
#define GPU_WORK const __grid_constant__ NormReluWork
#endif

using firesweep::kLineA, firesweep::kLineB, firesweep::kLineCount, firesweep::kLineInverse,
    firesweep::kLineMean, firesweep::kMaxThreads, firesweep::kTile, firesweep::NormReluBranch,
    firesweep::NormReluWork;

#if ELEMENT == 0
using Element = float;
__device__ inline float to_float(Element value) { return value; }
__device__ inline Element to_element(float value) { return value; }
#elif ELEMENT == 1
using Element = unsigned short;
__device__ inline float to_float(Element value) {
  return __uint_as_float(static_cast<unsigned>(value) << 16);
}
// To the nearest, ties to even.
__device__ inline Element to_element(float value) {
  const unsigned bits = __float_as_uint(value);
  if (value != value) return 0x7fff;
  return static_cast<Element>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}
#else
using Element = unsigned short;
__device__ inline float to_float(Element value) {
  float wide;
  asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(value));
  return wide;
}
__device__ inline Element to_element(float value) {
  Element narrow;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(narrow) : "f"(value));
  return narrow;
}
#endif

struct alignas(sizeof(Element) * WIDTH) Pack {
  Element at[WIDTH];
};

__device__ inline Pack load(const void* base, long long index) {
  return *reinterpret_cast<const Pack*>(static_cast<const Element*>(base) + index);
}

__device__ inline void store(void* base, long long index, const Pack& pack) {
  *reinterpret_cast<Pack*>(static_cast<Element*>(base) + index) = pack;
}

// Where a thread works: its channels are WIDTH from `channel` on, its rows every `step`-th from
// `row` on.
struct Place {
  int lane, slot, slots, channel;
  bool active;
  long long row, step;
};

__device__ inline Place place_of(const NormReluBranch& branch) {
  Place place;
  const int thread = static_cast<int>(threadIdx.x);
  place.lane = thread & ((1 << branch.lanes_log2) - 1);
  place.slot = thread >> branch.lanes_log2;
  place.slots = static_cast<int>(blockDim.x) >> branch.lanes_log2;
  place.channel = static_cast<int>(blockIdx.y) * kTile + place.lane * WIDTH;
  place.active = place.channel < branch.channels;
  place.row = static_cast<long long>(blockIdx.x) * place.slots + place.slot;
  place.step = static_cast<long long>(gridDim.x) * place.slots;
  return place;
}

__device__ inline bool beyond(const NormReluBranch& branch) {
  return static_cast<int>(blockIdx.y) * kTile >= branch.channels;
}

// Calls visit(rows...) on this thread's rows, kBatch at once while there are so many, so that the
// loads of several rows are under way together.
template <int kBatch, class Batch>
__device__ inline void over_rows(const Place& place, long long rows, const Batch& batch) {
  if (!place.active) return;
  long long row = place.row;
  for (; row + (kBatch - 1) * place.step < rows; row += kBatch * place.step)
    batch.template run<kBatch>(row, place.step);
  for (; row < rows; row += place.step) batch.template run<1>(row, place.step);
}

// Adds two sums a channel over the rows of all blocks of the tile. True in the last of its blocks,
// where `total` then holds [2,kTile].
__device__ inline bool add_up(const NormReluBranch& branch, const Place& place, const float* first,
                              const float* second, float* total) {
  constexpr int kColumns = 2 * kTile;
  __shared__ float shared[(WIDTH > 1 ? 2 * WIDTH : 4) * kMaxThreads];
  __shared__ int last;
  const int thread = static_cast<int>(threadIdx.x);
  const int threads = static_cast<int>(blockDim.x);
  for (int i = 0; i < WIDTH; ++i) {
    shared[i * threads + thread] = first[i];
    shared[(WIDTH + i) * threads + thread] = second[i];
  }
  for (int half = place.slots / 2; half > 0; half /= 2) {
    __syncthreads();
    if (place.slot < half) {
      for (int i = 0; i < 2 * WIDTH; ++i)
        shared[i * threads + thread] += shared[i * threads + thread + (half << branch.lanes_log2)];
    }
  }
  const int blocks = static_cast<int>(gridDim.x);
  const long long tile = static_cast<long long>(blockIdx.y) * blocks * kColumns;
  float* const partial = branch.partial + tile;
  if (place.slot == 0) {
    float* const mine = partial + static_cast<long long>(blockIdx.x) * kColumns;
    for (int i = 0; i < WIDTH; ++i) {
      mine[place.lane * WIDTH + i] = shared[i * threads + thread];
      mine[kTile + place.lane * WIDTH + i] = shared[(WIDTH + i) * threads + thread];
    }
  }
  __threadfence();
  __syncthreads();
  if (thread == 0) last = atomicAdd(&branch.counters[blockIdx.y], 1) == blocks - 1;
  __syncthreads();
  if (!last) return false;
  __threadfence();
  // Four columns a thread; the blocks are dealt out to the groups of threads that cover them.
  constexpr int kAcross = kColumns / 4;
  const int column = thread % kAcross, group = thread / kAcross, groups = threads / kAcross;
  float4 sum = {0, 0, 0, 0};
#pragma unroll 8
  for (int block = group; block < blocks; block += groups) {
    const float4 part = __ldcg(reinterpret_cast<const float4*>(
        partial + static_cast<long long>(block) * kColumns + 4 * column));
    sum.x += part.x;
    sum.y += part.y;
    sum.z += part.z;
    sum.w += part.w;
  }
  // 4·threads floats: `shared` has so many.
  float* const mine = shared + group * kColumns + 4 * column;
  __syncthreads();
  mine[0] = sum.x;
  mine[1] = sum.y;
  mine[2] = sum.z;
  mine[3] = sum.w;
  __syncthreads();
  for (int i = thread; i < kColumns; i += threads) {
    float all = 0;
    for (int from = 0; from < groups; ++from) all += shared[from * kColumns + i];
    total[i] = all;
  }
  if (thread == 0) branch.counters[blockIdx.y] = 0;
  __syncthreads();
  return true;
}

struct SumSquares {
  const NormReluBranch& branch;
  const Place& place;
  const float (&shift)[WIDTH];
  float (&sum)[WIDTH];
  float (&squares)[WIDTH];

  template <int kBatch>
  __device__ inline void run(long long row, long long step) const {
    Pack x[kBatch];
#pragma unroll
    for (int k = 0; k < kBatch; ++k)
      x[k] = load(branch.x, (row + k * step) * branch.channels + place.channel);
#pragma unroll
    for (int k = 0; k < kBatch; ++k) {
#pragma unroll
      for (int i = 0; i < WIDTH; ++i) {
        const float value = to_float(x[k].at[i]) - shift[i];
        sum[i] += value;
        squares[i] = fmaf(value, value, squares[i]);
      }
    }
  }
};

// Fills `lines` and moves the running statistics. The first row is the shift that keeps the squares
// from cancelling (Chan, Golub, LeVeque: Algorithms for Computing the Sample Variance, 1983).
GPU_KERNEL statistics(GPU_WORK work) {
  const NormReluBranch& branch = work.branches[blockIdx.z];
  if (beyond(branch)) return;
  const Place place = place_of(branch);
  float shift[WIDTH], sum[WIDTH], squares[WIDTH];
  const Pack first = load(branch.x, place.active ? place.channel : 0);
#pragma unroll
  for (int i = 0; i < WIDTH; ++i) {
    shift[i] = to_float(first.at[i]);
    sum[i] = 0;
    squares[i] = 0;
  }
  over_rows<4>(place, work.rows, SumSquares{branch, place, shift, sum, squares});
  __shared__ float total[2 * kTile];
  if (!add_up(branch, place, sum, squares, total)) return;
  const int thread = static_cast<int>(threadIdx.x);
  const int c = static_cast<int>(blockIdx.y) * kTile + thread;
  if (thread >= kTile || c >= branch.channels) return;
  const double n = static_cast<double>(work.rows);
  const double shifted = total[thread] / n;
  const double mean = to_float(static_cast<const Element*>(branch.x)[c]) + shifted;
  const double deviations = total[kTile + thread] - n * shifted * shifted;
  // A channel that does not vary has none; what is not a number stays so.
  const double var = deviations < 0 ? 0 : deviations / n;
  const double inverse = 1 / sqrt(var + work.epsilon);
  const double a = branch.weight[c] * inverse;
  branch.lines[kLineA * branch.channels + c] = static_cast<float>(a);
  branch.lines[kLineB * branch.channels + c] = static_cast<float>(branch.bias[c] - mean * a);
  branch.lines[kLineMean * branch.channels + c] = static_cast<float>(mean);
  branch.lines[kLineInverse * branch.channels + c] = static_cast<float>(inverse);
  const double keep = 1 - branch.momentum;
  const double unbiased = work.rows > 1 ? var * n / (n - 1) : var;
  branch.running_mean[c] =
      static_cast<float>(keep * branch.running_mean[c] + branch.momentum * mean);
  branch.running_var[c] =
      static_cast<float>(keep * branch.running_var[c] + branch.momentum * unbiased);
}

struct ScaleRelu {
  const NormReluBranch& branch;
  const Place& place;
  long long pitch;
  const float (&a)[WIDTH];
  const float (&b)[WIDTH];

  template <int kBatch>
  __device__ inline void run(long long row, long long step) const {
    Pack x[kBatch];
#pragma unroll
    for (int k = 0; k < kBatch; ++k)
      x[k] = load(branch.x, (row + k * step) * branch.channels + place.channel);
#pragma unroll
    for (int k = 0; k < kBatch; ++k) {
#pragma unroll
      for (int i = 0; i < WIDTH; ++i) {
        const float y = fmaf(a[i], to_float(x[k].at[i]), b[i]);
        x[k].at[i] = to_element(y < 0 ? 0 : y);  // what is not a number stays so
      }
      store(branch.y, (row + k * step) * pitch + branch.first_channel + place.channel, x[k]);
    }
  }
};

__device__ inline void load_line(const float* line, const Place& place, float (&to)[WIDTH]) {
#pragma unroll
  for (int i = 0; i < WIDTH; ++i) to[i] = place.active ? line[place.channel + i] : 0;
}

// y = max(a·x + b, 0).
GPU_KERNEL apply(GPU_WORK work) {
  const NormReluBranch& branch = work.branches[blockIdx.z];
  if (beyond(branch)) return;
  const Place place = place_of(branch);
  float a[WIDTH], b[WIDTH];
  load_line(branch.lines + kLineA * branch.channels, place, a);
  load_line(branch.lines + kLineB * branch.channels, place, b);
  over_rows<4>(place, work.rows, ScaleRelu{branch, place, work.pitch, a, b});
}

struct SumGradients {
  const NormReluBranch& branch;
  const Place& place;
  long long pitch;
  const float (&a)[WIDTH];
  const float (&b)[WIDTH];
  const float (&mean)[WIDTH];
  float (&sum)[WIDTH];
  float (&products)[WIDTH];

  template <int kBatch>
  __device__ inline void run(long long row, long long step) const {
    Pack x[kBatch], dy[kBatch];
#pragma unroll
    for (int k = 0; k < kBatch; ++k) {
      x[k] = load(branch.x, (row + k * step) * branch.channels + place.channel);
      dy[k] = load(branch.dy, (row + k * step) * pitch + branch.first_channel + place.channel);
    }
#pragma unroll
    for (int k = 0; k < kBatch; ++k) {
#pragma unroll
      for (int i = 0; i < WIDTH; ++i) {
        const float value = to_float(x[k].at[i]);
        const float g = fmaf(a[i], value, b[i]) > 0 ? to_float(dy[k].at[i]) : 0;
        sum[i] += g;
        products[i] = fmaf(g, value - mean[i], products[i]);
      }
    }
  }
};

// Ioffe, Szegedy: Batch Normalization, 2015, §3, the gradients gathered per channel.
GPU_KERNEL reduce_gradients(GPU_WORK work) {
  const NormReluBranch& branch = work.branches[blockIdx.z];
  if (beyond(branch)) return;
  const Place place = place_of(branch);
  float a[WIDTH], b[WIDTH], mean[WIDTH], sum[WIDTH], products[WIDTH];
  load_line(branch.lines + kLineA * branch.channels, place, a);
  load_line(branch.lines + kLineB * branch.channels, place, b);
  load_line(branch.lines + kLineMean * branch.channels, place, mean);
#pragma unroll
  for (int i = 0; i < WIDTH; ++i) {
    sum[i] = 0;
    products[i] = 0;
  }
  over_rows<2>(place, work.rows,
               SumGradients{branch, place, work.pitch, a, b, mean, sum, products});
  __shared__ float total[2 * kTile];
  if (!add_up(branch, place, sum, products, total)) return;
  const int thread = static_cast<int>(threadIdx.x);
  const int c = static_cast<int>(blockIdx.y) * kTile + thread;
  if (thread >= kTile || c >= branch.channels) return;
  const double n = static_cast<double>(work.rows);
  const double slope = branch.lines[kLineA * branch.channels + c];
  const double centre = branch.lines[kLineMean * branch.channels + c];
  const double inverse = branch.lines[kLineInverse * branch.channels + c];
  const double product = total[kTile + thread];
  branch.dbias[c] = total[thread];
  branch.dweight[c] = static_cast<float>(product * inverse);
  const double along = -slope * inverse * inverse * product / n;
  branch.slope[c] = static_cast<float>(along);
  branch.offset[c] = static_cast<float>(-slope * total[thread] / n - along * centre);
}

struct InputGradients {
  const NormReluBranch& branch;
  const Place& place;
  long long pitch;
  const float (&a)[WIDTH];
  const float (&b)[WIDTH];
  const float (&slope)[WIDTH];
  const float (&offset)[WIDTH];

  template <int kBatch>
  __device__ inline void run(long long row, long long step) const {
    Pack x[kBatch], dy[kBatch];
#pragma unroll
    for (int k = 0; k < kBatch; ++k) {
      x[k] = load(branch.x, (row + k * step) * branch.channels + place.channel);
      dy[k] = load(branch.dy, (row + k * step) * pitch + branch.first_channel + place.channel);
    }
#pragma unroll
    for (int k = 0; k < kBatch; ++k) {
#pragma unroll
      for (int i = 0; i < WIDTH; ++i) {
        const float value = to_float(x[k].at[i]);
        const float g = fmaf(a[i], value, b[i]) > 0 ? to_float(dy[k].at[i]) : 0;
        x[k].at[i] = to_element(fmaf(a[i], g, fmaf(slope[i], value, offset[i])));
      }
      store(branch.dx, (row + k * step) * branch.channels + place.channel, x[k]);
    }
  }
};

// dx = a·g + slope·x + offset.
GPU_KERNEL input_gradients(GPU_WORK work) {
  const NormReluBranch& branch = work.branches[blockIdx.z];
  if (beyond(branch)) return;
  const Place place = place_of(branch);
  float a[WIDTH], b[WIDTH], slope[WIDTH], offset[WIDTH];
  load_line(branch.lines + kLineA * branch.channels, place, a);
  load_line(branch.lines + kLineB * branch.channels, place, b);
  load_line(branch.slope, place, slope);
  load_line(branch.offset, place, offset);
  over_rows<2>(place, work.rows, InputGradients{branch, place, work.pitch, a, b, slope, offset});
}
