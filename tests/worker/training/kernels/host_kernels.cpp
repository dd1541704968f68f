#include "tests/worker/training/kernels/host_kernels.h"

#include <array>
#include <barrier>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

// What CUDA gives a kernel.
struct Index {
  unsigned x = 0, y = 0, z = 0;
};
thread_local Index threadIdx, blockIdx, blockDim, gridDim;
std::barrier<>* all_threads = nullptr;

struct float4 {
  float x, y, z, w;
};

void __syncthreads() { all_threads->arrive_and_wait(); }
void __threadfence() {}
int atomicAdd(int* at, int value) {
  const int before = *at;
  *at += value;
  return before;
}
float __uint_as_float(unsigned bits) { return std::bit_cast<float>(bits); }
unsigned __float_as_uint(float value) { return std::bit_cast<unsigned>(value); }
template <class T>
T __ldcg(const T* at) {
  return *at;
}
using std::fmaf, std::sqrt;

}  // namespace

#define __device__
#define __shared__ static
#define GPU_KERNEL void
#define GPU_WORK const NormReluWork&

namespace {

#define ELEMENT 0
#define WIDTH 1
namespace float_1 {
#include "worker/training/kernels/norm_relu.cu"
}
#undef WIDTH
#define WIDTH 4
namespace float_4 {
#include "worker/training/kernels/norm_relu.cu"
}
#undef ELEMENT
#undef WIDTH
#define ELEMENT 1
#define WIDTH 1
namespace bf16_1 {
#include "worker/training/kernels/norm_relu.cu"
}
#undef WIDTH
#define WIDTH 8
namespace bf16_8 {
#include "worker/training/kernels/norm_relu.cu"
}
#undef ELEMENT
#undef WIDTH

using Kernel = void (*)(const firesweep::NormReluWork&);

struct Compiled {
  int element, width;
  std::array<Kernel, 4> kernels;  // in NormReluKernel's order
};

const std::array<Compiled, 4> kCompiled = {{
    {0,
     1,
     {float_1::statistics, float_1::apply, float_1::reduce_gradients, float_1::input_gradients}},
    {0,
     4,
     {float_4::statistics, float_4::apply, float_4::reduce_gradients, float_4::input_gradients}},
    {1, 1, {bf16_1::statistics, bf16_1::apply, bf16_1::reduce_gradients, bf16_1::input_gradients}},
    {1, 8, {bf16_8::statistics, bf16_8::apply, bf16_8::reduce_gradients, bf16_8::input_gradients}},
}};

const Compiled* find(const firesweep::NormReluVariant& variant) {
  for (const Compiled& compiled : kCompiled)
    if (compiled.element == variant.element && compiled.width == variant.width) return &compiled;
  return nullptr;
}

}  // namespace

namespace firesweep {

bool HostKernels::prepare(const NormReluVariant& variant) { return find(variant) != nullptr; }

void HostKernels::launch(NormReluKernel kernel, const NormReluVariant& variant, int row_blocks,
                         int tiles, int branches, const NormReluWork& work) {
  const Kernel function = find(variant)->kernels[static_cast<std::size_t>(kernel)];
  const Index grid = {static_cast<unsigned>(row_blocks), static_cast<unsigned>(tiles),
                      static_cast<unsigned>(branches)};
  const auto count = static_cast<unsigned>(threads());
  std::barrier<> barrier(threads());
  all_threads = &barrier;
  const auto run = [&](unsigned thread) {
    threadIdx = {thread, 0, 0};
    blockDim = {count, 1, 1};
    gridDim = grid;
    for (unsigned z = 0; z < grid.z; ++z) {
      for (unsigned y = 0; y < grid.y; ++y) {
        for (unsigned x = 0; x < grid.x; ++x) {
          blockIdx = {x, y, z};
          function(work);
          barrier.arrive_and_wait();
        }
      }
    }
  };
  std::vector<std::thread> running;
  for (unsigned i = 0; i < count; ++i) running.emplace_back(run, i);
  for (std::thread& thread : running) thread.join();
}

}  // namespace firesweep
