// The one SQLite file. All SQL of the project lives in this room and in coordinator/report. `Store`
// is the writer: it owns the exclusive lock, the only connection that writes and checkpoints, and
// the migrations.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/records.h"
#include "shared/domain/snapshot.h"

namespace firesweep {

// The schema refuses a record: a second live attempt, a second result, a missing row. The cause is
// a bug or a wrong peer, not the disk. `record` is its index in the group.
class ConstraintViolation : public std::runtime_error {
 public:
  ConstraintViolation(std::size_t record, const std::string& what);
  std::size_t record() const { return record_; }

 private:
  std::size_t record_;
};

// The database file was moved, removed or replaced while it was in use. Nothing more can be stored.
class DatabaseGone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Single-threaded: the coordinator's loop owns it. Methods throw SQLite::Exception if the disk or
// SQLite fails. The outcome of a failed commit is unknown: discard the Scheduler, call reopen(),
// and make a new one from snapshot().
class Store {
 public:
  // Takes the lock `path`.lock for its lifetime. Opens or creates the database (WAL,
  // synchronous=FULL, foreign keys, automatic checkpoints off). Migrates an older one, after a
  // backup copy `path`.v<N>.backup made by the backup API, and replaces views of another build. A
  // copy of back_up_database() that was put in place by hand begins a new generation.
  // Errors: kConflict with the owner's pid and address if another process holds the lock; kBadInput
  // for a newer schema or a file that is not a firesweep database, is damaged or has rows that
  // contradict each other; kIo if it cannot be written, with an explanation for a disk that is not
  // local. On error nothing is changed. If it created the database, the destructor removes it again
  // unless something was committed or an address published.
  static Result<Store> open(const std::filesystem::path& path);
  // For tests: a database in memory, no lock.
  static Store in_memory();

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  // Checkpoints the rest of the WAL unless a reader prevents it, closes the file, and releases the
  // lock.
  ~Store();

  // Writes the address into the lock file, for clients and for a second process that is refused.
  // Throws std::system_error if the disk fails; the lock is kept.
  void publish_address(const std::string& address);

  // Applies records in order in one IMMEDIATE transaction; durable on return (WAL,
  // synchronous=FULL). A constraint violation throws ConstraintViolation (nothing of the group is
  // written); any other failure throws SQLite::Exception. Waits for another program's write
  // transaction, see on_waiting().
  void commit(std::span<const Record> records);

  // Called after 200 ms and then every second while commit() waits for another program's write
  // transaction, with the time waited so far. If it returns false, commit() gives up (throws
  // SQLITE_BUSY, nothing is written). Without it the wait is unlimited.
  using Waiting = std::function<bool(std::chrono::milliseconds)>;
  void on_waiting(Waiting waiting);

  // Reads everything the scheduler needs; a sweep that this build cannot read is `broken` in it.
  // Throws std::runtime_error naming any other row that does not read back.
  Snapshot snapshot() const;

  // Every result that was trained. Throws likewise.
  std::vector<KnownResult> known_results() const;

  // Makes a passive checkpoint if the WAL is above 8 MB, or of any size if `idle`. A busy reader
  // only delays it. Cheap if there is nothing to do.
  void checkpoint(bool idle);
  // Number of bytes that are committed but not yet checkpointed.
  std::int64_t wal_bytes() const;

  // Closes the connection and opens the file again, under the same lock. After an exception only
  // reopen() and destruction are allowed. A database in memory keeps its connection. Throws
  // DatabaseGone if the path names no file any more, or another one.
  void reopen();

  // Throws DatabaseGone in the same cases, after a last checkpoint. Cheap: one stat().
  void check_identity();

  // Explains an exception of commit() or reopen(): "the disk of sweeps.db is full".
  std::string trouble(const std::exception& failure) const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  template <class Read>
  auto reading(Read read) const;

  std::unique_ptr<Impl> impl_;
};

}  // namespace firesweep
