#include "worker/training/trivial_augment.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "tests/worker/training/synthetic.h"
#include "worker/training/augment.h"

namespace firesweep {
namespace {

using Colour = std::array<double, 3>;
using Image = std::vector<Colour>;  // row by row

const Dataset& data() {
  static const Dataset dataset = synthetic_dataset(40, 8, 4);
  return dataset;
}

Colour& at_place(Image& image, int row, int column) {
  return image[static_cast<std::size_t>(row * kSide + column)];
}

// A sample after its crop and flip.
Image cropped(std::int64_t sample, const SampleDraw& made) {
  Image image(kSide * kSide, Colour{});
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) {
      const std::int64_t y = row + made.down,
                         x = (made.flip ? kSide - 1 - column : column) + made.right;
      if (y < 0 || y >= kSide || x < 0 || x >= kSide) continue;
      for (std::int64_t channel = 0; channel < 3; ++channel)
        at_place(image, row, column)[static_cast<std::size_t>(channel)] =
            data().images(Subset::kTrain)[static_cast<std::size_t>(
                sample * kImageBytes + channel * kPlaneBytes + y * kSide + x)];
    }
  }
  return image;
}

// ---- the operations, an image at a time, by their definitions ----

double luma(const Colour& c) { return 0.2989 * c[0] + 0.587 * c[1] + 0.114 * c[2]; }

double sixteen_bits(double number) { return std::round(number * 65536) / 65536; }

// What is shown at (x, y) comes from the pixel that holds `from(x + ½, y + ½)`.
template <class From>
Image moved(Image image, From from) {
  Image made(image.size(), Colour{});
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) {
      const auto [x, y] = from(column + 0.5, row + 0.5);
      const double left = std::floor(x), top = std::floor(y);
      if (left < 0 || left >= kSide || top < 0 || top >= kSide) continue;
      at_place(made, row, column) = at_place(image, static_cast<int>(top), static_cast<int>(left));
    }
  }
  return made;
}

Image rotated(const Image& image, double degrees) {
  const double angle = degrees * 3.14159265358979323846 / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  const double dx = sixteen_bits(32 * (1 - c - s)) / 2, dy = sixteen_bits(32 * (1 - c + s)) / 2;
  const double cosine = sixteen_bits(c), sine = sixteen_bits(s);
  return moved(image, [=](double x, double y) {
    return std::pair(cosine * x + sine * y + dx, -sine * x + cosine * y + dy);
  });
}

// Factor 1 leaves the image, 0 gives the other one.
Image blended(Image image, const Image& other, double factor) {
  for (std::size_t i = 0; i < image.size(); ++i)
    for (std::size_t c = 0; c < 3; ++c)
      image[i][c] = std::clamp(other[i][c] + factor * (image[i][c] - other[i][c]), 0.0, 255.0);
  return image;
}

Image grey(Image image) {
  for (Colour& c : image) c.fill(luma(c));
  return image;
}

Image flat(const Image& image) {
  double sum = 0;
  for (const Colour& c : image) sum += luma(c);
  const double mean = sum / static_cast<double>(image.size());
  return Image(image.size(), Colour{mean, mean, mean});
}

Image smoothed(Image image) {
  Image made = image;
  for (int row = 1; row < kSide - 1; ++row) {
    for (int column = 1; column < kSide - 1; ++column) {
      for (std::size_t c = 0; c < 3; ++c) {
        double sum = 4 * at_place(image, row, column)[c];
        for (int y = -1; y <= 1; ++y)
          for (int x = -1; x <= 1; ++x) sum += at_place(image, row + y, column + x)[c];
        at_place(made, row, column)[c] = sum / 13;
      }
    }
  }
  return made;
}

template <class Change>
Image each_value(Image image, Change change) {
  for (Colour& c : image)
    for (double& v : c) v = change(v);
  return image;
}

// `change` turns one channel's values, all of them, into others.
template <class Change>
Image each_channel(Image image, Change change) {
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<double> values;
    for (const Colour& colour : image) values.push_back(colour[c]);
    change(values);
    for (std::size_t i = 0; i < image.size(); ++i) image[i][c] = values[i];
  }
  return image;
}

void stretch(std::vector<double>& values) {
  const auto [least, most] = std::ranges::minmax(values);
  if (most == least) return;
  for (double& v : values) v = (v - least) * 255 / (most - least);
}

