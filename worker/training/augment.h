// Keeps images on the device as uint8 and makes batches from them there: crop, flip,
// TrivialAugment, colour jitter, normalisation, cutout and mixing as batched tensor code. The draws
// for a sample are a pure function of (seed, epoch, its index in the training set); those for a
// batch of (seed, epoch, batch). They are made for a whole epoch at once, so that a training step
// copies nothing from the host. Knows no model.
//
// Crops and flips: He, Zhang, Ren, Sun: Deep Residual Learning, 2016, §4.2. Alternating flips:
// Jordan: 94% on CIFAR-10 in 3.29 Seconds on a Single GPU, 2024, §3.6.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "worker/datasets/dataset.h"
#include "worker/training/mixing.h"

namespace firesweep {

// The default number of pixels around a training image within which the crop moves, as in
// torchvision's RandomCrop(32, padding=4).
inline constexpr int kCropPadding = 4;

// The padding around an image: black, or the image mirrored at its outermost pixels.
enum class PadMode { kZero, kReflect };

// Colour jitter as torchvision's ColorJitter(0.2, 0.2, 0.2, 0.1), always in the order brightness,
// contrast, saturation, hue, with the hue turned in YIQ instead of HSV.
inline constexpr double kJitterStrength = 0.2;
inline constexpr double kHueStrength = 0.1;  // of a full turn

enum class Augmentation { kNone, kCropFlip, kCropFlipJitter };

// Which images of an epoch are mirrored: each with probability ½; each in every second epoch, where
// the seed decides the first one; none.
enum class Flip { kRandom, kAlternating, kNone };

// kBadInput names an unknown word. Pure.
Result<Augmentation> find_augmentation(const std::string& word);
Result<PadMode> find_pad_mode(const std::string& word);
Result<Flip> find_flip(const std::string& word);

// The settings of everything that is drawn for an epoch.
struct AugmentSettings {
  // NOLINTNEXTLINE(google-explicit-constructor): a kind alone, with the rest as it is by default
  AugmentSettings(Augmentation which = Augmentation::kNone) : kind(which) {}

  Augmentation kind;  // kNone draws neither crops nor flips
  int padding = kCropPadding;
  Flip flip = Flip::kRandom;
  bool trivial = false;     // whether TrivialAugment follows the crop and the flip
  std::int64_t cutout = 0;  // side of the square, in pixels, that shows the mean colour; 0: none
  MixSettings mix;
  std::int64_t batch_size = 0;  // where `mix` has any: batches begin at its multiples

  // The pixels around an image that the crop needs.
  int padding_needed() const { return kind == Augmentation::kNone ? 0 : padding; }
};

// The draws for one sample.
struct SampleDraw {
  std::int64_t down = 0;   // first row of the crop within the image: -padding … padding
  std::int64_t right = 0;  // first column
  bool flip = false;
  float brightness = 1, contrast = 1, saturation = 1;
  double hue = 0;  // turn, in parts of a full one
};

// Pure. With kNone: the unchanged image.
SampleDraw draw_sample(const AugmentSettings& settings, std::uint64_t seed, std::int64_t epoch,
                       std::int64_t sample);

// Row-major 3×3 matrix M with [r,g,b]·M the colour turned by `hue` of a full turn about the luma
// axis of YIQ. Pure.
std::array<float, 9> hue_matrix(double hue);

// The samples of an epoch, their order and their draws, on the device. Copies share tensors. Only
// one thread while a plan is overwritten.
class EpochPlan {
 public:
  std::int64_t size() const { return sample_.defined() ? sample_.size(0) : 0; }

  // A plan of these rows ([B] int64, on the device) of this plan.
  EpochPlan at_rows(const at::Tensor& rows) const;

  // Copies another epoch's plan of the same size and kind into this one. The tensors of this plan
  // stay at their addresses, which recorded work uses.
  void overwrite(const EpochPlan& other);

