// The users of the simulated world: they submit, steer and extend sweeps, and ask again where
// nobody answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "coordinator/core/scheduler.h"
#include "tests/simulation/answers.h"
#include "tests/simulation/coordinator.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/setting.h"

namespace firesweep::simulation {

// `which` chooses among what there is. Each verb is false where there was nothing to ask for, or
// nobody to ask. Not thread-safe.
class Users {
 public:
  struct Context {
    Setting& setting;
    Ledger& ledger;
    Answers& answers;
    std::function<Coordinator&()> coordinator;  // the newest
  };
  explicit Users(Context context) : context_(std::move(context)) {}

  // Asks until the sweep is there; answers get lost with the coordinator.
  void submit(const std::shared_ptr<const FrozenSweep>& frozen);
  void submit_again(std::int64_t which);
  bool steer(const request::Steer& request);
  bool steer_a_sweep(request::Verb verb, std::int64_t which);
  // By its planned files, or by a seed of its own.
  bool extend_a_sweep(std::int64_t which);
  // Pauses or stops a sweep, and resumes it after a while.
  bool hold_up(request::Verb verb, const Planned& planned);
  bool cancel_a_trial(std::int64_t which);
  bool retry_a_trial(std::int64_t which);
  bool release_a_worker(std::int64_t which);

 private:
  using KnownSweep = std::pair<const SweepId, LedgerSweep>;

  PeerId client() { return "client-" + std::to_string(++clients_); }
  bool raise_the_cap(const KnownSweep& sweep, std::int64_t by);
  void extend_by(SweepId sweep, const std::shared_ptr<const FrozenSweep>& file);
  void add_a_seed(const KnownSweep& sweep, std::int64_t seed);
  void ask_for(const std::shared_ptr<const FrozenSweep>& frozen);
  // A sweep, if there is one.
  const KnownSweep* one_of_the_sweeps(std::int64_t which) const;

  Context context_;
  std::uint64_t clients_ = 0;
};

}  // namespace firesweep::simulation
