// The only connection that writes to the database and checkpoints the WAL, with its prepared
// statements and the size of the WAL.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "coordinator/store/record_writer.h"
#include "coordinator/store/snapshot_reader.h"

namespace firesweep {

// Single-threaded; not movable: SQLite holds its address.
class Connection {
 public:
  // Sets the connection up (WAL, synchronous=FULL, foreign keys, automatic checkpoints off) over a
  // database of the newest schema. `waiting` must outlive it. Throws SQLite::Exception.
  Connection(SQLite::Database database,
             const std::function<bool(std::chrono::milliseconds)>& waiting);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  SQLite::Database& database() { return database_; }
  RecordWriter& writer() { return *writer_; }
  SnapshotReader& reader() { return *reader_; }

  // begin() waits for another program's write transaction. roll_back() never throws.
  void begin();
  void commit();
  void roll_back() noexcept;

  // Number of WAL bytes that are not in the database file yet.
  std::int64_t wal_bytes() const { return wal_frames_ * frame_bytes_; }
  // Moves as much as it can into the database file without waiting for readers.
  void checkpoint();

 private:
  static int on_commit(void* self, sqlite3* handle, const char* schema, int frames);
  static int on_busy(void* self, int count);

  SQLite::Database database_;
  const std::function<bool(std::chrono::milliseconds)>& waiting_;
  std::chrono::steady_clock::time_point wait_began_, tell_at_;
  std::int64_t frame_bytes_ = 0;
  std::int64_t wal_frames_ = 0;
  std::unique_ptr<RecordWriter> writer_;
  std::unique_ptr<SnapshotReader> reader_;
  std::unique_ptr<SQLite::Statement> begin_, commit_, roll_back_;
};

}  // namespace firesweep
