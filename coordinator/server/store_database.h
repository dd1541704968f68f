// The store as a port of the coordinator's loop. It turns exceptions into outcomes and messages.
#pragma once

#include <span>

#include "coordinator/loop/ports.h"
#include "coordinator/server/latency_histogram.h"
#include "coordinator/store/store.h"

namespace firesweep {

// Members throw DatabaseGone; after that nothing more can be stored. Not thread-safe.
class StoreDatabase final : public loop::Database {
 public:
  // `store` outlives this.
  explicit StoreDatabase(Store& store) : store_(store) {}

  loop::CommitOutcome commit(std::span<const Record> records) override;
  Result<Snapshot> snapshot() override;
  Result<std::vector<KnownResult>> known_results() override;
  Result<Snapshot> reopen() override;

  // How long each durable commit took.
  const LatencyHistogram& commit_seconds() const { return commit_seconds_; }

 private:
  template <class Read>
  auto reading(Read read) -> Result<decltype(read())>;
  Store& store_;
  LatencyHistogram commit_seconds_;
};

}  // namespace firesweep