 private:
  friend class DeviceImages;
  std::vector<at::Tensor*> tensors();
  at::Tensor sample_;     // [n] int64
  at::Tensor first_;      // [n] int64: the padded image's pixel shown top left
  at::Tensor direction_;  // [n] int64: 1, or -1 where flipped
  at::Tensor blend_;      // [n,3] float brightness, contrast, saturation; undefined without jitter
  at::Tensor hue_;        // [n,3,3] float; undefined without jitter
  at::Tensor warp_;       // [n,6] int64: Warp; undefined without TrivialAugment
  at::Tensor tone_;       // [n,kToneNumbers] float: Tone; undefined without TrivialAugment
  struct Boxes {          // undefined where there are none
    at::Tensor rows;      // [n,32] bool: those that a box covers
    at::Tensor columns;   // [n,32] bool
  };
  Boxes cutout_;
  // Of mixing; undefined without it.
  at::Tensor partner_;   // [n] int64: the place in its batch of the image that is mixed in
  at::Tensor share_;     // [n] float: that one's share in the target
  at::Tensor blend_in_;  // [n] float: and in every pixel; undefined without mixup
  Boxes box_;            // its pixels taken whole; undefined without CutMix
};

struct Batch {
  at::Tensor
      images;  // [B,3,32,32] float, channels_last, normalised by the dataset's mean and deviation
  at::Tensor labels;  // [B] int64
  // Where images are mixed, else undefined: the label of what was mixed in, and its share.
  at::Tensor other_labels = {};  // [B] int64
  at::Tensor share = {};         // [B] float
};

// One subset of a dataset on one device. Immutable; safe from any thread.
class DeviceImages {
 public:
  // Copies images, padded by `padding` (less than 32) pixels on each side, and labels. Throws
  // c10::OutOfMemoryError where the device has no room.
  DeviceImages(const Dataset& dataset, Subset subset, int padding, at::Device device,
               PadMode mode = PadMode::kZero);

  std::int64_t size() const { return labels_.size(0); }
  at::Device device() const { return labels_.device(); }

  // The samples in this order, unchanged or all mirrored, shifted by `shift` rows and columns (at
  // most the padding).
  EpochPlan plain(std::span<const std::int64_t> samples, bool mirrored = false,
                  std::int64_t shift = 0) const;

  // The samples in this order, augmented for this epoch (1, 2, …). The images have at least
  // settings.padding_needed().
  EpochPlan augmented(std::span<const std::int64_t> samples, const AugmentSettings& settings,
                      std::uint64_t seed, std::int64_t epoch) const;

  // `count` samples of the plan from `begin` on. A mixed plan has batches as it was told: `begin`
  // is a multiple of batch_size, `count` is that or what is left.
  Batch batch(const EpochPlan& plan, std::int64_t begin, std::int64_t count) const;

 private:
  template <class Draw>
  EpochPlan plan(std::span<const std::int64_t> samples, bool jitter, Draw&& draw) const;
  EpochPlan::Boxes boxes(const std::vector<Box>& of_samples) const;
  void add_trivial(EpochPlan& plan, std::span<const std::int64_t> samples, std::uint64_t seed,
                   std::int64_t epoch) const;
  at::Tensor pixels_of(const EpochPlan& plan, std::int64_t begin, std::int64_t count) const;
  void add_mixing(EpochPlan& plan, const AugmentSettings& settings, std::uint64_t seed,
                  std::int64_t epoch) const;

  int padding_;
  std::int64_t side_;   // of a padded image
  at::Tensor pixels_;   // [N·side·side,3] uint8
  at::Tensor labels_;   // [N] int64
  at::Tensor window_;   // [32,32] int64: row·side, to which the column is added in either direction
  at::Tensor columns_;  // [1,32] int64: 0 … 31
  at::Tensor scale_;    // [3] float: 1 / (255·stddev)
  at::Tensor offset_;   // [3] float: -mean / stddev
  at::Tensor luma_;     // [3] float
};

}  // namespace firesweep
