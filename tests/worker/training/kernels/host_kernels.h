// norm_relu.cu run on the CPU, a thread a GPU thread and block after block, so that the kernels are
// tested where no GPU is.
#pragma once

#include "worker/training/kernels/norm_relu_gpu.h"

namespace firesweep {

// Takes float at widths 1 and 4, bf16 at 1 and 8. Few threads a block, to be quick.
class HostKernels final : public NormReluRunner {
 public:
  int multiprocessors() const override { return 3; }
  int threads() const override { return kTile; }
  bool prepare(const NormReluVariant& variant) override;
  void launch(NormReluKernel kernel, const NormReluVariant& variant, int row_blocks, int tiles,
              int branches, const NormReluWork& work) override;
};

}  // namespace firesweep
