// Draws what to cut out of an image and what to mix into it, as pure functions of (seed, epoch,
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

// A square of this side around a uniformly drawn pixel, clipped at the image's edges. Pure.
Box draw_cutout(std::int64_t side, std::uint64_t seed, std::int64_t epoch, std::int64_t sample);

// The parameters α of Beta(α, α); 0 turns a way of mixing off.
struct MixSettings {
  double mixup_alpha = 0, cutmix_alpha = 0;
  bool any() const { return mixup_alpha > 0 || cutmix_alpha > 0; }
};

// How the images of a batch are mixed in pairs.
struct MixDraw {
  double share = 0;  // of the other image in the target
  double blend = 0;  // of the other image in every pixel; 0 where a box is taken instead
  Box box = {};      // pixels of the other image; none where all are blended
};

// If `settings` has both ways, each batch uses one of them, with probability ½. Pure.
MixDraw draw_mix(const MixSettings& settings, std::uint64_t seed, std::int64_t epoch,
                 std::int64_t batch);

// For each image the index in the batch of its partner: a permutation of 0 … count-1, for the
// epoch's images from position `begin` on. Pure.
std::vector<std::int64_t> draw_partners(std::uint64_t seed, std::int64_t epoch, std::int64_t begin,
                                        std::int64_t count);

}  // namespace firesweep
