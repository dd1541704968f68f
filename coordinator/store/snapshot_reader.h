// Rows → what the scheduler goes on from.
#pragma once

#include <SQLiteCpp/Database.h>

#include <memory>

#include "shared/domain/snapshot.h"

namespace firesweep {

// Keeps its statements, and the sweeps it has read. Single-threaded; the database must outlive it.
class SnapshotReader {
 public:
  explicit SnapshotReader(SQLite::Database& database);
  ~SnapshotReader();

  // Reads every sweep with its trials, in one read transaction. A sweep whose frozen files this
  // program does not understand is `broken`. Throws SQLite::Exception, or std::runtime_error where
  // any other row does not read back (an unknown state), naming it.
  Snapshot read();

 private:
  struct Statements;
  std::unique_ptr<Statements> statements_;
};

}  // namespace firesweep
