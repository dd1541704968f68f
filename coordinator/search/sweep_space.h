// All trials a sweep has ever been given: those of its file, and of the files that extended it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "coordinator/search/trial_space.h"

namespace firesweep {

// Segments, one a file, numbered through: a trial's number is its segment's base + its number
// within the segment's own space, so that no extension changes what a number means (PROMISES §3). A
// trial that an earlier segment holds already is cut from a later one; gaps are allowed. Const
// methods are pure but for caches: use from one thread. Copies and moves freely.
class SweepSpace {
 public:
  static Result<SweepSpace> make(std::shared_ptr<const FrozenSweep> frozen);

  // Appends the trials of another file of this sweep: the same name, dataset, trainer, metric and
  // protocol; everything else may differ. An error names what differs, or says that the file adds
  // nothing; nothing is changed then. Two grids of a million trials are compared within
  // tens of milliseconds.
  Result<void> extend(const std::shared_ptr<const FrozenSweep>& frozen);

  // Numbers from 0 to raw()-1 exist; some are cut.
  std::int64_t raw() const;
  // Left to run, of all segments.
  std::int64_t trials() const;
  // The newest file; its limits hold for the whole sweep.
  const std::shared_ptr<const FrozenSweep>& newest() const { return segments_.back().frozen; }
  std::int64_t segments() const { return static_cast<std::int64_t>(segments_.size()); }
  // The first number of the newest segment.
  std::int64_t newest_base() const { return segments_.back().base; }

  // The trial of that number, or nothing where it is cut or out of range.
  std::optional<TrialConfig> config(std::int64_t number) const;
  // Of a number that exists: what it trains, and the analytic cost. The reference is good until the
  // next call.
  const ResolvedArchitecture& architecture(std::int64_t number) const;
  Cost cost(std::int64_t number) const;

  // Segment by segment, each longest first (TrialSpace::dispatch_order); of the newest alone.
  std::vector<std::int64_t> dispatch_order() const;
  std::vector<std::int64_t> newest_order() const;

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

  explicit SweepSpace(Segment first) : segments_{std::move(first)} {}
  const Segment* segment_of(std::int64_t number) const;
  const std::optional<TrialConfig>& generated(std::int64_t number) const;
  void append_order(const Segment& segment, std::vector<std::int64_t>& order) const;

  std::vector<Segment> segments_;  // by base
  // What was asked for last: a trial is asked for its config, its architecture and its cost.
  mutable std::int64_t last_number_ = -1;
  mutable std::optional<TrialConfig> last_config_;
};

}  // namespace firesweep
