// Where trials wait at rungs, with their checkpoints, and the best of them go on. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "coordinator/search/termination/asha.h"
#include "coordinator/search/termination/one_epoch.h"
#include "coordinator/search/termination/rungs.h"
#include "coordinator/search/termination/terminator.h"

namespace firesweep {

// A trial that waits at a rung and is to go on, and the comparison that says so.
struct Promotion {
  std::int64_t trial = 0;
  Evidence evidence;
  friend bool operator==(const Promotion&, const Promotion&) = default;
};

// A trial that waits at a rung, how it compares there, and whether it is one of those to go on now.
struct AtRung {
  std::int64_t trial = 0;
  Evidence evidence;
  bool goes_on = false;
};

// Who may be promoted, and who may still come to a rung. By default everybody may, and more come.
struct Outlook {
  std::function<bool(std::int64_t trial)> ready = {};  // it may go on now; empty: each may
  std::function<bool(std::int64_t trial)> alive = {};  // it may at some time; empty: as `ready`
  // Whether a trial that waits at no rung below may come to this one; empty: one may.
  std::function<bool(const Population&, std::int64_t rung)> more = {};
};

// Every trial waits at its rung; the best ones of those that have come there go on whenever a
// worker is free. How many do, the constructor says. Of equal scores the smallest number ranks
// first. Not thread-safe.
class RungPromotion {
 public:
  // asha's promotion type: the best one in `eta`. Delayed (Li, Shen, Jiang, Zhang, Liu, Zhang, Cui:
  // Hyper-Tune, VLDB 2022): as long as more trials may come to a rung it lets no more than one in
  // `eta` pass, though those that passed early may have been overtaken since. Once none can come,
  // every trial among the best one in `eta` goes on, and at least one does.
  explicit RungPromotion(const AshaOptions& options) : options_(options) {}
  // The two phases of one_epoch_top_k, as its paper has them: one rung, where every trial waits
  // until none can come any more. Then the best k go on, to their end.
  explicit RungPromotion(const OneEpochOptions& options)
      : options_{.min_iter = options.min_iter}, k_(options.k) {}

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
  // Every one that does and is `alive`: by population, rung and rank.
  std::vector<AtRung> waiting(const Outlook& outlook = {}) const;
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
  using May = std::function<bool(std::int64_t trial)>;  // empty: each may

  bool is_rung(const TrialReport& report) const;
  // So many of the trials that came are the best ones, once no more can come.
  std::int64_t most_of(std::int64_t seen) const;
  // So many ranks of the step may go on now.
  std::int64_t open_ranks(const Step& step, bool closed) const;
  std::optional<Promotion> best_of(std::int64_t rung, const Step& step, bool closed,
                                   const May& may) const;
  // Closed: no more trials can come to it.
  void each_rung(
      const Outlook& outlook,
      const std::function<void(std::int64_t rung, const Step& step, bool closed)>& visit) const;
  Evidence compared_in(const Step& step, std::int64_t rung, std::int64_t trial) const;
  const Step& step_of(const Home& home) const { return ladders_.at(home.population).at(home.rung); }

  AshaOptions options_;
  std::optional<std::int64_t> k_ = {};  // of one_epoch_top_k
  std::map<Population, Ladder> ladders_;
  std::map<std::int64_t, Home> homes_;  // by trial
};

}  // namespace firesweep
