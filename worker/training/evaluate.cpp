#include "worker/training/evaluate.h"

#include <ATen/core/Reduction.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cassert>

namespace firesweep {
namespace {

constexpr std::int64_t kCpuBatch = 250;  // larger ones leave the caches
constexpr std::int64_t kDeviceBatch = 1000;
constexpr std::int64_t kTop = 5;

std::vector<std::uint8_t> bitmap_of(const at::Tensor& flags) {
  const at::Tensor host = flags.to(at::kCPU, at::kByte).contiguous();
  const auto* const bytes = host.const_data_ptr<std::uint8_t>();
  std::vector<std::uint8_t> bits(static_cast<std::size_t>((host.numel() + 7) / 8));
  for (std::int64_t i = 0; i < host.numel(); ++i)
    bits[static_cast<std::size_t>(i / 8)] |=
        static_cast<std::uint8_t>((bytes[i] != 0 ? 1U : 0U) << (i % 8));
  return bits;
}

}  // namespace

std::optional<Evaluation> evaluate(const Model& model, const DeviceImages& images,
                                   std::span<const std::int64_t> samples, View view, Amp amp,
                                   const std::function<bool()>& go_on) {
  assert(!samples.empty());
  const at::NoGradGuard no_grad;
  const EpochPlan plan = images.plain(samples);
  const EpochPlan mirrored =
      view == View::kBothMirrored ? images.plain(samples, true) : EpochPlan{};
  const AutocastScope autocast(images.device().type(), amp);
  const std::int64_t most = images.device().is_cpu() ? kCpuBatch : kDeviceBatch;
  const auto total = static_cast<std::int64_t>(samples.size());

  at::Tensor loss = at::zeros({}, at::TensorOptions(images.device()).dtype(at::kDouble));
  at::Tensor top5 = at::zeros({}, at::TensorOptions(images.device()).dtype(at::kLong));
  std::vector<at::Tensor> correct;
  for (std::int64_t begin = 0; begin < total; begin += most) {
    const std::int64_t count = std::min(most, total - begin);
    const Batch batch = images.batch(plan, begin, count);
    at::Tensor logits = model.forward(batch.images, /*training=*/false).to(at::kFloat);
    if (view == View::kBothMirrored) {
      const at::Tensor other =
          model.forward(images.batch(mirrored, begin, count).images, /*training=*/false);
      logits = logits.add(other.to(at::kFloat)).mul_(0.5);
    }
    loss.add_(
        at::cross_entropy_loss(logits, batch.labels, {}, at::Reduction::None).sum(at::kDouble));
    const at::Tensor best = std::get<1>(at::topk(logits, std::min(kTop, logits.size(1)), 1));
    top5.add_(best.eq(batch.labels.view({-1, 1})).any(1).sum());
    correct.push_back(at::argmax(logits, 1).eq(batch.labels));
    if (!go_on()) return std::nullopt;
  }
  const at::Tensor flags = at::cat(correct);
  const auto images_seen = static_cast<double>(total);
  return Evaluation{.loss = loss.item<double>() / images_seen,
                    .accuracy = static_cast<double>(flags.sum().item<std::int64_t>()) / images_seen,
                    .top5 = static_cast<double>(top5.item<std::int64_t>()) / images_seen,
                    .correct = bitmap_of(flags)};
}

}  // namespace firesweep
