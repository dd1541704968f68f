#include "worker/training/recipe.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "shared/domain/trial_work.h"
#include "worker/training/device.h"
#include "worker/training/whitening.h"

namespace firesweep {
namespace {

constexpr Shape kInput{kChannels, kSide, kSide};

std::string found_word(const std::string& found, const std::string& expected) {
  return "found \"" + found + "\", expected " + expected;
}

Result<void> check_architecture(const ResolvedArchitecture& architecture, const DatasetInfo& info) {
  if (!(architecture.input == kInput)) {
    return fail(ErrorCode::kBadInput, "variant",
                architecture.name + " takes images of " + to_string(architecture.input) +
                    ", expected " + to_string(kInput));
  }
  if (architecture.classes != info.classes) {
    return fail(ErrorCode::kBadInput, "variant",
                architecture.name + " ends in " + std::to_string(architecture.classes) +
                    " classes, and " + info.name + " has " + std::to_string(info.classes));
  }
  return {};
}

// A balanced subset of the test images; all of them where test_size is 0.
Result<std::vector<std::int64_t>> test_indices(const TrialConfig& config, const Dataset& dataset) {
  const std::int64_t count = dataset.count(Subset::kTest);
  if (config.test_size < 0 || config.test_size > count) {
    return fail(ErrorCode::kBadInput, "test_size",
                "found " + std::to_string(config.test_size) + ", expected 0 (all) to " +
                    std::to_string(count) + ", the dataset's test images");
  }
  auto split = make_split(dataset.labels(Subset::kTest), dataset.info().classes, 0,
                          static_cast<std::uint64_t>(config.split_seed), config.test_size);
  if (!split) return tl::unexpected<Error>(split.error());
  return std::move(split->train);
}

// Unwraps a Result into an lvalue, or returns its error from the calling function.
template <class T>
bool take(Result<T>&& from, T& to, Error& error) {
  if (!from) {
    error = std::move(from).error();
    return false;
  }
  to = *std::move(from);
  return true;
}

}  // namespace

Result<Recipe> make_recipe(const TrainJob& job, const Dataset& dataset, at::Device device) {
  const TrialConfig& config = job.config;
  if (auto checked = check_architecture(job.architecture, dataset.info()); !checked)
    return tl::unexpected<Error>(checked.error());
  if (config.select != "last" && config.select != "best")
    return fail(ErrorCode::kBadInput, "select", found_word(config.select, "last or best"));
  if (config.epochs < 1 || config.batch_size < 1) {
    return fail(ErrorCode::kBadInput, config.epochs < 1 ? "epochs" : "batch_size",
                "found " + std::to_string(std::min(config.epochs, config.batch_size)) +
                    ", expected 1 or more");
  }

  Recipe recipe;
  Error error;
  recipe.device = device;
  recipe.study = config.protocol == Protocol::kStudy;
  recipe.select_best = config.select == "best";
  recipe.model.bn_momentum = config.bn_momentum;
  recipe.augment.trivial = config.trivial_augment;
  recipe.augment.cutout = config.cutout;
  recipe.augment.mix = {config.mixup_alpha, config.cutmix_alpha};
  recipe.augment.batch_size = config.batch_size;
  recipe.augment.padding = static_cast<int>(config.crop_padding);
  if (!take(find_augmentation(config.augmentation), recipe.augment.kind, error) ||
      !take(find_flip(config.flip), recipe.augment.flip, error) ||
      !take(find_init(config.init), recipe.model.init, error) ||
      !take(find_tta(config.tta), recipe.tta, error) ||
      !take(find_pad_mode(config.pad_mode), recipe.pad_mode, error) ||
      !take(find_optimizer(config.optimizer), recipe.optimizer, error) ||
      !take(resolve_amp(config.amp, ability_of(device)), recipe.amp, error) ||
      !take(make_split(dataset.labels(Subset::kTrain), dataset.info().classes, val_size_of(config),
                       static_cast<std::uint64_t>(config.split_seed), config.train_size),
            recipe.split, error) ||
      !take(test_indices(config, dataset), recipe.test, error))
    return tl::unexpected<Error>(error);
  if (whitens_stem(recipe.model.init) && image_stem(job.architecture) == nullptr) {
    return fail(ErrorCode::kBadInput, "init",
                "found \"" + config.init + "\", but " + job.architecture.name +
                    " does not begin with a convolution of the images without groups",
                "use \"torch\" or \"dirac\"");
  }
  if (recipe.select_best && recipe.split.validation.empty()) {
    return fail(ErrorCode::kBadInput, "select",
                "found \"best\", but there are no validation images to choose by",
                "use \"last\", or hold images out with val_size");
  }

  const TrialImages images = trial_images(config, dataset.count(Subset::kTrain));
  assert(images.training == std::ssize(recipe.split.train));
  recipe.steps_per_epoch = images.steps;
  recipe.images_per_epoch = images.per_epoch;
  if (recipe.steps_per_epoch == 0) {
    return fail(ErrorCode::kBadInput, "batch_size",
                "found " + std::to_string(config.batch_size) +
                    " with drop_last, but there are only " + std::to_string(images.training) +
                    " training images",
                "use a smaller batch, or drop_last false");
  }
  if (!take(make_schedule(config, recipe.steps_per_epoch), recipe.schedule, error))
    return tl::unexpected<Error>(error);
  return recipe;
}

}  // namespace firesweep