// Pillow's ImageOps.equalize.
void equalize(std::vector<double>& values) {
  std::array<int, 256> counts{};
  for (const double v : values) ++counts[static_cast<std::size_t>(v)];
  const auto highest = static_cast<std::size_t>(*std::ranges::max_element(values));
  const int step = (static_cast<int>(values.size()) - counts[highest]) / 255;
  if (step == 0) return;
  std::array<int, 256> table{};
  int n = step / 2;
  for (std::size_t i = 0; i < 256; ++i) {
    table[i] = std::min(n / step, 255);
    n += counts[i];
  }
  for (double& v : values) v = table[static_cast<std::size_t>(v)];
}

Image augmented(const Image& image, const TrivialDraw& drawn) {
  const double by = drawn.strength, slope = sixteen_bits(by);
  switch (drawn.op) {
    case TrivialOp::kIdentity:
      return image;
    case TrivialOp::kShearX:
      return moved(image, [=](double x, double y) { return std::pair(x + slope * y, y); });
    case TrivialOp::kShearY:
      return moved(image, [=](double x, double y) { return std::pair(x, y + slope * x); });
    case TrivialOp::kTranslateX:
      return moved(image, [=](double x, double y) { return std::pair(x + by, y); });
    case TrivialOp::kTranslateY:
      return moved(image, [=](double x, double y) { return std::pair(x, y + by); });
    case TrivialOp::kRotate:
      return rotated(image, by);
    case TrivialOp::kBrightness:
      return blended(image, Image(image.size(), Colour{}), 1 + by);
    case TrivialOp::kColour:
      return blended(image, grey(image), 1 + by);
    case TrivialOp::kContrast:
      return blended(image, flat(image), 1 + by);
    case TrivialOp::kSharpness:
      return blended(image, smoothed(image), 1 + by);
    case TrivialOp::kPosterize: {
      const int kept = 0xFF << (8 - static_cast<int>(by));
      return each_value(image, [=](double v) { return static_cast<int>(v) & kept; });
    }
    case TrivialOp::kSolarize:
      return each_value(image, [=](double v) { return v >= by ? 255 - v : v; });
    case TrivialOp::kAutocontrast:
      return each_channel(image, stretch);
    case TrivialOp::kEqualize:
      return each_channel(image, equalize);
  }
  return {};
}

// ---- the tests ----

TEST(TrivialAugment, EveryOperationIsWhatItsDefinitionSays) {
  const std::vector<std::int64_t> samples = {5, 0, 39, 17, 5, 22, 8, 31};
  AugmentSettings settings = Augmentation::kCropFlip;
  settings.trivial = true;
  const DeviceImages images(data(), Subset::kTrain, settings.padding, at::kCPU);
  const DatasetInfo& info = data().info();
  std::map<TrivialOp, int> seen;
  for (std::int64_t epoch = 1; epoch <= 24; ++epoch) {
    const EpochPlan plan = images.augmented(samples, settings, 7, epoch);
    const at::Tensor shown = images.batch(plan, 2, 6).images.contiguous();
    ASSERT_EQ(shown.sizes(), (std::vector<std::int64_t>{6, 3, kSide, kSide}));
    const auto values = shown.accessor<float, 4>();
    for (std::int64_t i = 0; i < 6; ++i) {
      const std::int64_t sample = samples[static_cast<std::size_t>(i + 2)];
      const TrivialDraw drawn = draw_trivial(7, epoch, sample);
      ++seen[drawn.op];
      Image expected = augmented(cropped(sample, draw_sample(settings, 7, epoch, sample)), drawn);
      double worst = 0;
      for (int row = 0; row < kSide; ++row)
        for (int column = 0; column < kSide; ++column)
          for (std::size_t c = 0; c < 3; ++c) {
            const double value = at_place(expected, row, column)[c] / 255;
            const double found = values[i][static_cast<std::int64_t>(c)][row][column];
            worst = std::max(worst, std::abs(found - (value - info.mean[c]) / info.stddev[c]));
          }
      EXPECT_LT(worst, 2e-5) << "operation " << static_cast<int>(drawn.op) << " of strength "
                             << drawn.strength;
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kTrivialOps));
}

