// All trials of a sweep: those of its file and of the files that extended it.
#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "coordinator/search/hash_set.h"
#include "coordinator/search/learning.h"
#include "coordinator/search/trial_space.h"
#include "shared/domain/proposal.h"

namespace firesweep {

// There is one segment per file. A trial's number is its segment's base plus its number within the
// segment's own space, so that no extension changes the meaning of a number (PROMISES §3). A trial
// that an earlier segment already has is removed from a later one; gaps are allowed. Const methods
// are pure except for caches: use from one thread. Copyable and movable.
class SweepSpace {
 public:
  static Result<SweepSpace> make(std::shared_ptr<const FrozenSweep> frozen);

  // Appends the trials of another file of this sweep. It must have the same name, dataset, trainer,
  // metric and protocol; everything else may differ. An error names the difference, or says that
  // the file adds nothing; nothing is changed then. Two grids of a million trials are compared
  // within tens of milliseconds.
  Result<void> extend(const std::shared_ptr<const FrozenSweep>& frozen);
  // How many trials it appends; a file that adds none is no error here.
  Result<std::int64_t> append(const std::shared_ptr<const FrozenSweep>& frozen);
  static Error adds_nothing(const std::string& sweep);

  // Numbers from 0 to raw()-1 exist; some are removed.
  std::int64_t raw() const;
  // The number of trials to run, of all segments.
  std::int64_t trials() const;
  // The newest file; its limits apply to the whole sweep.
  const std::shared_ptr<const FrozenSweep>& newest() const { return segments_.back().frozen; }
  std::int64_t segments() const { return static_cast<std::int64_t>(segments_.size()); }
  // The trials of one file, from 0, as if it were alone.
  const TrialSpace& file(std::int64_t segment) const {
    return segments_[static_cast<std::size_t>(segment)].space;
  }
  // The first number of a segment, and of the newest.
  std::int64_t base(std::int64_t segment) const {
    return segments_[static_cast<std::size_t>(segment)].base;
  }
  std::int64_t newest_base() const { return segments_.back().base; }

  // Whether there is a trial of that number.
  bool has(std::int64_t number) const;
  // The trial of that number, or nothing if it is removed, out of range, or not proposed yet.
  std::optional<TrialConfig> config(std::int64_t number) const;

  // Its method learns from results. Only then may these be called.
  bool learns() const { return search_.has_value(); }
  const LearningSearch& search() const {
    assert(search_);
    return *search_;
  }
  // The point of an existing trial; its trials, one a seed, in the order of their numbers.
  std::int64_t point_of(std::int64_t number) const;
  std::vector<std::int64_t> trials_of(std::int64_t point) const;
  // The next point, from the results so far. `running` as LearningSearch has it. At most 20 ms.
  Proposal propose(std::vector<std::int64_t> running) const;
  // Takes in the next point: its trials then have configs. The error says why it cannot be of this
  // sweep; nothing is changed then.
  Result<void> keep(const Proposal& proposal);
  // Takes in a result of a trial that has a config, and returns its ordinal.
  std::int64_t learn(std::int64_t number, std::optional<double> score);
  // The architecture and the analytic cost of an existing trial. The reference is valid until the
  // next call.
  const ResolvedArchitecture& architecture(std::int64_t number) const;
  Cost cost(std::int64_t number) const;

  // The order of dispatch: segment by segment, each with the longest trials first
  // (TrialSpace::dispatch_order). And that of the newest segment only.
  std::vector<std::int64_t> dispatch_order() const;
  std::vector<std::int64_t> newest_order() const { return order_from(segments() - 1); }
  // That of the segments from this one on.
  std::vector<std::int64_t> order_from(std::int64_t segment) const;

 private:
  struct Segment {
    std::shared_ptr<const FrozenSweep> frozen;
    TrialSpace space;
    std::int64_t base = 0;
    std::int64_t covered_count = 0;
    std::vector<bool> covered;  // by number within the segment; empty where none is

    bool covers(std::int64_t number) const {
      return !covered.empty() && covered[static_cast<std::size_t>(number)];
    }
  };

  explicit SweepSpace(Segment first);
  const Segment* segment_of(std::int64_t number) const;
  const std::optional<TrialConfig>& generated(std::int64_t number) const;
  void append_order(const Segment& segment, std::vector<std::int64_t>& order) const;

  std::vector<Segment> segments_;  // by base
  std::optional<LearningSearch> search_;
  std::set<TrialSpace::Values> proposed_;  // points of different coordinates may mean the same
  HashSet trained_;                        // by these points, where the sweep's rules ask for it
  // What was asked for last: a trial is asked for its config, its architecture and its cost.
  mutable std::int64_t last_number_ = -1;
  mutable std::optional<TrialConfig> last_config_;
};

}  // namespace firesweep
