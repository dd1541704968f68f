#include "worker/training/augment.h"

#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/worker/training/synthetic.h"

namespace firesweep {
namespace {

using Colour = std::array<float, 3>;

const Dataset& data() {
  static const Dataset dataset = synthetic_dataset(40, 8, 4);
  return dataset;
}

// Mirrored at the outermost pixels until it lies in the image.
std::int64_t reflected(std::int64_t place) {
  if (place < 0) return -place;
  return place >= kSide ? 2 * kSide - 2 - place : place;
}

// One pixel of an image as it is shown: from the padded, cropped, perhaps flipped one.
std::uint8_t shown(std::int64_t sample, const SampleDraw& made, int channel, int row, int column,
                   PadMode mode = PadMode::kZero) {
  const std::int64_t from_column = made.flip ? kSide - 1 - column : column;
  std::int64_t y = row + made.down, x = from_column + made.right;
  if (mode == PadMode::kReflect) {
    y = reflected(y);
    x = reflected(x);
  }
  if (y < 0 || y >= kSide || x < 0 || x >= kSide) return 0;
  return data().images(Subset::kTrain)[static_cast<std::size_t>(
      sample * kImageBytes + channel * kPlaneBytes + y * kSide + x)];
}

float normalised(float value, std::size_t channel) {
  const DatasetInfo& info = data().info();
  const float scaled = value * (1.0F / (255.0F * info.stddev[channel]));
  return scaled + (-info.mean[channel] / info.stddev[channel]);
}

double luma(const Colour& c) { return 0.2989 * c[0] + 0.587 * c[1] + 0.114 * c[2]; }

float clamped(double value) { return static_cast<float>(std::clamp(value, 0.0, 255.0)); }

// Colour jitter of a whole image, one pixel after the other, by its definition.
void jitter(std::vector<Colour>& image, const SampleDraw& made) {
  for (Colour& c : image)
    for (float& v : c) v = clamped(double{v} * made.brightness);
  double mean = 0;
  for (const Colour& c : image) mean += luma(c) / static_cast<double>(image.size());
  for (Colour& c : image)
    for (float& v : c) v = clamped(mean + (v - mean) * made.contrast);
  const double angle = 2 * 3.14159265358979323846 * made.hue;
  for (Colour& c : image) {
    const double grey = luma(c);
    for (float& v : c) v = clamped(grey + (v - grey) * made.saturation);
    const double y = 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2];
    const double i = 0.595716 * c[0] - 0.274453 * c[1] - 0.321263 * c[2];
    const double q = 0.211456 * c[0] - 0.522591 * c[1] + 0.311135 * c[2];
    const double turned_i = std::cos(angle) * i - std::sin(angle) * q;
    const double turned_q = std::sin(angle) * i + std::cos(angle) * q;
    c = {clamped(y + 0.9563 * turned_i + 0.6210 * turned_q),
         clamped(y - 0.2721 * turned_i - 0.6474 * turned_q),
         clamped(y - 1.1070 * turned_i + 1.7046 * turned_q)};
  }
}

const std::vector<std::int64_t> kSamples = {5, 0, 39, 17, 5, 22, 8, 31};

// Six images of a plan against the naive version; the number of those flipped.
void expect_naive(const AugmentSettings& settings, PadMode mode, int& flips) {
  const DeviceImages images(data(), Subset::kTrain, settings.padding_needed(), at::kCPU, mode);
  const EpochPlan plan = images.augmented(kSamples, settings, 7, 3);
  const Batch batch = images.batch(plan, 1, 6);
  ASSERT_EQ(batch.images.sizes(), (std::vector<std::int64_t>{6, 3, 32, 32}));
  EXPECT_TRUE(batch.images.is_contiguous(at::MemoryFormat::ChannelsLast));
  for (int i = 0; i < 6; ++i) {
    const std::int64_t sample = kSamples[static_cast<std::size_t>(i + 1)];
    const SampleDraw made = draw_sample(settings, 7, 3, sample);
    flips += made.flip ? 1 : 0;
    EXPECT_EQ(batch.labels[i].item<std::int64_t>(), sample % 4);
    const at::Tensor image = batch.images[i].contiguous();
    const auto* const values = image.const_data_ptr<float>();
    for (int c = 0; c < 3; ++c) {
      for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
          const float expected =
              normalised(shown(sample, made, c, y, x, mode), static_cast<std::size_t>(c));
          ASSERT_EQ(values[(c * kSide + y) * kSide + x], expected)
              << i << " " << c << " " << y << " " << x;
        }
      }
    }
  }
}

