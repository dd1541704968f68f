// What a checkpoint holds beside its tensors, and the names that its fields have in a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/domain/metrics.h"

namespace firesweep {

// The sums of the running epoch so far.
struct EpochSums {
  double loss = 0;  // over images, with label smoothing
  std::int64_t correct = 0;
  std::int64_t images = 0;
  double seconds = 0;  // of training steps
  friend bool operator==(const EpochSums&, const EpochSums&) = default;
};

struct CheckpointFields {
  // whose it is
  std::string config_hash;
  std::int64_t seed = 0;
  std::string numeric_class;
  bool exact = true;  // every attempt so far ran in that numeric class

  // where it stands
  std::int64_t epoch = 0;  // complete, evaluated and selected from
  std::int64_t batch = 0;  // complete within the next epoch
  EpochSums sums;          // of the next epoch
  double train_seconds = 0;
  double step_seconds = 0;  // of training steps, all epochs
  std::int64_t step_images = 0;

  // what was found
  std::optional<EpochMetrics> last_epoch;  // of epoch `epoch`
  double best_metric = 0;                  // best validation accuracy so far
  std::int64_t best_epoch = 0;
  std::int64_t selected_epoch = 0;
  std::optional<Evaluation> selected;  // the selected epoch's validation
};

// One walk over the fields serves writing and reading, so that the two cannot differ.
template <class Archive, class Record>
void walk_checkpoint(Archive& a, Record& c) {
  a("config_hash", c.config_hash), a("seed", c.seed), a("numeric_class", c.numeric_class);
  a("exact", c.exact), a("epoch", c.epoch), a("batch", c.batch);
  a("sums.loss", c.sums.loss), a("sums.correct", c.sums.correct);
  a("sums.images", c.sums.images), a("sums.seconds", c.sums.seconds);
  a("train_seconds", c.train_seconds), a("step_seconds", c.step_seconds);
  a("step_images", c.step_images);
  if (auto* m = a.part("last_epoch.epoch", c.last_epoch)) {
    a("last_epoch.epoch", m->epoch), a("last_epoch.train_loss", m->train_loss);
    a("last_epoch.train_accuracy", m->train_accuracy), a("last_epoch.val_loss", m->val_loss);
    a("last_epoch.val_accuracy", m->val_accuracy), a("last_epoch.val_top5", m->val_top5);
    a("last_epoch.test_accuracy", m->test_accuracy), a("last_epoch.lr", m->lr);
    a("last_epoch.seconds", m->seconds), a("last_epoch.images_per_s", m->images_per_s);
  }
  a("best_accuracy", c.best_metric), a("best_epoch", c.best_epoch);
  a("selected_epoch", c.selected_epoch);
  if (auto* selected = a.part("selected.loss", c.selected)) {
    a("selected.loss", selected->loss), a("selected.accuracy", selected->accuracy);
    a("selected.top5", selected->top5);
  }
}

}  // namespace firesweep
