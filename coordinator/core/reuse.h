// Results that are in the database already: a trial of a sweep with "reuse" takes the result of
// equal work instead of being trained. Equal are the config hash (PROMISES §3: config,
// architecture, the dataset's checksum, split, trainer), the dataset's name, the training seed, and
// the build, as the worker has it to whom the trial would be given now: the commit of firesweep,
// the version of LibTorch, and the kind of device, CPU or GPU; of the simulated trainer the commit
// alone. Only what was trained is reused, never what was reused itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "coordinator/core/quota.h"
#include "coordinator/core/trial_states.h"
#include "coordinator/core/worker.h"
#include "shared/domain/known_result.h"

namespace firesweep {

// Not thread-safe.
class Reuse {
 public:
  static constexpr int kAtOnce = 1'000;  // trials that take a result in one moment

  struct State {
    const SchedulerOptions& options;
    TrialStates& trial_states;
    Changes& changes;
    const Instant& now;
  };
  explicit Reuse(State state) : state_(state) {}

  // From now on results are remembered: these, and those that note() is told.
  void begin(std::vector<KnownResult> known);
  // The trial has got this result, made by the worker.
  void note(const TrialRef& ref, const TrialResult& result);

  // The result that an untouched trial of the sweep takes; null where it is to be trained by this
  // worker. Valid until the next begin() or note().
  const KnownResult* find(const Worker& worker, const Sweep& sweep, std::int64_t number) const;
  // One more may be taken in this moment.
  bool may_take() { return quota_.take(state_.now.steady); }
  void take(Sweep& sweep, std::int64_t number, const KnownResult& result);

 private:
  using Work = std::tuple<std::string, std::string, std::int64_t>;  // config hash, dataset, seed

  State state_;
  bool begun_ = false;
  std::map<Work, std::map<TrialId, KnownResult>> known_;
  MomentQuota quota_{kAtOnce};
};

}  // namespace firesweep