TEST(Augment, CropAndFlipEqualTheNaivePerImageVersionExactly) {
  int flips = 0;
  expect_naive(Augmentation::kCropFlip, PadMode::kZero, flips);
  EXPECT_GT(flips, 0);
  EXPECT_LT(flips, 6);
}

TEST(Augment, EveryPaddingAndBothPadModesEqualTheNaivePerImageVersionExactly) {
  for (const int padding : {0, 1, 8}) {
    for (const PadMode mode : {PadMode::kZero, PadMode::kReflect}) {
      AugmentSettings settings = Augmentation::kCropFlip;
      settings.padding = padding;
      settings.flip = Flip::kAlternating;
      int flips = 0;
      expect_naive(settings, mode, flips);
    }
  }
}

TEST(Augment, CropsCoverThePaddingWhateverItIs) {
  AugmentSettings settings = Augmentation::kCropFlip;
  settings.padding = 2;
  std::array<int, 5> downs{}, rights{};
  for (std::int64_t sample = 0; sample < 5000; ++sample) {
    const SampleDraw made = draw_sample(settings, 1, 1, sample);
    ++downs.at(static_cast<std::size_t>(made.down + 2));
    ++rights.at(static_cast<std::size_t>(made.right + 2));
  }
  for (const int count : downs) EXPECT_NEAR(count, 1000, 145);  // five standard deviations
  for (const int count : rights) EXPECT_NEAR(count, 1000, 145);
}

TEST(Augment, AlternatingFlipsShowEachImageBothWaysInTurnAndBeginBySeed) {
  AugmentSettings settings = Augmentation::kCropFlip;
  settings.flip = Flip::kAlternating;
  const auto flip = [&](std::uint64_t seed, std::int64_t epoch, std::int64_t sample) {
    return draw_sample(settings, seed, epoch, sample).flip;
  };
  int first = 0, otherwise = 0;
  for (std::int64_t sample = 0; sample < 4000; ++sample) {
    first += flip(1, 1, sample) ? 1 : 0;
    otherwise += flip(1, 1, sample) != flip(2, 1, sample) ? 1 : 0;
    for (std::int64_t epoch = 1; epoch < 5; ++epoch)
      ASSERT_NE(flip(1, epoch, sample), flip(1, epoch + 1, sample)) << epoch << " " << sample;
  }
  EXPECT_NEAR(first, 2000, 160);
  EXPECT_NEAR(otherwise, 2000, 160);
}

TEST(Augment, WithoutFlipsTheCropsStay) {
  AugmentSettings none = Augmentation::kCropFlip;
  none.flip = Flip::kNone;
  for (std::int64_t sample = 0; sample < 100; ++sample) {
    const SampleDraw made = draw_sample(none, 1, 1, sample);
    const SampleDraw random = draw_sample(Augmentation::kCropFlip, 1, 1, sample);
    EXPECT_FALSE(made.flip);
    EXPECT_EQ(made.down, random.down);
    EXPECT_EQ(made.right, random.right);
  }
}

TEST(Augment, JitterEqualsTheNaivePerImageVersion) {
  const DeviceImages images(data(), Subset::kTrain, kCropPadding, at::kCPU);
  const Batch batch =
      images.batch(images.augmented(kSamples, Augmentation::kCropFlipJitter, 7, 3), 0, 8);
  for (int i = 0; i < 8; ++i) {
    const std::int64_t sample = kSamples[static_cast<std::size_t>(i)];
    const SampleDraw made = draw_sample(Augmentation::kCropFlipJitter, 7, 3, sample);
    std::vector<Colour> naive(kPlaneBytes);
    for (int place = 0; place < kPlaneBytes; ++place)
      for (int c = 0; c < 3; ++c)
        naive[static_cast<std::size_t>(place)][static_cast<std::size_t>(c)] =
            shown(sample, made, c, place / kSide, place % kSide);
    jitter(naive, made);
    const at::Tensor image = batch.images[i].contiguous();
    const auto* const values = image.const_data_ptr<float>();
    float worst = 0;
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t place = 0; place < naive.size(); ++place)
        worst = std::max(
            worst, std::abs(values[c * kPlaneBytes + place] - normalised(naive[place][c], c)));
    // The naive version turns back with YIQ's published coefficients, rounded to four digits.
    EXPECT_LT(worst, 0.003) << "image " << i;
  }
}

