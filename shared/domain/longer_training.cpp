#include "shared/domain/longer_training.h"

namespace firesweep {

bool may_be_continued(const TrialConfig& config) {
  if (config.schedule == "constant") return config.cooldown_epochs == 0;
  return config.schedule == "one_cycle_per_epoch" || config.schedule_epochs > 0;
}

bool begins_with(const TrialConfig& longer, const TrialConfig& shorter) {
  if (longer.epochs <= shorter.epochs || !may_be_continued(shorter)) return false;
  return longer.schedule != "constant" || longer.epochs - longer.cooldown_epochs >= shorter.epochs;
}

}  // namespace firesweep
