#include "worker/training/kernels/norm_relu_gpu.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "worker/training/kernels/cuda_kernels.h"
#include "worker/training/kernels/kernel_texts.h"

namespace firesweep {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::uintptr_t kLoadBytes = 16;  // bytes a thread loads at once, at most
constexpr std::int64_t kRowsAThread = 4;   // so many are loaded together
// Blocks whose sums the last one adds up: more would keep it busy alone.
constexpr std::int64_t kMaxSummingBlocks = 128;
constexpr std::int64_t kSummingBlocksAMultiprocessor = 2;
constexpr std::int64_t kBlocksAMultiprocessor = 8;

std::int64_t up(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }

bool aligned(const at::Tensor& tensor) {
  return reinterpret_cast<std::uintptr_t>(tensor.const_data_ptr()) % kLoadBytes == 0;
}

int element_of(at::ScalarType type) {
  return type == at::kFloat ? 0 : type == at::kBFloat16 ? 1 : 2;
}

NormReluVariant variant_of(at::TensorList inputs) {
  NormReluVariant variant{element_of(inputs[0].scalar_type()), 1};
  for (const int width : {8, 4}) {
    if (static_cast<std::uintptr_t>(width) * inputs[0].element_size() > kLoadBytes) continue;
    const bool fits = std::ranges::all_of(
        inputs, [&](const at::Tensor& x) { return x.size(1) % width == 0 && aligned(x); });
    if (fits) {
      variant.width = width;
      break;
    }
  }
  return variant;
}

// The work of a join, with the tensors it points to.
class Plan {
 public:
  Plan(const NormReluRunner& runner, at::TensorList inputs, const NormReluVariant& variant)
      : branches_(static_cast<int>(inputs.size())) {
    const at::Tensor& like = inputs[0];
    work_.rows = like.size(0) * like.size(2) * like.size(3);
    work_.epsilon = kBatchNormEpsilon;
    int lanes_log2 = 0;
    std::int64_t all_tiles = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::int64_t channels = inputs[i].size(1);
      NormReluBranch& branch = work_.branches[i];
      branch.x = inputs[i].const_data_ptr();
      branch.channels = static_cast<int>(channels);
      branch.first_channel = static_cast<int>(work_.pitch);
      const auto lanes =
          static_cast<unsigned>(up(std::min<std::int64_t>(channels, kTile), variant.width));
      branch.lanes_log2 = std::countr_zero(std::bit_ceil(lanes));
      lanes_log2 = std::max(lanes_log2, branch.lanes_log2);
      tiles_ = std::max(tiles_, up(channels, kTile));
      all_tiles += up(channels, kTile);
      work_.pitch += channels;
    }
    const std::int64_t most = up(work_.rows, kRowsAThread * (runner.threads() >> lanes_log2));
    const auto blocks = [&](std::int64_t a_multiprocessor, std::int64_t limit) {
      const std::int64_t wanted = a_multiprocessor * runner.multiprocessors() / all_tiles;
      return std::clamp<std::int64_t>(wanted, 1, std::min(most, limit));
    };
    summing_blocks_ = blocks(kSummingBlocksAMultiprocessor, kMaxSummingBlocks);
    row_blocks_ = blocks(kBlocksAMultiprocessor, most);
    partial_ = at::empty({all_tiles * summing_blocks_ * 2 * kTile},
                         at::TensorOptions(like.device()).dtype(at::kFloat));
    auto* partial = partial_.mutable_data_ptr<float>();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      work_.branches[i].partial = partial;
      partial += up(inputs[i].size(1), kTile) * summing_blocks_ * 2 * kTile;
    }
  }

  NormReluWork& work() { return work_; }

  // Lines of so many floats a channel, one after the other, the branches' behind each other.
  at::Tensor lines(std::int64_t count) const {
    return at::empty({count * work_.pitch}, partial_.options());
  }

  void launch(NormReluRunner& runner, NormReluKernel kernel, const NormReluVariant& variant) const {
    const bool sums =
        kernel == NormReluKernel::kStatistics || kernel == NormReluKernel::kReduceGradients;
    runner.launch(kernel, variant, static_cast<int>(sums ? summing_blocks_ : row_blocks_),
                  static_cast<int>(tiles_), branches_, work_);
  }

 private:
  NormReluWork work_{};
  int branches_;
  std::int64_t tiles_ = 0;
  std::int64_t summing_blocks_ = 1, row_blocks_ = 1;
  at::Tensor partial_;
};

