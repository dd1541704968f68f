#include "coordinator/search/termination/make.h"

#include "coordinator/search/termination/hyperband.h"
#include "coordinator/search/termination/median.h"
#include "coordinator/search/termination/one_epoch.h"
#include "coordinator/search/termination/plateau.h"
#include "coordinator/search/termination/threshold.h"

namespace firesweep {

std::unique_ptr<Terminator> make_terminator(const EarlyTermination& rules, std::int64_t seed) {
  if (rules.promotion) return nullptr;
  const auto& first = rules.min_iter;
  switch (rules.type) {
    case Termination::kAsha:
      return std::make_unique<AshaStopping>(AshaOptions{first, rules.eta});
    case Termination::kHyperband:
      return std::make_unique<Hyperband>(AshaOptions{first, rules.eta},
                                         static_cast<std::uint64_t>(seed));
    case Termination::kMedian:
      return std::make_unique<MedianStopping>(MedianOptions{first, rules.min_others});
    case Termination::kThreshold:
      return std::make_unique<ThresholdStopping>(ThresholdOptions{first, rules.at_least});
    case Termination::kPlateau:
      return std::make_unique<PlateauStopping>(
          PlateauOptions{first, rules.patience, rules.min_delta});
    case Termination::kOneEpochTopK:
      break;
  }
  return std::make_unique<OneEpochTopK>(OneEpochOptions{first, rules.k});
}

std::unique_ptr<RungPromotion> make_promotion(const EarlyTermination& rules) {
  if (!rules.promotion) return nullptr;
  if (rules.type == Termination::kOneEpochTopK) {
    return std::make_unique<RungPromotion>(OneEpochOptions{rules.min_iter, rules.k});
  }
  return std::make_unique<RungPromotion>(AshaOptions{rules.min_iter, rules.eta});
}

}  // namespace firesweep
