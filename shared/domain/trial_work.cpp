#include "shared/domain/trial_work.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "shared/domain/parameter_value.h"

namespace firesweep {
namespace {

std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) ? std::numeric_limits<std::int64_t>::max() : result;
}

}  // namespace

std::int64_t held_out_images(double val_size, std::int64_t all) {
  if (!(val_size > 0)) return 0;
  const auto of = static_cast<double>(all);
  const double wanted = val_size < 1 ? std::floor(val_size * of + 0.5) : std::floor(val_size);
  return wanted >= of ? all : static_cast<std::int64_t>(wanted);
}

double val_size_of(const TrialConfig& config) {
  return config.protocol == Protocol::kHeldOut ? config.val_size : 0;
}

bool is_of_cost(std::string_view parameter) {
  constexpr std::string_view kFields[] = {
      "variant",    "epochs",    "batch_size", "drop_last",         "val_size",
      "train_size", "test_size", "protocol",   "simulated_seconds", "amp"};
  return parameter.starts_with(kArchPrefix) ||
         std::ranges::find(kFields, parameter) != std::end(kFields);
}

TrialImages trial_images(const TrialConfig& config, std::int64_t all) {
  TrialImages images;
  images.held_out = held_out_images(val_size_of(config), all);
  images.training = all - images.held_out;
  if (config.train_size > 0) images.training = std::min(images.training, config.train_size);
  const std::int64_t batch = std::max<std::int64_t>(config.batch_size, 1);
  images.steps = config.drop_last ? images.training / batch : (images.training + batch - 1) / batch;
  images.per_epoch = config.drop_last ? images.steps * batch : images.training;
  return images;
}

std::int64_t training_macs(std::int64_t macs, std::int64_t images_per_epoch, std::int64_t epochs) {
  return product(product(product(kPassesPerImage, macs), images_per_epoch), epochs);
}

std::int64_t trial_macs(const TrialConfig& config, std::int64_t macs, std::int64_t all) {
  return training_macs(macs, trial_images(config, all).per_epoch, config.epochs);
}

}  // namespace firesweep