TEST(Augment, HueMatrixKeepsGreyTurnsByAddingAnglesAndIsOneForNoTurn) {
  for (const double hue : {-0.1, 0.0, 0.07}) {
    const auto m = hue_matrix(hue);
    for (std::size_t out = 0; out < 3; ++out)
      EXPECT_NEAR(m[out] + m[3 + out] + m[6 + out], 1, 1e-5);
  }
  const auto none = hue_matrix(0), whole = hue_matrix(1);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_NEAR(none[i], i % 4 == 0 ? 1 : 0, 1e-6);
    EXPECT_NEAR(none[i], whole[i], 1e-6);
  }
}

TEST(Augment, DrawsDependOnSeedEpochAndSampleOnly) {
  const DeviceImages images(data(), Subset::kTrain, kCropPadding, at::kCPU);
  const auto batch = [&](const std::vector<std::int64_t>& samples, std::uint64_t seed,
                         std::int64_t epoch) {
    const EpochPlan plan = images.augmented(samples, Augmentation::kCropFlipJitter, seed, epoch);
    return images.batch(plan, 0, plan.size()).images;
  };
  EXPECT_TRUE(at::equal(batch({3, 4, 5}, 1, 1)[2], batch({5, 9}, 1, 1)[0]));
  EXPECT_FALSE(at::equal(batch({3, 4, 5}, 1, 1), batch({3, 4, 5}, 1, 2)));
  EXPECT_FALSE(at::equal(batch({3, 4, 5}, 1, 1), batch({3, 4, 5}, 2, 1)));
}

TEST(Augment, DrawsCoverTheirRangesEvenly) {
  std::array<int, 9> downs{}, rights{};
  int flips = 0;
  float least = 2, most = 0;
  for (std::int64_t sample = 0; sample < 9000; ++sample) {
    const SampleDraw made = draw_sample(Augmentation::kCropFlipJitter, 1, 1, sample);
    ++downs.at(static_cast<std::size_t>(made.down + kCropPadding));
    ++rights.at(static_cast<std::size_t>(made.right + kCropPadding));
    flips += made.flip ? 1 : 0;
    least = std::min({least, made.brightness, made.contrast, made.saturation});
    most = std::max({most, made.brightness, made.contrast, made.saturation});
    EXPECT_LE(std::abs(made.hue), kHueStrength);
  }
  for (const int count : downs) EXPECT_NEAR(count, 1000, 150);  // five standard deviations
  for (const int count : rights) EXPECT_NEAR(count, 1000, 150);
  EXPECT_NEAR(flips, 4500, 240);
  EXPECT_NEAR(least, 0.8, 1e-3);
  EXPECT_NEAR(most, 1.2, 1e-3);
}

TEST(Augment, PlainBatchesAreTheImagesThemselvesWithAnyPadding) {
  const DeviceImages padded(data(), Subset::kTrain, kCropPadding, at::kCPU);
  const DeviceImages bare(data(), Subset::kTrain, 0, at::kCPU);
  const at::Tensor image = bare.batch(bare.plain(kSamples), 0, 8).images;
  EXPECT_TRUE(at::equal(image, padded.batch(padded.plain(kSamples), 0, 8).images));
  EXPECT_TRUE(at::equal(
      image, bare.batch(bare.augmented(kSamples, Augmentation::kNone, 1, 1), 0, 8).images));
  EXPECT_TRUE(at::equal(image.flip({3}), bare.batch(bare.plain(kSamples, true), 0, 8).images));
  EXPECT_EQ(image[0][2].contiguous().const_data_ptr<float>()[0],
            normalised(shown(5, {}, 2, 0, 0), 2));
}

TEST(Augment, TestImagesAreTheTestSubset) {
  const DeviceImages images(data(), Subset::kTest, 0, at::kCPU);
  ASSERT_EQ(images.size(), 8);
  const Batch batch = images.batch(images.plain(std::vector<std::int64_t>{7}), 0, 1);
  EXPECT_EQ(batch.labels.item<std::int64_t>(), (40 + 7) % 4);
  EXPECT_EQ(batch.images[0][0][0][0].item<float>(),
            normalised(data().images(Subset::kTest)[7 * kImageBytes], 0));
}

TEST(Augment, UnknownWordIsRefusedWithANearMiss) {
  const auto found = find_augmentation("crop_flipp");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().where, "augmentation");
  EXPECT_EQ(found.error().what,
            "found \"crop_flipp\", expected none, crop_flip or crop_flip_jitter");
  EXPECT_NE(found.error().hint.find("crop_flip"), std::string::npos);
  EXPECT_EQ(find_flip("alternate").error().where, "flip");
  EXPECT_EQ(find_pad_mode("mirror").error().what, "found \"mirror\", expected zero or reflect");
}

}  // namespace
}  // namespace firesweep
