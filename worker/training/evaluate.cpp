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
#include <array>
#include <cassert>
#include <utility>

#include "shared/base/near_miss.h"

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

// One showing of the images.
struct Shown {
  double weight = 1;
  bool mirrored = false;
  std::int64_t shift = 0;
};

std::vector<Shown> shown_by(View view) {
  switch (view) {
    case View::kAsIs:
      return {{}};
    case View::kBothMirrored:
      return {{0.5, false}, {0.5, true}};
    case View::kMirroredAndShifted:
      return {{0.25, false},     {0.25, true},      {0.125, false, -1},
              {0.125, true, -1}, {0.125, false, 1}, {0.125, true, 1}};
  }
  assert(false);
  return {};
}

}  // namespace

Result<View> find_tta(const std::string& word) {
  if (word == "none") return View::kAsIs;
  if (word == "flip") return View::kBothMirrored;
  if (word == "flip_shift") return View::kMirroredAndShifted;
  constexpr std::array<std::string_view, 3> kWords = {"none", "flip", "flip_shift"};
  return fail(ErrorCode::kBadInput, "tta",
              "found \"" + word + "\", expected none, flip or flip_shift",
              did_you_mean(word, kWords));
}

std::optional<Evaluation> evaluate(const Model& model, const DeviceImages& images,
                                   std::span<const std::int64_t> samples, View view, Amp amp,
                                   const std::function<bool()>& go_on) {
  assert(!samples.empty());
  const at::NoGradGuard no_grad;
  std::vector<std::pair<EpochPlan, double>> plans;  // and the weight of each
  for (const Shown& shown : shown_by(view))
    plans.emplace_back(images.plain(samples, shown.mirrored, shown.shift), shown.weight);
  const AutocastScope autocast(images.device().type(), amp);
  const std::int64_t most = images.device().is_cpu() ? kCpuBatch : kDeviceBatch;
  const auto total = static_cast<std::int64_t>(samples.size());

  at::Tensor loss = at::zeros({}, at::TensorOptions(images.device()).dtype(at::kDouble));
  at::Tensor top5 = at::zeros({}, at::TensorOptions(images.device()).dtype(at::kLong));
  std::vector<at::Tensor> correct;
  for (std::int64_t begin = 0; begin < total; begin += most) {
    const std::int64_t count = std::min(most, total - begin);
    at::Tensor logits, labels;
    for (const auto& [plan, weight] : plans) {
      const Batch batch = images.batch(plan, begin, count);
      const at::Tensor found = model.forward(batch.images, /*training=*/false).to(at::kFloat);
      logits = logits.defined() ? logits.add(found, weight) : found.mul(weight);
      labels = batch.labels;
    }
    loss.add_(at::cross_entropy_loss(logits, labels, {}, at::Reduction::None).sum(at::kDouble));
    const at::Tensor best = std::get<1>(at::topk(logits, std::min(kTop, logits.size(1)), 1));
    top5.add_(best.eq(labels.view({-1, 1})).any(1).sum());
    correct.push_back(at::argmax(logits, 1).eq(labels));
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
