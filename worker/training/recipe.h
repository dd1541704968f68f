// The meaning of a trial's config for its data and device: looks up every word and checks every
// number before anything is allocated.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <vector>

#include "shared/base/error.h"
#include "worker/datasets/dataset.h"
#include "worker/datasets/split.h"
#include "worker/training/augment.h"
#include "worker/training/evaluate.h"
#include "worker/training/model.h"
#include "worker/training/optim.h"
#include "worker/training/precision.h"
#include "worker/training/schedule.h"
#include "worker/training/trainer.h"

namespace firesweep {

struct Recipe {
  at::Device device = at::kCPU;
  Amp amp = Amp::kOff;
  AugmentSettings augment;
  PadMode pad_mode = PadMode::kZero;
  ModelSettings model;
  OptimizerKind optimizer = OptimizerKind::kAdamW;
  Schedule schedule;
  Split split;
  std::vector<std::int64_t> test;  // indices into the test set, ascending
  std::int64_t steps_per_epoch = 0;
  std::int64_t images_per_epoch = 0;
  View tta = View::kAsIs;    // what test accuracy is measured over beside the images as they are
  bool study = false;        // test accuracy after every epoch
  bool select_best = false;  // the best epoch's weights instead of the last one's
};

// kBadInput names the field that does not fit, with what was found and what was expected. Pure.
Result<Recipe> make_recipe(const TrainJob& job, const Dataset& dataset, at::Device device);

}  // namespace firesweep
