// Asynchronous successive halving (Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht,
// Talwalkar: A System for Massively Parallel Hyperparameter Tuning, MLSys 2020). Of the trials that
// come to a rung, one in `eta` goes on to the next; nobody waits for the others. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
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

// A trial that waits at a rung and is to go on, and the comparison that says so.
struct Promotion {
  std::int64_t trial = 0;
  Evidence evidence;
  friend bool operator==(const Promotion&, const Promotion&) = default;
};

// Who may be promoted, and who may still come to a rung. By default everybody may, and more come.
struct Outlook {
  std::function<bool(std::int64_t trial)> ready = {};  // it may go on now; empty: each may
  std::function<bool(std::int64_t trial)> alive = {};  // it may at some time; empty: as `ready`
  // Whether a trial that waits at no rung below may come to this one; empty: one may.
  std::function<bool(const Population&, std::int64_t rung)> more = {};
};

// Promotion type: every trial waits at its rung, with its checkpoint; the best one in `eta` of
// those that have come there go on whenever a worker is free. Delayed (Li, Shen, Jiang, Zhang, Liu,
// Zhang, Cui: Hyper-Tune, VLDB 2022): as long as more trials may come to a rung it lets no more
// than one in `eta` pass, though those that passed early may have been overtaken since. Once none
// can come, every trial among the best one in `eta` goes on, and at least one does. Of equal scores
// the smallest number ranks first. Not thread-safe.
class AshaPromotion {
 public:
  explicit AshaPromotion(const AshaOptions& options) : options_(options) {}

  // Whether the trial waits now, at this epoch. One waits at the highest rung that it has come to;
  // a repeated report changes its score there.
  bool take(const TrialReport& report);
  // The trial of the highest rung that is to go on; nothing where every rung lets others come
  // first. The caller says so with promote().
  std::optional<Promotion> next(const Outlook& outlook = {}) const;
  // The trial waits no more at that rung. Ignored where it never came there.
  void promote(const Promotion& promotion);

  // The rung that the trial came to last; 0: none.
  std::int64_t rung_of(std::int64_t trial) const;
  bool waits(std::int64_t trial) const;
  // Of a trial that came to a rung: how it compares there.
  Evidence standing(std::int64_t trial) const;
  // Whether a trial with this standing is among those that go on in the end.
  bool promotes(const Evidence& evidence) const;

 private:
  struct Step {
    Rung scores;
    std::set<std::int64_t> promoted = {};
    std::set<std::pair<double, std::int64_t>> waiting = {};  // -score and trial: best first

    void leave(std::int64_t trial);  // it waits here no more
  };
  using Ladder = std::map<std::int64_t, Step>;  // by epoch
  struct Home {
    Population population;
    std::int64_t rung = 0;
  };
  std::optional<Promotion> best_of(std::int64_t rung, const Step& step, bool closed,
                                   const std::function<bool(std::int64_t)>& may) const;
  Evidence compared_in(const Step& step, std::int64_t rung, std::int64_t trial) const;
  const Step& step_of(const Home& home) const { return ladders_.at(home.population).at(home.rung); }

  AshaOptions options_;
  std::map<Population, Ladder> ladders_;
  std::map<std::int64_t, Home> homes_;  // by trial
};

}  // namespace firesweep
