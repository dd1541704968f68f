#include "worker/training/augment.h"

#include <ATen/ops/add.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <numbers>
#include <string_view>
#include <vector>

#include "shared/base/near_miss.h"
#include "worker/training/random.h"
#include "worker/training/trivial_augment.h"

namespace firesweep {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"none", "crop_flip", "crop_flip_jitter"};
constexpr std::array<std::string_view, 2> kPadNames = {"zero", "reflect"};
constexpr std::array<std::string_view, 3> kFlipNames = {"random", "alternating", "none"};

// The kind of that name, the names being in the order of the kinds.
template <class Kind, std::size_t N>
Result<Kind> find_kind(const char* field, const std::array<std::string_view, N>& names,
                       const std::string& word) {
  std::string expected;
  for (std::size_t i = 0; i < N; ++i) {
    if (word == names[i]) return static_cast<Kind>(i);
    expected += (i == 0 ? "" : i + 1 < N ? ", " : " or ") + std::string(names[i]);
  }
  return fail(ErrorCode::kBadInput, field, "found \"" + word + "\", expected " + expected,
              did_you_mean(word, names));
}

// ITU-R BT.601 luma, as torchvision's rgb_to_grayscale rounds it.
constexpr std::array<float, 3> kLuma = {0.2989F, 0.587F, 0.114F};

using Matrix = std::array<std::array<double, 3>, 3>;

constexpr Matrix kYiqFromRgb = {{{0.299, 0.587, 0.114},  //
                                 {0.595716, -0.274453, -0.321263},
                                 {0.211456, -0.522591, 0.311135}}};

constexpr Matrix times(const Matrix& a, const Matrix& b) {
  Matrix product{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 3; ++k) product[i][j] += a[i][k] * b[k][j];
  return product;
}

constexpr Matrix inverse(const Matrix& m) {
  Matrix adjugate{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const std::size_t r0 = (j + 1) % 3, r1 = (j + 2) % 3, c0 = (i + 1) % 3, c1 = (i + 2) % 3;
      adjugate[i][j] = m[r0][c0] * m[r1][c1] - m[r0][c1] * m[r1][c0];
    }
  }
  double determinant = 0;
  for (std::size_t k = 0; k < 3; ++k) determinant += m[0][k] * adjugate[k][0];
  for (auto& row : adjugate)
    for (double& value : row) value /= determinant;
  return adjugate;
}

constexpr Matrix kRgbFromYiq = inverse(kYiqFromRgb);

at::Tensor on(at::Device device, const at::Tensor& host) {
  return host.to(device, /*non_blocking=*/true);
}

// [kSide+2·padding] int64: the row or column shown at each place of an image padded by reflection.
at::Tensor reflected_places(int padding) {
  std::vector<std::int64_t> places;
  for (int i = -padding; i < kSide + padding; ++i)
    places.push_back(i < 0 ? -i : i < kSide ? i : 2 * (kSide - 1) - i);
  return at::tensor(places, at::kLong);
}

at::Tensor three(const std::array<float, 3>& values, at::Device device) {
  return on(device, at::tensor(at::ArrayRef<float>(values.data(), values.size())));
}

}  // namespace

Result<Augmentation> find_augmentation(const std::string& word) {
  return find_kind<Augmentation>("augmentation", kNames, word);
}
Result<PadMode> find_pad_mode(const std::string& word) {
  return find_kind<PadMode>("pad_mode", kPadNames, word);
}
Result<Flip> find_flip(const std::string& word) {
  return find_kind<Flip>("flip", kFlipNames, word);
}

SampleDraw draw_sample(const AugmentSettings& settings, std::uint64_t seed, std::int64_t epoch,
                       std::int64_t sample) {
  SampleDraw made;
  if (settings.kind == Augmentation::kNone) return made;
  const Words place = draw(seed, Purpose::kCropFlip, epoch, sample);
  made.down = below(place[0], 2 * settings.padding + 1) - settings.padding;
  made.right = below(place[1], 2 * settings.padding + 1) - settings.padding;
  if (settings.flip == Flip::kRandom) {
    made.flip = below(place[2], 2) == 1;
  } else if (settings.flip == Flip::kAlternating) {
    const std::int64_t first = below(draw(seed, Purpose::kFirstFlip, 0, sample)[0], 2);
    made.flip = (first + epoch - 1) % 2 == 1;
  }
  if (settings.kind == Augmentation::kCropFlip) return made;
  const Words colour = draw(seed, Purpose::kJitter, epoch, sample);
  const auto factor = [](std::uint32_t word) {
    return static_cast<float>(between(word, 1 - kJitterStrength, 1 + kJitterStrength));
  };
  made.brightness = factor(colour[0]);
  made.contrast = factor(colour[1]);
  made.saturation = factor(colour[2]);
  made.hue = between(colour[3], -kHueStrength, kHueStrength);
  return made;
}

