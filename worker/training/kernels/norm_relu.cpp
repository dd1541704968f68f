#include "worker/training/kernels/norm_relu.h"

#include <ATen/Parallel.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "worker/training/kernels/kernels.h"
#include "worker/training/kernels/norm_relu_gpu.h"

namespace firesweep {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Sums are taken over so many groups of rows whatever the number of threads, and added in order, so
// that the bits do not depend on it.
constexpr std::int64_t kGroups = 64;

// [N,C,H,W] in channels_last as rows of channels, one a pixel.
struct Rows {
  std::int64_t count, channels;
};

Rows rows_of(const at::Tensor& x) { return {x.size(0) * x.size(2) * x.size(3), x.size(1)}; }

bool is_fast_layout(const at::Tensor& x) {
  return x.dim() == 4 && x.is_cpu() && x.scalar_type() == at::kFloat && x.numel() > 0 &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

template <class Work>
void over_rows(std::int64_t rows, Work&& work) {
  at::parallel_for(0, rows, 256,
                   [&](std::int64_t begin, std::int64_t end) { work(begin, end - begin); });
}

// Two sums a channel over all rows: work(first row, rows, sums, other sums) adds those of a group.
template <class Work>
std::vector<double> sum_rows(const Rows& rows, Work&& work) {
  const auto width = static_cast<std::size_t>(2 * rows.channels);
  std::vector<double> partial(width * kGroups);
  at::parallel_for(0, kGroups, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t group = begin; group < end; ++group) {
      const std::int64_t first = rows.count * group / kGroups;
      double* const sums = partial.data() + static_cast<std::size_t>(group) * width;
      work(first, rows.count * (group + 1) / kGroups - first, sums, sums + rows.channels);
    }
  });
  std::vector<double> total(partial.begin(), partial.begin() + static_cast<std::ptrdiff_t>(width));
  for (std::int64_t group = 1; group < kGroups; ++group)
    for (std::size_t c = 0; c < width; ++c)
      total[c] += partial[static_cast<std::size_t>(group) * width + c];
  return total;
}

// Rows of a [4,C] float tensor: a and b of y = a·x + b, the mean, and 1/deviation.
enum Line { kA, kB, kMean, kInverse, kLines };

float* line(const at::Tensor& lines, Line which) {
  return lines.mutable_data_ptr<float>() + which * lines.size(1);
}

void set_line(const at::Tensor& lines, std::int64_t c, const Norm& norm, double mean, double var) {
  const double inverse = 1 / std::sqrt(var + kBatchNormEpsilon);
  const double a = static_cast<double>(norm.weight.const_data_ptr<float>()[c]) * inverse;
  line(lines, kA)[c] = static_cast<float>(a);
  line(lines, kB)[c] =
      static_cast<float>(static_cast<double>(norm.bias.const_data_ptr<float>()[c]) - mean * a);
  line(lines, kMean)[c] = static_cast<float>(mean);
  line(lines, kInverse)[c] = static_cast<float>(inverse);
}

void move_running(const at::Tensor& running, std::int64_t c, double value, double momentum) {
  float& now = running.mutable_data_ptr<float>()[c];
  now = static_cast<float>((1 - momentum) * static_cast<double>(now) + momentum * value);
}

at::Tensor lines_in_training(const at::Tensor& x, const Norm& norm) {
  const Rows rows = rows_of(x);
  const auto* const from = x.const_data_ptr<float>();  // its first row is the shift
  const std::vector<double> sums = sum_rows(rows, [&](std::int64_t first, std::int64_t count,
                                                      double* sum, double* squares) {
    kernels::sum_squares(from + first * rows.channels, count, rows.channels, from, sum, squares);
  });
  at::Tensor lines = at::empty({kLines, rows.channels});
  const auto n = static_cast<double>(rows.count);
  for (std::int64_t c = 0; c < rows.channels; ++c) {
    const double shifted = sums[static_cast<std::size_t>(c)] / n;
    const double squares = sums[static_cast<std::size_t>(rows.channels + c)];
    const double mean = static_cast<double>(from[c]) + shifted;
    const double deviations = squares - n * shifted * shifted;
    // A channel that does not vary has none; what is not a number stays so.
    const double var = deviations < 0 ? 0 : deviations / n;
    set_line(lines, c, norm, mean, var);
    move_running(norm.running_mean, c, mean, norm.momentum);
    move_running(norm.running_var, c, rows.count > 1 ? var * n / (n - 1) : var, norm.momentum);
  }
  return lines;
}

