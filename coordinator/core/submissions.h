// Sweeps that clients hand in: new ones, the same again, and more trials for one that is there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/core/sweeps.h"
#include "coordinator/search/widening.h"

namespace firesweep {

// Not thread-safe. An error changes nothing.
class Submissions {
 public:
  struct State {
    const SchedulerOptions& options;
    Sweeps& sweeps;
    Changes& changes;
    const bool& draining;
    const Instant& now;
  };
  explicit Submissions(State state) : state_(state) {}

  ClientReply submit(const std::shared_ptr<const FrozenSweep>& frozen);
  ClientReply extend(SweepId id, const std::shared_ptr<const FrozenSweep>& file);
  // Every file of the sweep with what is added; those that add nothing are left out, unless all do.
  ClientReply widen(SweepId id, const Widening& by);

 private:
  using Files = std::vector<std::shared_ptr<const FrozenSweep>>;
  ClientReply resume(Sweep& sweep);
  // The newest sweep of the name to which a file could add trials.
  std::optional<SweepId> find_namesake(const std::string& name) const;
  struct Extendable {
    Sweep& sweep;
    const SweepSpace& space;  // as it is until the sweep grows
  };
  // The sweep, where its state and its files allow that it grows.
  Result<Extendable> extendable(SweepId id);
  Result<Files> frozen_files(const Extendable& extended, const Widening& by) const;
  ClientReply grow(const Extendable& extended, const Files& files);

  State state_;
};

}  // namespace firesweep