std::array<float, 9> hue_matrix(double hue) {
  const double angle = 2 * std::numbers::pi * hue;
  const Matrix turn = {{{1, 0, 0},  //
                        {0, std::cos(angle), -std::sin(angle)},
                        {0, std::sin(angle), std::cos(angle)}}};
  const Matrix turned = times(kRgbFromYiq, times(turn, kYiqFromRgb));
  std::array<float, 9> transposed;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) transposed[3 * j + i] = static_cast<float>(turned[i][j]);
  return transposed;
}

std::vector<at::Tensor*> EpochPlan::tensors() {
  return {&sample_,      &first_,          &direction_, &blend_, &hue_,
          &cutout_.rows, &cutout_.columns, &partner_,   &share_, &blend_in_,
          &box_.rows,    &box_.columns,    &warp_,      &tone_};
}

EpochPlan EpochPlan::at_rows(const at::Tensor& rows) const {
  EpochPlan chosen = *this;
  for (at::Tensor* const tensor : chosen.tensors())
    if (tensor->defined()) *tensor = at::index_select(*tensor, 0, rows);
  return chosen;
}

void EpochPlan::overwrite(const EpochPlan& other) {
  EpochPlan from = other;
  const std::vector<at::Tensor*> mine = tensors(), theirs = from.tensors();
  for (std::size_t i = 0; i < mine.size(); ++i) {
    assert(mine[i]->defined() == theirs[i]->defined());
    if (mine[i]->defined()) mine[i]->copy_(*theirs[i]);
  }
}

DeviceImages::DeviceImages(const Dataset& dataset, Subset subset, int padding, at::Device device,
                           PadMode mode)
    : padding_(padding), side_(kSide + 2 * padding) {
  const std::int64_t count = dataset.count(subset);
  // from_blob takes no const; the mapped bytes are only read.
  auto* const image_bytes = const_cast<std::uint8_t*>(dataset.images(subset).data());
  auto* const label_bytes = const_cast<std::uint8_t*>(dataset.labels(subset).data());
  const at::Tensor planes = at::from_blob(image_bytes, {count, kChannels, kSide, kSide}, at::kByte);
  at::Tensor padded;
  if (mode == PadMode::kReflect && padding > 0) {
    const at::Tensor from = on(device, reflected_places(padding));
    padded = planes.to(device).index_select(2, from).index_select(3, from);
    padded = padded.permute({0, 2, 3, 1}).contiguous();
  } else {
    padded =
        at::zeros({count, side_, side_, kChannels}, at::TensorOptions(device).dtype(at::kByte));
    padded.narrow(1, padding, kSide)
        .narrow(2, padding, kSide)
        .copy_(planes.to(device).permute({0, 2, 3, 1}));
  }
  pixels_ = padded.view({count * side_ * side_, kChannels});
  labels_ = at::from_blob(label_bytes, {count}, at::kByte).to(device, at::kLong);

  columns_ = on(device, at::arange(kSide, at::kLong)).view({1, kSide});
  window_ = on(device, at::arange(kSide, at::kLong))
                .mul(side_)
                .view({kSide, 1})
                .expand({kSide, kSide})
                .contiguous();
  std::array<float, 3> scale, offset;
  for (std::size_t i = 0; i < 3; ++i) {
    scale[i] = 1.0F / (255.0F * dataset.info().stddev[i]);
    offset[i] = -dataset.info().mean[i] / dataset.info().stddev[i];
  }
  scale_ = three(scale, device);
  offset_ = three(offset, device);
  luma_ = three(kLuma, device);
}