at::Tensor lines_in_evaluation(const at::Tensor& x, const Norm& norm) {
  at::Tensor lines = at::empty({kLines, x.size(1)});
  for (std::int64_t c = 0; c < x.size(1); ++c) {
    set_line(lines, c, norm, static_cast<double>(norm.running_mean.const_data_ptr<float>()[c]),
             static_cast<double>(norm.running_var.const_data_ptr<float>()[c]));
  }
  return lines;
}

at::Tensor empty_output(at::TensorList inputs) {
  std::int64_t channels = 0;
  for (const at::Tensor& x : inputs) channels += x.size(1);
  return at::empty({inputs[0].size(0), channels, inputs[0].size(2), inputs[0].size(3)},
                   at::TensorOptions().memory_format(at::MemoryFormat::ChannelsLast));
}

void scale_into(const at::Tensor& out, std::int64_t first_channel, const at::Tensor& x,
                const at::Tensor& lines) {
  const Rows rows = rows_of(x);
  const std::int64_t pitch = out.size(1);
  over_rows(rows.count, [&](std::int64_t first, std::int64_t count) {
    kernels::scale_relu(x.const_data_ptr<float>() + first * rows.channels, count, rows.channels,
                        line(lines, kA), line(lines, kB),
                        out.mutable_data_ptr<float>() + first * pitch + first_channel, pitch);
  });
}

struct InputGradients {
  at::Tensor x, weight, bias;
};

// Ioffe, Szegedy: Batch Normalization, 2015, §3, the gradients gathered per channel.
InputGradients gradients_of(const at::Tensor& x, const at::Tensor& lines, const at::Tensor& dy,
                            std::int64_t first_channel) {
  const Rows rows = rows_of(x);
  const std::int64_t pitch = dy.size(1);
  const auto* const from = x.const_data_ptr<float>();
  const auto* const slopes = dy.const_data_ptr<float>() + first_channel;
  const std::vector<double> sums =
      sum_rows(rows, [&](std::int64_t first, std::int64_t count, double* sum, double* products) {
        kernels::sum_gradients(from + first * rows.channels, slopes + first * pitch, pitch, count,
                               rows.channels, line(lines, kA), line(lines, kB), line(lines, kMean),
                               sum, products);
      });
  InputGradients found{at::empty_like(x), at::empty({rows.channels}), at::empty({rows.channels})};
  const at::Tensor rest = at::empty({2, rows.channels});
  auto* const slope = rest.mutable_data_ptr<float>();
  auto* const offset = slope + rows.channels;
  const auto n = static_cast<double>(rows.count);
  for (std::int64_t c = 0; c < rows.channels; ++c) {
    const double sum = sums[static_cast<std::size_t>(c)];
    const double product = sums[static_cast<std::size_t>(rows.channels + c)];
    const auto a = static_cast<double>(line(lines, kA)[c]);
    const auto mean = static_cast<double>(line(lines, kMean)[c]);
    const auto inverse = static_cast<double>(line(lines, kInverse)[c]);
    found.bias.mutable_data_ptr<float>()[c] = static_cast<float>(sum);
    found.weight.mutable_data_ptr<float>()[c] = static_cast<float>(product * inverse);
    const double along = -a * inverse * inverse * product / n;
    slope[c] = static_cast<float>(along);
    offset[c] = static_cast<float>(-a * sum / n - along * mean);
  }
  over_rows(rows.count, [&](std::int64_t first, std::int64_t count) {
    kernels::input_gradients(from + first * rows.channels, slopes + first * pitch, pitch, count,
                             rows.channels, line(lines, kA), line(lines, kB), slope, offset,
                             found.x.mutable_data_ptr<float>() + first * rows.channels);
  });
  return found;
}