void point_to_lines(NormReluWork& work, std::size_t branches, const at::Tensor& lines) {
  auto* const first = lines.mutable_data_ptr<float>();
  for (std::size_t i = 0; i < branches; ++i)
    work.branches[i].lines = first + kLineCount * work.branches[i].first_channel;
}

// inputs, then weights and biases for the graph's sake; `norms` outlives the call.
class JoinedNormRelu : public torch::autograd::Function<JoinedNormRelu> {
 public:
  static at::Tensor forward(AutogradContext* context, NormReluRunner* runner,
                            const NormReluVariant& variant, const std::vector<Norm>* norms,
                            at::TensorList inputs, at::TensorList, at::TensorList) {
    Plan plan(*runner, inputs, variant);
    NormReluWork& work = plan.work();
    const at::Tensor lines = plan.lines(kLineCount);
    at::Tensor out =
        at::empty({inputs[0].size(0), work.pitch, inputs[0].size(2), inputs[0].size(3)},
                  inputs[0].options().memory_format(at::MemoryFormat::ChannelsLast));
    point_to_lines(work, inputs.size(), lines);
    variable_list kept(inputs.begin(), inputs.end());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Norm& norm = (*norms)[i];
      NormReluBranch& branch = work.branches[i];
      branch.y = out.mutable_data_ptr();
      branch.weight = norm.weight.const_data_ptr<float>();
      branch.bias = norm.bias.const_data_ptr<float>();
      branch.running_mean = norm.running_mean.mutable_data_ptr<float>();
      branch.running_var = norm.running_var.mutable_data_ptr<float>();
      branch.counters = norm.counters.mutable_data_ptr<int>();
      branch.momentum = norm.momentum;
      kept.push_back(norm.counters);
    }
    plan.launch(*runner, NormReluKernel::kStatistics, variant);
    plan.launch(*runner, NormReluKernel::kApply, variant);
    kept.push_back(lines);
    context->save_for_backward(std::move(kept));
    context->saved_data["runner"] = reinterpret_cast<std::int64_t>(runner);
    context->saved_data["width"] = std::int64_t{variant.width};
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const variable_list kept = context->get_saved_variables();
    const std::size_t count = (kept.size() - 1) / 2;
    const at::TensorList inputs(kept.data(), count);
    auto& runner = *reinterpret_cast<NormReluRunner*>(context->saved_data["runner"].toInt());
    const NormReluVariant variant{element_of(inputs[0].scalar_type()),
                                  static_cast<int>(context->saved_data["width"].toInt())};
    at::Tensor dy = outputs[0].contiguous(at::MemoryFormat::ChannelsLast);
    if (!aligned(dy)) dy = dy.clone(at::MemoryFormat::ChannelsLast);

    Plan plan(runner, inputs, variant);
    NormReluWork& work = plan.work();
    point_to_lines(work, count, kept.back());
    const at::Tensor rest = plan.lines(2);
    auto* next = rest.mutable_data_ptr<float>();
    constexpr std::size_t kOthers = 3;  // runner, variant and norms have none
    variable_list gradients(kOthers + 3 * count);
    for (std::size_t i = 0; i < count; ++i) {
      NormReluBranch& branch = work.branches[i];
      at::Tensor dx = at::empty_like(inputs[i]);
      at::Tensor dweight = at::empty({branch.channels}, rest.options());
      at::Tensor dbias = at::empty({branch.channels}, rest.options());
      branch.dy = dy.const_data_ptr();
      branch.dx = dx.mutable_data_ptr();
      branch.dweight = dweight.mutable_data_ptr<float>();
      branch.dbias = dbias.mutable_data_ptr<float>();
      branch.counters = kept[count + i].mutable_data_ptr<int>();
      branch.slope = next;
      branch.offset = next + branch.channels;
      next += 2 * branch.channels;
      gradients[kOthers + i] = std::move(dx);
      gradients[kOthers + count + i] = std::move(dweight);
      gradients[kOthers + 2 * count + i] = std::move(dbias);
    }
    plan.launch(runner, NormReluKernel::kReduceGradients, variant);
    plan.launch(runner, NormReluKernel::kInputGradients, variant);
    return gradients;
  }
};

