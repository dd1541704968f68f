// A trial stops that improves no more: its best of the last `patience` epochs is not `min_delta`
// above its best before them (Prechelt, Early Stopping — But When?, in Neural Networks: Tricks of
// the Trade, 1998, criteria by strips of epochs). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "coordinator/search/termination/terminator.h"

namespace firesweep {

struct PlateauOptions {
  std::optional<std::int64_t> min_iter = {};  // see first_epoch
  std::int64_t patience = 5;                  // epochs, at least 1
  double min_delta = 0;
};

class PlateauStopping : public Terminator {
 public:
  explicit PlateauStopping(const PlateauOptions& options) : options_(options) {}
  // The evidence has the best of the last epochs as score and, as threshold, the best before them
  // with min_delta.
  std::optional<Decision> take(const TrialReport& report) override;
  bool stops(const Evidence& evidence) const override;

 private:
  PlateauOptions options_;
  std::map<std::int64_t, std::map<std::int64_t, double>> curves_;  // trial → epoch → score
};

}  // namespace firesweep