template <class Draw>
EpochPlan DeviceImages::plan(std::span<const std::int64_t> samples, bool jitter,
                             Draw&& draw_of) const {
  const auto count = static_cast<std::int64_t>(samples.size());
  const at::Tensor sample = at::empty({count}, at::kLong), first = at::empty({count}, at::kLong),
                   direction = at::empty({count}, at::kLong);
  const at::Tensor blend = at::empty({jitter ? count : 0, 3}),
                   hue = at::empty({jitter ? count : 0, 3, 3});
  auto* const sample_at = sample.mutable_data_ptr<std::int64_t>();
  auto* const first_at = first.mutable_data_ptr<std::int64_t>();
  auto* const direction_at = direction.mutable_data_ptr<std::int64_t>();
  auto* const blend_at = blend.mutable_data_ptr<float>();
  auto* const hue_at = hue.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t index = samples[static_cast<std::size_t>(i)];
    assert(index >= 0 && index < size());
    const SampleDraw made = draw_of(index);
    const std::int64_t row = made.down + padding_, column = made.right + padding_;
    assert(row >= 0 && row <= 2 * padding_ && column >= 0 && column <= 2 * padding_);
    sample_at[i] = index;
    first_at[i] = (index * side_ + row) * side_ + column + (made.flip ? kSide - 1 : 0);
    direction_at[i] = made.flip ? -1 : 1;
    if (!jitter) continue;
    blend_at[3 * i] = made.brightness;
    blend_at[3 * i + 1] = made.contrast;
    blend_at[3 * i + 2] = made.saturation;
    std::ranges::copy(hue_matrix(made.hue), hue_at + 9 * i);
  }
  const at::Device device = labels_.device();
  EpochPlan plan;
  plan.sample_ = on(device, sample);
  plan.first_ = on(device, first);
  plan.direction_ = on(device, direction);
  if (jitter) {
    plan.blend_ = on(device, blend);
    plan.hue_ = on(device, hue);
  }
  return plan;
}

EpochPlan DeviceImages::plain(std::span<const std::int64_t> samples, bool mirrored,
                              std::int64_t shift) const {
  return plan(samples, false, [=](std::int64_t) {
    return SampleDraw{.down = shift, .right = shift, .flip = mirrored};
  });
}

EpochPlan DeviceImages::augmented(std::span<const std::int64_t> samples,
                                  const AugmentSettings& settings, std::uint64_t seed,
                                  std::int64_t epoch) const {
  EpochPlan made =
      plan(samples, settings.kind == Augmentation::kCropFlipJitter,
           [&](std::int64_t sample) { return draw_sample(settings, seed, epoch, sample); });
  if (settings.trivial) add_trivial(made, samples, seed, epoch);
  if (settings.cutout > 0) {
    std::vector<Box> cut;
    cut.reserve(samples.size());
    for (const std::int64_t sample : samples)
      cut.push_back(draw_cutout(settings.cutout, seed, epoch, sample));
    made.cutout_ = boxes(cut);
  }
  if (settings.mix.any()) add_mixing(made, settings, seed, epoch);
  return made;
}

void DeviceImages::add_trivial(EpochPlan& plan, std::span<const std::int64_t> samples,
                               std::uint64_t seed, std::int64_t epoch) const {
  std::vector<Warp> warps;
  std::vector<Tone> tones;
  for (const std::int64_t sample : samples) {
    const TrivialDraw drawn = draw_trivial(seed, epoch, sample);
    warps.push_back(warp_of(drawn));
    tones.push_back(tone_of(drawn));
  }
  const at::Device device = labels_.device();
  const auto count = static_cast<std::int64_t>(samples.size());
  const at::Tensor warp = at::empty({count, 6}, at::kLong), tone = at::empty({count, kToneNumbers});
  std::memcpy(warp.mutable_data_ptr(), warps.data(), warps.size() * sizeof(Warp));
  std::memcpy(tone.mutable_data_ptr(), tones.data(), tones.size() * sizeof(Tone));
  plan.warp_ = on(device, warp);
  plan.tone_ = on(device, tone);
}

EpochPlan::Boxes DeviceImages::boxes(const std::vector<Box>& of_samples) const {
  const auto count = static_cast<std::int64_t>(of_samples.size());
  const at::Tensor host = at::empty({4, count, 1}, at::kLong);
  auto* const edges = host.mutable_data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < count; ++i) {
    const Box& box = of_samples[static_cast<std::size_t>(i)];
    edges[i] = box.top;
    edges[count + i] = box.bottom;
    edges[2 * count + i] = box.left;
    edges[3 * count + i] = box.right;
  }
  const at::Tensor edge = on(labels_.device(), host);
  const auto between_edges = [&](std::int64_t from, std::int64_t to) {
    return columns_.ge(edge[from]).logical_and_(columns_.lt(edge[to]));
  };
  return {between_edges(0, 1), between_edges(2, 3)};
}

