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

#include "shared/base/error.h"
#include "shared/domain/records.h"
#include "shared/domain/snapshot.h"

namespace firesweep {

// A record that the schema refuses: a second live attempt, a second result, a row that is not
// there. Our own mistake or a peer's; the disk is fine. `record` is its index in the group.
class ConstraintViolation : public std::runtime_error {
 public:
  ConstraintViolation(std::size_t record, const std::string& what);
  std::size_t record() const { return record_; }

 private:
  std::size_t record_;
};

// The file is not the one that was opened: moved, removed or replaced while it was in use. Nothing
// more can be kept.
class DatabaseGone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Single-threaded: the coordinator's loop owns it. Methods throw SQLite::Exception where the disk
// or SQLite fails; a failed commit has an unknown outcome: drop the Scheduler, call reopen(),
// rebuild from snapshot().
class Store {
 public:
  // Takes the lock `path`.lock (held for life), opens or creates the database (WAL,
  // synchronous=FULL, foreign keys, automatic checkpoints off), migrates it (an existing one after
  // a backup copy `path`.v<N>.backup made by the backup API) and makes its views anew where another
  // build made them. Errors: kConflict with the owner's pid and address where another process holds
  // the lock; kBadInput for a newer schema or a file that is not a firesweep database, is damaged
  // or has rows that contradict each other; kIo where it cannot be written, in words for a disk
  // that is not local. On error nothing is changed. A database that it makes is removed again by
  // the destructor while nothing was committed and no address published.
  static Result<Store> open(const std::filesystem::path& path);
  // For tests: a database in memory, no lock.
  static Store in_memory();

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  // Checkpoints what is left where no reader is in the way, closes, then gives the lock up.
  ~Store();

  // Writes the address clients and a refused second owner are shown into the lock file. Throws
  // std::system_error where the disk refuses; the lock is kept.
  void publish_address(const std::string& address);

  // Applies records in order in one IMMEDIATE transaction; durable on return (WAL,
  // synchronous=FULL). A constraint violation throws ConstraintViolation (nothing of the group is
  // written); anything else throws SQLite::Exception. Another program's write transaction is waited
  // for, see on_waiting().
  void commit(std::span<const Record> records);

  // Called after 200 ms and then every second while another program's write transaction holds up
  // commit(), with the time waited so far; false gives up (SQLITE_BUSY is thrown, nothing is
  // written). Without it the wait has no end.
  using Waiting = std::function<bool(std::chrono::milliseconds)>;
  void on_waiting(Waiting waiting);

  // Reads everything the scheduler needs; a sweep that this build cannot read is `broken` in it.
  // Throws std::runtime_error naming any other row that does not read back.
  Snapshot snapshot() const;

  // Passive checkpoint when the WAL is above 8 MB, or any size when `idle`; a busy reader only
  // delays it. Cheap where there is nothing to do.
  void checkpoint(bool idle);
  // Committed but not yet checkpointed.
  std::int64_t wal_bytes() const;

  // Drops the connection with whatever it was doing and opens the file again, under the same lock.
  // On an exception only reopen() and destruction are allowed. A database in memory keeps its
  // connection. Throws DatabaseGone where the path names no file any more, or another one.
  void reopen();

  // Throws DatabaseGone likewise, after a last checkpoint. Cheap: one stat().
  void check_identity();

  // What is in the way, in words for people, from an exception of commit() or reopen(): "the disk
  // of sweeps.db is full".
  std::string trouble(const std::exception& failure) const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace firesweep