TEST(TrivialAugment, OperationsAndStrengthsAreDrawnUniformlyOverTheirRanges) {
  std::map<TrivialOp, std::vector<double>> strengths;
  for (std::int64_t sample = 0; sample < 28'000; ++sample) {
    const TrivialDraw drawn = draw_trivial(3, 2, sample);
    strengths[drawn.op].push_back(drawn.strength);
  }
  ASSERT_EQ(strengths.size(), static_cast<std::size_t>(kTrivialOps));
  for (auto& [op, drawn] : strengths) EXPECT_NEAR(static_cast<double>(drawn.size()), 2000, 200);
  const auto expect_range = [&](TrivialOp op, double low, double high) {
    const auto [least, most] = std::ranges::minmax(strengths.at(op));
    EXPECT_DOUBLE_EQ(least, low) << static_cast<int>(op);
    EXPECT_DOUBLE_EQ(most, high) << static_cast<int>(op);
    double sum = 0;
    for (const double strength : strengths.at(op)) sum += strength;
    EXPECT_NEAR(sum / static_cast<double>(strengths.at(op).size()), (low + high) / 2,
                0.05 * (high - low) + 1e-9)
        << static_cast<int>(op);
  };
  for (const TrivialOp op : {TrivialOp::kShearX, TrivialOp::kShearY, TrivialOp::kBrightness,
                             TrivialOp::kColour, TrivialOp::kContrast, TrivialOp::kSharpness})
    expect_range(op, -0.99, 0.99);
  expect_range(TrivialOp::kTranslateX, -32, 32);
  expect_range(TrivialOp::kTranslateY, -32, 32);
  expect_range(TrivialOp::kRotate, -135, 135);
  expect_range(TrivialOp::kPosterize, 2, 8);
  expect_range(TrivialOp::kSolarize, 0, 255);
  for (const TrivialOp op : {TrivialOp::kIdentity, TrivialOp::kAutocontrast, TrivialOp::kEqualize})
    expect_range(op, 0, 0);
}

TEST(TrivialAugment, ADrawDependsOnSeedEpochAndSampleAlone) {
  const auto same = [](const TrivialDraw& a, const TrivialDraw& b) {
    return a.op == b.op && a.strength == b.strength;
  };
  int alike = 0;
  for (std::int64_t sample = 0; sample < 200; ++sample) {
    const TrivialDraw one = draw_trivial(3, 2, sample);
    EXPECT_TRUE(same(one, draw_trivial(3, 2, sample)));
    alike += same(one, draw_trivial(4, 2, sample)) + same(one, draw_trivial(3, 3, sample)) +
             same(one, draw_trivial(3, 2, sample + 1));
  }
  EXPECT_LT(alike, 60);
}

at::Tensor tones(std::initializer_list<Tone> rows) {
  std::vector<float> numbers;
  for (const Tone& tone : rows) {
    const auto* const first = reinterpret_cast<const float*>(&tone);
    numbers.insert(numbers.end(), first, first + kToneNumbers);
  }
  return at::tensor(numbers).view({-1, kToneNumbers});
}

TEST(TrivialAugment, ImagesOfOneValueHaveNothingToStretchOrToMakeEven) {
  const at::Tensor luma = at::tensor({0.2989F, 0.587F, 0.114F});
  const at::Tensor pixels = at::full({3, kSide * kSide, 3}, 77, at::kByte);
  const at::Tensor made = toned(pixels, tones({{}, {.autocontrast = 1}, {.equalize = 1}}), luma);
  EXPECT_TRUE(at::equal(made, pixels.to(at::kFloat)));
}

TEST(TrivialAugment, TheIdentityLeavesEveryBit) {
  const DeviceImages images(data(), Subset::kTrain, 0, at::kCPU);
  AugmentSettings settings;
  settings.trivial = true;
  std::vector<std::int64_t> samples;
  for (std::int64_t sample = 0; sample < 40; ++sample)
    if (draw_trivial(7, 1, sample).op == TrivialOp::kIdentity) samples.push_back(sample);
  ASSERT_FALSE(samples.empty());
  const auto count = static_cast<std::int64_t>(samples.size());
  EXPECT_TRUE(at::equal(images.batch(images.augmented(samples, settings, 7, 1), 0, count).images,
                        images.batch(images.plain(samples), 0, count).images));
}

}  // namespace
}  // namespace firesweep