void DeviceImages::add_mixing(EpochPlan& plan, const AugmentSettings& settings, std::uint64_t seed,
                              std::int64_t epoch) const {
  assert(settings.batch_size > 0);
  std::vector<std::int64_t> partners;
  std::vector<float> shares, blends;
  std::vector<Box> taken;
  for (std::int64_t begin = 0; begin < plan.size(); begin += settings.batch_size) {
    const std::int64_t count = std::min(settings.batch_size, plan.size() - begin);
    const auto places = draw_partners(seed, epoch, begin, count);
    const MixDraw mix = draw_mix(settings.mix, seed, epoch, begin / settings.batch_size);
    const auto times = static_cast<std::size_t>(count);
    partners.insert(partners.end(), places.begin(), places.end());
    shares.insert(shares.end(), times, static_cast<float>(mix.share));
    blends.insert(blends.end(), times, static_cast<float>(mix.blend));
    taken.insert(taken.end(), times, mix.box);
  }
  const at::Device device = labels_.device();
  plan.partner_ = on(device, at::tensor(partners, at::kLong));
  plan.share_ = on(device, at::tensor(shares));
  if (settings.mix.mixup_alpha > 0) plan.blend_in_ = on(device, at::tensor(blends));
  if (settings.mix.cutmix_alpha > 0) plan.box_ = boxes(taken);
}

// [count,32·32,3] float, 0 … 255: cropped, flipped, and what TrivialAugment makes of them.
at::Tensor DeviceImages::pixels_of(const EpochPlan& plan, std::int64_t begin,
                                   std::int64_t count) const {
  const at::Tensor first = plan.first_.narrow(0, begin, count).view({count, 1, 1});
  const at::Tensor direction = plan.direction_.narrow(0, begin, count).view({count, 1, 1});
  const auto pixels_at = [&](const at::Tensor& index) {
    return at::index_select(pixels_, 0, index.view({-1})).view({count, kSide * kSide, kChannels});
  };
  if (!plan.warp_.defined()) {
    const at::Tensor index = at::add(at::add(first, at::mul(direction, columns_)), window_);
    return pixels_at(index).to(at::kFloat);
  }
  const WarpedPixels places = warped_pixels(plan.warp_.narrow(0, begin, count), columns_);
  const at::Tensor index =
      at::add(at::add(first, at::mul(direction, places.columns)), places.rows, side_);
  const at::Tensor pixels =
      pixels_at(index).masked_fill_(places.outside.view({count, kSide * kSide, 1}), 0);
  return toned(pixels, plan.tone_.narrow(0, begin, count), luma_);
}

Batch DeviceImages::batch(const EpochPlan& plan, std::int64_t begin, std::int64_t count) const {
  at::Tensor images = pixels_of(plan, begin, count);
  if (plan.blend_.defined()) {
    const at::Tensor blend = plan.blend_.narrow(0, begin, count).view({count, 3, 1, 1});
    const at::Tensor brightness = blend.select(1, 0), contrast = blend.select(1, 1),
                     saturation = blend.select(1, 2);
    images.mul_(brightness).clamp_(0, 255);
    const at::Tensor mean = at::matmul(images.mean({1}, true), luma_).view({count, 1, 1});
    images.sub_(mean).mul_(contrast).add_(mean).clamp_(0, 255);
    const at::Tensor grey = at::matmul(images, luma_).view({count, kSide * kSide, 1});
    images.sub_(grey).mul_(saturation).add_(grey).clamp_(0, 255);
    images = at::bmm(images, plan.hue_.narrow(0, begin, count)).clamp_(0, 255);
  }
  images.mul_(scale_).add_(offset_);

  const auto covered = [&](const EpochPlan::Boxes& boxes) {  // [count,kSide·kSide,1] bool
    return boxes.rows.narrow(0, begin, count)
        .view({count, kSide, 1})
        .logical_and(boxes.columns.narrow(0, begin, count).view({count, 1, kSide}))
        .view({count, kSide * kSide, 1});
  };
  if (plan.cutout_.rows.defined()) images.masked_fill_(covered(plan.cutout_), 0);
  Batch made = {images, at::index_select(labels_, 0, plan.sample_.narrow(0, begin, count))};
  if (plan.partner_.defined()) {
    const at::Tensor partner = plan.partner_.narrow(0, begin, count);
    const at::Tensor other = at::index_select(images, 0, partner);
    if (plan.blend_in_.defined()) {
      at::Tensor weight = plan.blend_in_.narrow(0, begin, count).view({count, 1, 1});
      if (plan.box_.rows.defined()) weight = at::maximum(weight, covered(plan.box_));
      made.images = at::lerp(images, other, weight);
    } else {
      made.images = at::where(covered(plan.box_), other, images);
    }
    made.other_labels = at::index_select(made.labels, 0, partner);
    made.share = plan.share_.narrow(0, begin, count);
  }
  made.images = made.images.view({count, kSide, kSide, 3}).permute({0, 3, 1, 2});
  return made;
}

}  // namespace firesweep
