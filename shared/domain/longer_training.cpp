#include "shared/domain/longer_training.h"

namespace firesweep {

bool may_be_continued(const TrialConfig& config) {
  return config.schedule == "constant" || config.schedule == "one_cycle_per_epoch" ||
         config.schedule_epochs > 0;
}

bool same_but_for_epochs(TrialConfig one, const TrialConfig& other) {
  if (one.epochs == other.epochs) return false;
  one.epochs = other.epochs;
  return one == other;
}

}  // namespace firesweep
