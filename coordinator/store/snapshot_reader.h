// Reads the rows that the scheduler needs at its start.
#pragma once

#include <SQLiteCpp/Database.h>

#include <memory>
#include <vector>

#include "shared/domain/snapshot.h"

namespace firesweep {

// Caches its statements and the sweeps that it has read. Single-threaded; the database must outlive
// it.
class SnapshotReader {
 public:
  explicit SnapshotReader(SQLite::Database& database);
  ~SnapshotReader();

  // Reads every sweep with its trials, in one read transaction. A sweep whose frozen files this
  // program cannot read is `broken`. Throws SQLite::Exception, or std::runtime_error naming any
  // other row that cannot be read (for example because of an unknown state).
  Snapshot read();
  // The same within the caller's read transaction.
  Snapshot read_rows();
  // Every result that was trained, by trial.
  std::vector<KnownResult> known_results();

 private:
  struct Statements;
  std::unique_ptr<Statements> statements_;
};

}  // namespace firesweep