// inputs, then weights and biases for the graph's sake; `norms` outlives the call.
class NormRelu : public torch::autograd::Function<NormRelu> {
 public:
  static at::Tensor forward(AutogradContext* context, const std::vector<Norm>* norms,
                            at::TensorList inputs, at::TensorList, at::TensorList) {
    const at::Tensor out = empty_output(inputs);
    variable_list kept(inputs.begin(), inputs.end());
    std::int64_t channel = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      kept.push_back(lines_in_training(inputs[i], (*norms)[i]));
      scale_into(out, channel, inputs[i], kept.back());
      channel += inputs[i].size(1);
    }
    context->save_for_backward(std::move(kept));
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const at::Tensor dy = outputs[0].contiguous(at::MemoryFormat::ChannelsLast);
    const variable_list kept = context->get_saved_variables();
    const std::size_t count = kept.size() / 2;
    variable_list gradients(1 + 3 * count);  // the first is of `norms`, which has none
    std::int64_t channel = 0;
    for (std::size_t i = 0; i < count; ++i) {
      InputGradients found = gradients_of(kept[i], kept[count + i], dy, channel);
      gradients[1 + i] = std::move(found.x);
      gradients[1 + count + i] = std::move(found.weight);
      gradients[1 + 2 * count + i] = std::move(found.bias);
      channel += kept[i].size(1);
    }
    return gradients;
  }
};

at::Tensor layer_by_layer(const std::vector<at::Tensor>& inputs, const std::vector<Norm>& norms,
                          bool training) {
  std::vector<at::Tensor> parts;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    parts.push_back(at::batch_norm(inputs[i], norms[i].weight, norms[i].bias, norms[i].running_mean,
                                   norms[i].running_var, training, norms[i].momentum,
                                   kBatchNormEpsilon, true)
                        .relu_());
  }
  return parts.size() == 1 ? parts.front() : at::cat(parts, 1);
}

}  // namespace

at::Tensor norm_counters(std::int64_t channels, at::Device device) {
  return at::zeros({(channels + kTile - 1) / kTile}, at::TensorOptions(device).dtype(at::kInt));
}

at::Tensor norm_relu(const std::vector<at::Tensor>& inputs, const std::vector<Norm>& norms,
                     bool training) {
  if (training && inputs[0].is_cuda() && can_join(inputs, norms)) {
    at::Tensor out = norm_relu_joined(gpu_norm_relu_runner(inputs[0].device()), inputs, norms);
    if (out.defined()) return out;
  }
  bool fast = training || !at::GradMode::is_enabled();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    fast = fast && is_fast_layout(inputs[i]) && norms[i].weight.scalar_type() == at::kFloat &&
           inputs[i].size(2) == inputs[0].size(2) && inputs[i].size(3) == inputs[0].size(3);
  }
  if (!fast) return layer_by_layer(inputs, norms, training);
  if (training) {
    std::vector<at::Tensor> weights, biases;
    for (const Norm& norm : norms) {
      weights.push_back(norm.weight);
      biases.push_back(norm.bias);
    }
    return NormRelu::apply(&norms, at::TensorList(inputs), at::TensorList(weights),
                           at::TensorList(biases));
  }
  const at::Tensor out = empty_output(inputs);
  std::int64_t channel = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    scale_into(out, channel, inputs[i], lines_in_evaluation(inputs[i], norms[i]));
    channel += inputs[i].size(1);
  }
  return out;
}

}  // namespace firesweep
