// The store as the coordinator's loop sees it: what it throws as outcomes and words.
#pragma once

#include <span>

#include "coordinator/loop/ports.h"
#include "coordinator/store/store.h"

namespace firesweep {

// Members throw DatabaseGone, after which nothing more can be kept. Not thread-safe.
class StoreDatabase final : public loop::Database {
 public:
  // `store` outlives this.
  explicit StoreDatabase(Store& store) : store_(store) {}

  loop::CommitOutcome commit(std::span<const Record> records) override;
  Result<Snapshot> snapshot() override;
  Result<Snapshot> reopen() override;

 private:
  Store& store_;
};

}  // namespace firesweep
