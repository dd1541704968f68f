// TrivialAugment: one operation an image, drawn uniformly, of a strength drawn uniformly (Müller,
// Hutter: TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation, ICCV 2021), with its
// wide ranges of strengths, which are torchvision's TrivialAugmentWide's. Draws on the host,
// applies as batched tensor code: every image of a batch passes through all of it, with numbers
// that change nothing where the operation is another, so that no shape depends on what was drawn.
// Knows no datasets.
//
// Differences from images of whole numbers: what blends and stretches is not rounded afterwards.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>

namespace firesweep {

enum class TrivialOp {
  kIdentity,
  kShearX,
  kShearY,
  kTranslateX,
  kTranslateY,
  kRotate,
  kBrightness,
  kColour,
  kContrast,
  kSharpness,
  kPosterize,
  kSolarize,
  kAutocontrast,
  kEqualize
};
inline constexpr int kTrivialOps = 14;
inline constexpr int kTrivialLevels = 31;  // of strength, evenly spaced, the ends among them

struct TrivialDraw {
  TrivialOp op = TrivialOp::kIdentity;
  // Shears: columns a row (or rows a column), to ±0.99. Translations: pixels, to ±32. Rotation:
  // degrees, to ±135. Brightness, colour, contrast, sharpness: what is added to a factor of 1, to
  // ±0.99. Posterize: bits kept, 8 to 2. Solarize: the lowest value that is inverted, 255 to 0.
  // Else 0.
  double strength = 0;
};

// A pure function of (seed, epoch, the sample's index in the training set).
TrivialDraw draw_trivial(std::uint64_t seed, std::int64_t epoch, std::int64_t sample);

// Where the pixel shown at column x and row y comes from, as exact on every device: column
// (w[0]·(2x+1) + w[1]·(2y+1) + w[2]) / 2¹⁷ rounded down, row likewise from w[3], w[4], w[5]; black
// where that lies outside. Shears fix the top left corner, rotations the centre. Pure.
using Warp = std::array<std::int64_t, 6>;
Warp warp_of(const TrivialDraw& drawn);

// The pixels' part of a draw. Pure.
struct Tone {
  float step = 1;  // values are rounded down to its multiples
  float inverted_from = 256;
  float autocontrast = 0;  // 1: each channel is stretched to 0 … 255
  float equalize = 0;      // 1: each channel's histogram is made even
  float darker = 0;        // share of black that is blended in; negative takes it out; so below
  float flatter = 0;       // of the image's mean luma
  float greyer = 0;        // of each pixel's luma
  float smoother = 0;      // of the mean of 3×3 pixels, the middle one five times; borders stay
};
inline constexpr std::int64_t kToneNumbers = sizeof(Tone) / sizeof(float);
Tone tone_of(const TrivialDraw& drawn);

struct WarpedPixels {
  at::Tensor rows, columns;  // [B,32,32] int64, 0 … 31
  at::Tensor outside;        // [B,32,32] bool: black
};
// `warps` is [B,6] int64, `columns` [1,32] int64: 0 … 31. Reads nothing back from the device.
WarpedPixels warped_pixels(const at::Tensor& warps, const at::Tensor& columns);

// [B,32·32,3] uint8 → the same sizes in float, 0 … 255, each image as its row of `tones` ([B,
// kToneNumbers] float, Tone's members in order) says; `luma` is [3] float. Reads nothing back from
// the device.
at::Tensor toned(const at::Tensor& pixels, const at::Tensor& tones, const at::Tensor& luma);

}  // namespace firesweep
