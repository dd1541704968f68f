// What is cut out of an image and what is mixed into it, drawn as pure functions of (seed, epoch,
// sample or batch). Free of torch.
//   Cutout: DeVries, Taylor: Improved Regularization of Convolutional Neural Networks with Cutout,
//   2017, §3.2.
//   mixup: Zhang, Cisse, Dauphin, Lopez-Paz: mixup: Beyond Empirical Risk Minimization, 2018, §2.
//   CutMix: Yun et al.: CutMix: Regularization Strategy to Train Strong Classifiers, 2019, §3.1.
#pragma once

#include <cstdint>
#include <vector>

namespace firesweep {

// Pixels of an image: rows top … bottom-1, columns left … right-1, all of them within it.
struct Box {
  std::int64_t top = 0, bottom = 0, left = 0, right = 0;
  std::int64_t area() const { return (bottom - top) * (right - left); }
  friend bool operator==(const Box&, const Box&) = default;
};

// A square of this side around a pixel drawn evenly, cut off at the image's edges. Pure.
Box draw_cutout(std::int64_t side, std::uint64_t seed, std::int64_t epoch, std::int64_t sample);

// The strengths: parameters of Beta(α, α); 0 leaves a way of mixing out.
struct MixSettings {
  double mixup_alpha = 0, cutmix_alpha = 0;
  bool any() const { return mixup_alpha > 0 || cutmix_alpha > 0; }
};

// How every image of a batch is mixed with another of it.
struct MixDraw {
  double share = 0;  // of the other image in the target
  double blend = 0;  // of the other image in every pixel; 0 where a box is taken instead
  Box box = {};      // pixels of the other image; none where all are blended
};

// Of both ways, each batch goes one, with probability ½. `settings` has one or both. Pure.
MixDraw draw_mix(const MixSettings& settings, std::uint64_t seed, std::int64_t epoch,
                 std::int64_t batch);

// The place in its batch of the image that each one is mixed with: a permutation of 0 … count-1, of
// the epoch's images from position `begin` on. Pure.
std::vector<std::int64_t> draw_partners(std::uint64_t seed, std::int64_t epoch, std::int64_t begin,
                                        std::int64_t count);

}  // namespace firesweep