class GpuRunner final : public NormReluRunner {
 public:
  explicit GpuRunner(at::Device device) : device_(device) {}

  int multiprocessors() const override { return multiprocessors_; }
  int threads() const override { return kMaxThreads; }

  bool prepare(const NormReluVariant& variant) override {
    const std::lock_guard lock(mutex_);
    if (failed_) return false;
    auto& kernels = compiled_[{variant.element, variant.width}];
    if (kernels) return true;
    try {
      kernels = std::make_unique<CudaKernels>(
          device_, kNormReluText,
          std::vector<CudaHeader>{{"worker/training/kernels/norm_relu_work.h", kNormReluWorkText}},
          std::vector<std::string>{"-DELEMENT=" + std::to_string(variant.element),
                                   "-DWIDTH=" + std::to_string(variant.width)},
          std::vector<std::string>{"statistics", "apply", "reduce_gradients", "input_gradients"});
      multiprocessors_ = kernels->multiprocessors();
      return true;
    } catch (const c10::Error& error) {
      failed_ = true;
      TORCH_WARN("BatchNorm and ReLU run as separate layers: ", error.what_without_backtrace());
      return false;
    }
  }

  void launch(NormReluKernel kernel, const NormReluVariant& variant, int row_blocks, int tiles,
              int branches, const NormReluWork& work) override {
    const CudaKernels* kernels = nullptr;
    {
      const std::lock_guard lock(mutex_);
      kernels = compiled_.at({variant.element, variant.width}).get();
    }
    kernels->launch(static_cast<std::size_t>(kernel),
                    {static_cast<unsigned>(row_blocks), static_cast<unsigned>(tiles),
                     static_cast<unsigned>(branches)},
                    kMaxThreads, &work);
  }

 private:
  const at::Device device_;
  std::mutex mutex_;
  std::map<std::pair<int, int>, std::unique_ptr<CudaKernels>> compiled_;
  std::atomic<int> multiprocessors_ = 1;
  bool failed_ = false;
};

}  // namespace

NormReluRunner& gpu_norm_relu_runner(at::Device device) {
  // Never freed: the driver may be gone before statics are.
  static std::mutex mutex;
  static auto* const runners = new std::map<c10::DeviceIndex, std::unique_ptr<GpuRunner>>();
  const std::lock_guard lock(mutex);
  auto& runner = (*runners)[device.index()];
  if (!runner) runner = std::make_unique<GpuRunner>(device);
  return *runner;
}

bool can_join(const std::vector<at::Tensor>& inputs, const std::vector<Norm>& norms) {
  if (inputs.empty() || inputs.size() > kMaxBranches) return false;
  const at::Tensor& like = inputs[0];
  const at::ScalarType type = like.scalar_type();
  if (type != at::kFloat && type != at::kBFloat16 && type != at::kHalf) return false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const at::Tensor& x = inputs[i];
    const bool fits =
        x.dim() == 4 && x.numel() > 0 && x.scalar_type() == type && x.device() == like.device() &&
        x.is_contiguous(at::MemoryFormat::ChannelsLast) && x.size(0) == like.size(0) &&
        x.size(2) == like.size(2) && x.size(3) == like.size(3) && norms[i].counters.defined() &&
        norms[i].weight.scalar_type() == at::kFloat;
    if (!fits) return false;
  }
  return true;
}

at::Tensor norm_relu_joined(NormReluRunner& runner, const std::vector<at::Tensor>& inputs,
                            const std::vector<Norm>& norms) {
  const NormReluVariant variant = variant_of(inputs);
  if (!runner.prepare(variant)) return {};
  std::vector<at::Tensor> weights, biases;
  for (const Norm& norm : norms) {
    weights.push_back(norm.weight);
    biases.push_back(norm.bias);
  }
  return JoinedNormRelu::apply(&runner, variant, &norms, at::TensorList(inputs),
                               at::TensorList(weights), at::TensorList(biases));
}

}  // namespace firesweep
