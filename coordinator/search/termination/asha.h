// Asynchronous successive halving (Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht,
// Talwalkar: A System for Massively Parallel Hyperparameter Tuning, MLSys 2020). Of the trials that
// come to a rung, one in `eta` goes on to the next; nobody waits for the others. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "coordinator/search/termination/rungs.h"
#include "coordinator/search/termination/terminator.h"

namespace firesweep {

struct AshaOptions {
  std::optional<std::int64_t> min_iter = {};  // the first rung; see first_epoch
  double eta = 3;                             // above 1
};

// The epochs at which the trial is compared.
std::vector<std::int64_t> rungs_of(const AshaOptions& options, const TrialReport& report);

// Stopping type: a trial that is not among the best 1/eta of those that have come to its rung so
// far is stopped for good. No checkpoints are needed; early mistakes are not mended.
class AshaStopping : public Terminator {
 public:
  explicit AshaStopping(const AshaOptions& options) : options_(options) {}
  std::optional<Decision> take(const TrialReport& report) override;
  bool stops(const Evidence& evidence) const override;

 private:
  AshaOptions options_;
  std::map<Population, std::map<std::int64_t, Rung>> rungs_;
};

}  // namespace firesweep
