#include "worker/training/kernels/dropout.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/empty_strided.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <mutex>

#include "worker/training/kernels/kernels.h"

namespace firesweep {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kGrain = 1 << 14;  // elements worth a thread

at::Tensor dropped(const at::Tensor& x, double p, std::uint64_t seed) {
  at::Tensor y = at::empty_like(x);
  const auto* const from = x.const_data_ptr<float>();
  auto* const to = y.mutable_data_ptr<float>();
  const auto threshold = static_cast<std::uint32_t>(std::ldexp(p, 32));
  const auto scale = static_cast<float>(1 / (1 - p));
  at::parallel_for(0, x.numel(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    kernels::drop(from + begin, end - begin, seed, begin, threshold, scale, to + begin);
  });
  return y;
}

bool is_dense_on_cpu(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && x.is_non_overlapping_and_dense();
}

class Dropped : public torch::autograd::Function<Dropped> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, double p,
                            std::int64_t seed) {
    context->saved_data["p"] = p;
    context->saved_data["seed"] = seed;
    // The mask goes by places in memory.
    context->saved_data["strides"] = x.strides().vec();
    return dropped(x, p, static_cast<std::uint64_t>(seed));
  }
  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    at::Tensor dy = outputs[0];
    const auto strides = context->saved_data["strides"].toIntVector();
    if (dy.strides() != at::IntArrayRef(strides))
      dy = at::empty_strided(dy.sizes(), strides, dy.options()).copy_(dy);
    const auto seed = static_cast<std::uint64_t>(context->saved_data["seed"].toInt());
    return {dropped(dy, context->saved_data["p"].toDouble(), seed), at::Tensor(), at::Tensor()};
  }
};

std::int64_t next_seed() {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard lock(generator.mutex());
  return static_cast<std::int64_t>(
      at::check_generator<at::CPUGeneratorImpl>(generator)->random64());
}

}  // namespace

at::Tensor dropout(const at::Tensor& x, double p) {
  return is_dense_on_cpu(x) ? Dropped::apply(x, p, next_seed()) : at::dropout(x, p, /*train=*/true);
}

}  // namespace firesweep
