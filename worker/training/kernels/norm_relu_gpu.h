// BatchNorm and ReLU of the branches of a join in four kernels a step (norm_relu.cu): how the work
// is cut into blocks, and the gradients. Internal to norm_relu.cpp.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "worker/training/kernels/norm_relu.h"
#include "worker/training/kernels/norm_relu_work.h"

namespace firesweep {

enum class NormReluKernel { kStatistics, kApply, kReduceGradients, kInputGradients };

// norm_relu.cu as compiled for one type of elements and one width.
struct NormReluVariant {
  int element = 0;  // 0 float, 1 bf16, 2 half
  int width = 1;
};

// Where the kernels run. Safe from any thread.
class NormReluRunner {
 public:
  virtual ~NormReluRunner() = default;

  virtual int multiprocessors() const = 0;
  virtual int threads() const = 0;  // of a block: a power of two from kTile to kMaxThreads

  // Whether launch() may be called for the variant; the first call compiles it.
  virtual bool prepare(const NormReluVariant& variant) = 0;

  // Queues the kernel on the current stream, [row_blocks,tiles,branches] blocks.
  virtual void launch(NormReluKernel kernel, const NormReluVariant& variant, int row_blocks,
                      int tiles, int branches, const NormReluWork& work) = 0;
};

// The runner of a GPU, for the process. Where it cannot compile or launch, its prepare() is false,
// and a warning has said why, once.
NormReluRunner& gpu_norm_relu_runner(at::Device device);

// Whether norm_relu_joined() can take these: channels_last, of one type and one device, of the same
// sizes but for the channels, no more than kMaxBranches, and norms that have counters.
bool can_join(const std::vector<at::Tensor>& inputs, const std::vector<Norm>& norms);

// norm_relu() in training. Undefined, with nothing done, where the runner cannot take the variant.
// Needs can_join().
at::Tensor norm_relu_joined(NormReluRunner& runner, const std::vector<at::Tensor>& inputs,
                            const std::vector<Norm>& norms);

}  // namespace firesweep
