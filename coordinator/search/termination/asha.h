// Asynchronous successive halving (Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht,
// Talwalkar: A System for Massively Parallel Hyperparameter Tuning, MLSys 2020). Of the trials that
// come to a rung, one in `eta` goes on to the next; nobody waits for the others. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
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

// A trial that waits at a rung and is to go on, and the comparison that says so.
struct Promotion {
  std::int64_t trial = 0;
  Evidence evidence;
  friend bool operator==(const Promotion&, const Promotion&) = default;
};

// Promotion type: every trial waits at its rung, with its checkpoint; the best one in `eta` of
// those that have come there go on whenever a worker is free. Delayed (Li, Shen, Jiang, Zhang, Liu,
// Zhang, Cui: Hyper-Tune, VLDB 2022): no rung lets more than one in `eta` of its trials pass,
// though those that passed early may have been overtaken since. Not thread-safe.
class AshaPromotion {
 public:
  explicit AshaPromotion(const AshaOptions& options) : options_(options) {}

  // Whether the trial waits now, at a rung. A report past a rung says that it was promoted there.
  bool take(const TrialReport& report);
  // The trial of the highest rung that is to go on; nothing where every rung lets new trials come
  // first. The caller says so with promote().
  std::optional<Promotion> next() const;
  // With equal scores the smallest number goes first.
  void promote(const Promotion& promotion);
  bool promotes(const Evidence& evidence) const;

 private:
  struct Ladder {
    struct Step {
      Rung scores;
      std::set<std::int64_t> promoted = {};
    };
    std::map<std::int64_t, Step> steps;
  };
  std::optional<Promotion> from(std::int64_t rung, const Ladder::Step& step) const;

  AshaOptions options_;
  std::map<Population, Ladder> ladders_;
  std::map<std::int64_t, Population> homes_;
};

}  // namespace firesweep
