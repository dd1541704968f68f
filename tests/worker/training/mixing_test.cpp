#include "worker/training/mixing.h"

#include <ATen/ops/equal.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/worker/training/synthetic.h"
#include "worker/training/augment.h"

namespace firesweep {
namespace {

TEST(Cutout, IsASquareAroundAnEvenlyDrawnPixelCutOffAtTheEdges) {
  double area = 0;
  constexpr int kCount = 20'000;
  for (std::int64_t sample = 0; sample < kCount; ++sample) {
    const Box box = draw_cutout(12, 3, 1, sample);
    EXPECT_GE(box.top, 0);
    EXPECT_LE(box.bottom, 32);
    EXPECT_GE(box.bottom - box.top, 6);
    EXPECT_LE(box.right - box.left, 12);
    area += static_cast<double>(box.area()) / kCount;
  }
  // Rows covered, over the 32 centres: 12 of 21, and 6 … 11 and 11 … 7 at the edges.
  const double rows = (12 * 21 + (6 + 7 + 8 + 9 + 10 + 11) + (11 + 10 + 9 + 8 + 7)) / 32.0;
  EXPECT_NEAR(area, rows * rows, 1.0);
  EXPECT_EQ(draw_cutout(12, 3, 1, 5), draw_cutout(12, 3, 1, 5));
  EXPECT_FALSE(draw_cutout(12, 3, 1, 5) == draw_cutout(12, 3, 2, 5) &&
               draw_cutout(12, 3, 1, 6) == draw_cutout(12, 3, 2, 6));
}

// Beta(a, a) has mean ½ and variance 1/(4·(2a+1)).
TEST(Mixup, SharesHaveTheMomentsOfBeta) {
  for (const double alpha : {0.2, 1.0, 4.0}) {
    constexpr int kCount = 40'000;
    double sum = 0, squares = 0;
    for (std::int64_t batch = 0; batch < kCount; ++batch) {
      const MixDraw mix = draw_mix({.mixup_alpha = alpha}, 1, 1, batch);
      EXPECT_EQ(mix.blend, mix.share);
      EXPECT_EQ(mix.box.area(), 0);
      sum += mix.share;
      squares += (mix.share - 0.5) * (mix.share - 0.5);
    }
    EXPECT_NEAR(sum / kCount, 0.5, 0.01) << alpha;
    EXPECT_NEAR(squares / kCount * 4 * (2 * alpha + 1), 1, 0.04) << alpha;
  }
}

TEST(Mixup, SharesAreFiniteForTheSmallestAlpha) {
  for (std::int64_t batch = 0; batch < 1000; ++batch) {
    const double share = draw_mix({.mixup_alpha = 1e-6}, 1, 1, batch).share;
    EXPECT_TRUE(share >= 0 && share <= 1) << share;
  }
}

// Beta(1, 1) is even on [0, 1].
TEST(Mixup, SharesOfAlphaOneAreEven) {
  std::array<int, 10> bins{};
  for (std::int64_t batch = 0; batch < 10'000; ++batch)
    ++bins.at(static_cast<std::size_t>(10 * draw_mix({.mixup_alpha = 1}, 2, 1, batch).share));
  for (const int count : bins) EXPECT_NEAR(count, 1000, 150);  // five standard deviations
}

TEST(CutMix, TheShareIsTheBoxsAreaAndAllSidesOccur) {
  std::int64_t most = 0;
  for (std::int64_t batch = 0; batch < 2000; ++batch) {
    const MixDraw mix = draw_mix({.cutmix_alpha = 1}, 1, 1, batch);
    EXPECT_EQ(mix.blend, 0);
    EXPECT_EQ(mix.share, static_cast<double>(mix.box.area()) / 1024);
    most = std::max(most, mix.box.bottom - mix.box.top);
  }
  EXPECT_GE(most, 31);
}

TEST(CutMix, BesideMixupHalfOfTheBatchesGoEachWay) {
  int boxes = 0;
  for (std::int64_t batch = 0; batch < 4000; ++batch)
    boxes += draw_mix({.mixup_alpha = 1, .cutmix_alpha = 1}, 1, 1, batch).blend == 0 ? 1 : 0;
  EXPECT_NEAR(boxes, 2000, 160);
}

TEST(Partners, AreAPermutationOfTheBatch) {
  auto partners = draw_partners(1, 2, 128, 64);
  EXPECT_EQ(partners, draw_partners(1, 2, 128, 64));
  EXPECT_NE(partners, draw_partners(1, 3, 128, 64));
  EXPECT_NE(partners, draw_partners(1, 2, 256, 64));
  std::ranges::sort(partners);
  for (std::int64_t i = 0; i < 64; ++i) EXPECT_EQ(partners[static_cast<std::size_t>(i)], i);
}

bool covers(const Box& box, int row, int column) {
  return row >= box.top && row < box.bottom && column >= box.left && column < box.right;
}

// Batches against the same ones unmixed, one pixel after the other.
class Batches : public testing::Test {
 protected:
  const Dataset data = synthetic_dataset(40, 8, 4);
  const DeviceImages images{data, Subset::kTrain, kCropPadding, at::kCPU};
  const std::vector<std::int64_t> samples = {5, 0, 39, 17, 6, 22, 8, 31, 11, 12, 13};
  AugmentSettings settings = Augmentation::kCropFlip;

  Batch at_position(const AugmentSettings& with, std::int64_t begin, std::int64_t count) const {
    Batch batch = images.batch(images.augmented(samples, with, 7, 3), begin, count);
    EXPECT_TRUE(batch.images.is_contiguous(at::MemoryFormat::ChannelsLast));
    batch.images = batch.images.contiguous();
    return batch;
  }

  static float pixel(const Batch& batch, std::int64_t image, int channel, int row, int column) {
    return batch.images.const_data_ptr<float>()[((image * 3 + channel) * 32 + row) * 32 + column];
  }

  template <class Expected>
  static void expect_pixels(const Batch& batch, Expected&& expected) {
    for (std::int64_t i = 0; i < batch.images.size(0); ++i)
      for (int c = 0; c < 3; ++c)
        for (int y = 0; y < 32; ++y)
          for (int x = 0; x < 32; ++x)
            ASSERT_NEAR(pixel(batch, i, c, y, x), expected(i, c, y, x), 1e-5)
                << i << " " << c << " " << y << " " << x;
  }
};

TEST_F(Batches, CutoutShowsTheMeanColourInTheSquareAndTheImageAroundIt) {
  AugmentSettings cut = settings;
  cut.cutout = 9;
  const Batch plain = at_position(settings, 2, 6), batch = at_position(cut, 2, 6);
  EXPECT_FALSE(batch.share.defined());
  expect_pixels(batch, [&](std::int64_t i, int c, int y, int x) {
    const Box box = draw_cutout(9, 7, 3, samples[static_cast<std::size_t>(2 + i)]);
    return covers(box, y, x) ? 0 : pixel(plain, i, c, y, x);
  });
}

TEST_F(Batches, MixedOnesEqualTheNaivePerPixelVersion) {
  AugmentSettings mixed = settings;
  mixed.batch_size = 4;
  mixed.cutout = 5;
  AugmentSettings unmixed = mixed;
  int boxes = 0, blends = 0;
  for (const MixSettings mix : {MixSettings{.mixup_alpha = 0.8}, MixSettings{.cutmix_alpha = 1},
                                MixSettings{.mixup_alpha = 0.8, .cutmix_alpha = 1}}) {
    mixed.mix = mix;
    for (const std::int64_t begin : {0, 4, 8}) {
      const std::int64_t count = begin == 8 ? 3 : 4;
      const MixDraw drawn = draw_mix(mix, 7, 3, begin / 4);
      const auto partners = draw_partners(7, 3, begin, count);
      const Batch plain = at_position(unmixed, begin, count);
      const Batch batch = at_position(mixed, begin, count);
      boxes += drawn.box.area() > 0 ? 1 : 0;
      blends += drawn.blend > 0 ? 1 : 0;
      EXPECT_TRUE(at::equal(batch.labels, plain.labels));
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t partner = partners[static_cast<std::size_t>(i)];
        EXPECT_EQ(batch.other_labels[i].item<std::int64_t>(),
                  plain.labels[partner].item<std::int64_t>());
        EXPECT_EQ(batch.share[i].item<float>(), static_cast<float>(drawn.share));
      }
      expect_pixels(batch, [&](std::int64_t i, int c, int y, int x) {
        const double own = pixel(plain, i, c, y, x);
        const double other = pixel(plain, partners[static_cast<std::size_t>(i)], c, y, x);
        if (covers(drawn.box, y, x)) return other;
        return (1 - drawn.blend) * own + drawn.blend * other;
      });
    }
  }
  EXPECT_GT(boxes, 3);
  EXPECT_GT(blends, 3);
}

}  // namespace
}  // namespace firesweep
