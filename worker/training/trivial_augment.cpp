#include "worker/training/trivial_augment.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <numbers>

#include "worker/datasets/source.h"
#include "worker/training/random.h"

namespace firesweep {
namespace {

constexpr std::int64_t kOne = 65536;  // of a warp: 2¹⁶, times 2 for the halves of pixels
constexpr int kShift = 17;
constexpr std::int64_t kValues = 256;  // of a channel
constexpr std::int64_t kPixels = kSide * kSide;

constexpr double kMostShear = 0.99;
constexpr double kMostTranslation = 32;
constexpr double kMostRotation = 135;
constexpr double kMostBlend = 0.99;

std::int64_t fixed(double number) { return std::llround(number * static_cast<double>(kOne)); }

// Places in Tone.
enum : std::int64_t {
  kStep,
  kInvertedFrom,
  kAutocontrast,
  kEqualize,
  kDarker,
  kFlatter,
  kGreyer,
  kSmoother
};

}  // namespace

TrivialDraw draw_trivial(std::uint64_t seed, std::int64_t epoch, std::int64_t sample) {
  const Words words = draw(seed, Purpose::kTrivialAugment, epoch, sample);
  const auto op = static_cast<TrivialOp>(below(words[0], kTrivialOps));
  const std::int64_t level = below(words[1], kTrivialLevels);
  const double share = static_cast<double>(level) / (kTrivialLevels - 1);
  const double either = below(words[2], 2) == 1 ? -share : share;
  switch (op) {
    case TrivialOp::kShearX:
    case TrivialOp::kShearY:
      return {op, either * kMostShear};
    case TrivialOp::kTranslateX:
    case TrivialOp::kTranslateY:
      return {op, either * kMostTranslation};
    case TrivialOp::kRotate:
      return {op, either * kMostRotation};
    case TrivialOp::kBrightness:
    case TrivialOp::kColour:
    case TrivialOp::kContrast:
    case TrivialOp::kSharpness:
      return {op, either * kMostBlend};
    case TrivialOp::kPosterize:
      return {op, 8 - std::round(share * 6)};
    case TrivialOp::kSolarize:
      return {op, 8.5 * static_cast<double>(kTrivialLevels - 1 - level)};
    case TrivialOp::kIdentity:
    case TrivialOp::kAutocontrast:
    case TrivialOp::kEqualize:
      break;
  }
  return {op, 0};
}

Warp warp_of(const TrivialDraw& drawn) {
  Warp warp = {kOne, 0, 0, 0, kOne, 0};
  switch (drawn.op) {
    case TrivialOp::kShearX:
      warp[1] = fixed(drawn.strength);
      break;
    case TrivialOp::kShearY:
      warp[3] = fixed(drawn.strength);
      break;
    case TrivialOp::kTranslateX:
      warp[2] = fixed(2 * drawn.strength);
      break;
    case TrivialOp::kTranslateY:
      warp[5] = fixed(2 * drawn.strength);
      break;
    case TrivialOp::kRotate: {
      const double angle = drawn.strength * std::numbers::pi / 180;
      const double along = std::cos(angle), across = std::sin(angle);
      warp = {fixed(along),   fixed(across), fixed(kSide * (1 - along - across)),
              fixed(-across), fixed(along),  fixed(kSide * (1 - along + across))};
      break;
    }
    default:
      break;
  }
  return warp;
}

Tone tone_of(const TrivialDraw& drawn) {
  Tone tone;
  const auto share = static_cast<float>(-drawn.strength);  // a factor of 1-share
  switch (drawn.op) {
    case TrivialOp::kBrightness:
      tone.darker = share;
      break;
    case TrivialOp::kColour:
      tone.greyer = share;
      break;
    case TrivialOp::kContrast:
      tone.flatter = share;
      break;
    case TrivialOp::kSharpness:
      tone.smoother = share;
      break;
    case TrivialOp::kPosterize:
      tone.step = static_cast<float>(std::exp2(8 - drawn.strength));
      break;
    case TrivialOp::kSolarize:
      tone.inverted_from = static_cast<float>(drawn.strength);
      break;
    case TrivialOp::kAutocontrast:
      tone.autocontrast = 1;
      break;
    case TrivialOp::kEqualize:
      tone.equalize = 1;
      break;
    default:
      break;
  }
  return tone;
}

WarpedPixels warped_pixels(const at::Tensor& warps, const at::Tensor& columns) {
  const std::int64_t count = warps.size(0);
  const at::Tensor halves = columns.mul(2).add_(1);
  const at::Tensor x = halves.view({1, 1, kSide}), y = halves.view({1, kSide, 1});
  const auto number = [&](std::int64_t i) { return warps.select(1, i).view({count, 1, 1}); };
  const auto places = [&](std::int64_t first) {
    return number(first)
        .mul(x)
        .add(number(first + 1).mul(y))
        .add_(number(first + 2))
        .bitwise_right_shift_(kShift);
  };
  const at::Tensor column = places(0), row = places(3);
  WarpedPixels made = {row.clamp(0, kSide - 1), column.clamp(0, kSide - 1), {}};
  made.outside = made.rows.ne(row).logical_or_(made.columns.ne(column));
  return made;
}

at::Tensor toned(const at::Tensor& pixels, const at::Tensor& tones, const at::Tensor& luma) {
  const std::int64_t count = pixels.size(0);
  const at::Device device = pixels.device();
  const auto tone = [&](std::int64_t i) { return tones.select(1, i).view({count, 1, 1}); };
  const at::Tensor index = pixels.to(at::kLong);
  const at::Tensor value =
      at::arange(kValues, at::TensorOptions(device).dtype(at::kFloat)).view({1, kValues, 1});

  // [B,256,3]: how many pixels have each value of each channel. Whole numbers, so that the order of
  // additions does not matter; in one dimension, of which deterministic CUDA has an accumulation
  // that copies nothing from the host.
  const at::TensorOptions whole = at::TensorOptions(device).dtype(at::kLong);
  const at::Tensor first = at::arange(count, whole).mul_(kValues * kChannels).view({count, 1, 1});
  const at::Tensor bin = index.mul(kChannels).add_(first).add_(at::arange(kChannels, whole));
  const at::Tensor counts =
      at::zeros({count * kValues * kChannels}, whole.dtype(at::kInt))
          .scatter_add_(0, bin.view({-1}),
                        at::ones({1}, whole.dtype(at::kInt)).expand({count * kPixels * kChannels}))
          .view({count, kValues, kChannels});
  const at::Tensor least = index.amin({1}, true), most = index.amax({1}, true);  // [B,1,3]
  const at::Tensor range = most.sub(least);

  // [B,256,1] or [B,256,3]: what becomes of each value of each channel.
  at::Tensor table = at::floor(value.div(tone(kStep))).mul_(tone(kStep));
  table = at::where(value.ge(tone(kInvertedFrom)), value.neg().add_(kValues - 1), table);

  const at::Tensor stretched =
      value.sub(least).mul_(kValues - 1).div_(range.clamp_min(1).to(at::kFloat));
  table = at::where(tone(kAutocontrast).gt(0.5).logical_and(range.gt(0)), stretched, table);

  // As Pillow's ImageOps.equalize: the pixels below a value, in steps of a 255th of those that are
  // not of the highest one.
  const at::Tensor below_value = counts.cumsum(1, at::kInt).sub_(counts).to(at::kFloat);
  const at::Tensor step = at::floor(
      counts.gather(1, most).neg().add_(kPixels).to(at::kFloat).div_(kValues - 1));  // [B,1,3]
  const at::Tensor even =
      at::floor(below_value.add(at::floor(step.div(2))).div_(step.clamp_min(1)));
  table = at::where(tone(kEqualize).gt(0.5).logical_and(step.gt(0)), even, table);

  const at::Tensor mean = at::matmul(pixels.to(at::kFloat).mean({1}), luma).view({count, 1, 1});
  table = table.add(mean.sub(table).mul_(tone(kFlatter)));
  table.sub_(table.mul(tone(kDarker))).clamp_(0, kValues - 1);

  at::Tensor images = table.gather(1, index);
  const at::Tensor grey = at::matmul(images, luma).unsqueeze(2);
  images.add_(grey.sub(images).mul_(tone(kGreyer)));

  const at::Tensor square = images.view({count, kSide, kSide, kChannels});
  const auto three_of = [](const at::Tensor& of, std::int64_t dim) {
    const auto from = [&](std::int64_t place) { return of.narrow(dim, place, kSide - 2); };
    return from(0).add(from(1)).add_(from(2));
  };
  const at::Tensor inner = square.narrow(1, 1, kSide - 2).narrow(2, 1, kSide - 2);
  const at::Tensor smooth = three_of(three_of(square, 1), 2).add_(inner, 4).div_(13);
  inner.add_(smooth.sub_(inner).mul_(tone(kSmoother).unsqueeze(3)));
  return images.clamp_(0, kValues - 1);
}

}  // namespace firesweep
