#include "worker/training/mixing.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "worker/datasets/dataset.h"
#include "worker/training/random.h"

namespace firesweep {
namespace {

Box square_around(std::int64_t row, std::int64_t column, std::int64_t side) {
  const auto within = [](std::int64_t place) { return std::clamp<std::int64_t>(place, 0, kSide); };
  const std::int64_t top = row - side / 2, left = column - side / 2;
  return {within(top), within(top + side), within(left), within(left + side)};
}

// The `attempt`-th four words of a batch.
Words words_of(std::uint64_t seed, std::int64_t epoch, std::int64_t batch, std::int64_t attempt) {
  return draw(seed, Purpose::kMixing, epoch, attempt << 32 | batch);
}

double open_uniform(std::uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }

// The logarithm of a draw from Gamma(alpha, 1), from attempts first, first+2, … (Marsaglia, Tsang:
// A Simple Method for Generating Gamma Variables, 2000, with their §6 for alpha below 1).
double log_gamma_draw(double alpha, std::uint64_t seed, std::int64_t epoch, std::int64_t batch,
                      std::int64_t first) {
  const double d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (std::int64_t attempt = first;; attempt += 2) {
    const Words words = words_of(seed, epoch, batch, attempt);
    const double normal = std::sqrt(-2 * std::log(open_uniform(words[0]))) *
                          std::cos(2 * std::numbers::pi * open_uniform(words[1]));
    const double root = 1 + c * normal, v = root * root * root;
    if (v <= 0 ||
        std::log(open_uniform(words[2])) >= normal * normal / 2 + d - d * v + d * std::log(v))
      continue;
    return std::log(d * v) + (alpha < 1 ? std::log(open_uniform(words[3])) / alpha : 0);
  }
}

double beta_draw(double alpha, std::uint64_t seed, std::int64_t epoch, std::int64_t batch) {
  const double one = log_gamma_draw(alpha, seed, epoch, batch, 1);
  const double other = log_gamma_draw(alpha, seed, epoch, batch, 2);
  return 1 / (1 + std::exp(other - one));
}

}  // namespace

Box draw_cutout(std::int64_t side, std::uint64_t seed, std::int64_t epoch, std::int64_t sample) {
  const Words words = draw(seed, Purpose::kCutout, epoch, sample);
  return square_around(below(words[0], kSide), below(words[1], kSide), side);
}

MixDraw draw_mix(const MixSettings& settings, std::uint64_t seed, std::int64_t epoch,
                 std::int64_t batch) {
  assert(settings.any());
  const Words words = words_of(seed, epoch, batch, 0);
  const bool both = settings.mixup_alpha > 0 && settings.cutmix_alpha > 0;
  const bool boxed = both ? below(words[0], 2) == 1 : settings.cutmix_alpha > 0;
  MixDraw made;
  made.share = beta_draw(boxed ? settings.cutmix_alpha : settings.mixup_alpha, seed, epoch, batch);
  if (!boxed) {
    made.blend = made.share;
    return made;
  }
  const auto side = static_cast<std::int64_t>(kSide * std::sqrt(made.share));
  made.box = square_around(below(words[1], kSide), below(words[2], kSide), side);
  made.share = static_cast<double>(made.box.area()) / (kSide * kSide);
  return made;
}

std::vector<std::int64_t> draw_partners(std::uint64_t seed, std::int64_t epoch, std::int64_t begin,
                                        std::int64_t count) {
  std::vector<std::int64_t> partners(static_cast<std::size_t>(count));
  std::iota(partners.begin(), partners.end(), std::int64_t{0});
  for (std::int64_t last = count - 1; last > 0; --last) {
    const std::int64_t other =
        below(draw(seed, Purpose::kPartner, epoch, begin + last)[0], last + 1);
    std::swap(partners[static_cast<std::size_t>(last)], partners[static_cast<std::size_t>(other)]);
  }
  return partners;
}

}  // namespace firesweep
