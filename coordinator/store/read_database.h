// A database file opened read-only, which is possible while its owner writes. All reports use this
// class. It knows SQL results, not reports. It uses this build's views (views.h), whichever build
// created those in the file. A file of an older version is copied, and the copy is migrated and
// read; the file itself is not changed. A database that no process has open is read without a -shm
// file, because that would belong to the reader's user.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "coordinator/store/cells.h"
#include "shared/base/error.h"
#include "shared/domain/value.h"

namespace SQLite {
class Database;
}

namespace firesweep {

// The result of a query. Values are int64, double or string; NULL is an empty cell. Blobs are not
// read.
struct Rows {
  std::vector<std::string> columns;
  std::vector<Row> rows;
};

// The file is no whole database: cut off, overwritten, or mixed with the log of another state.
class DatabaseDamaged : public std::runtime_error {
 public:
  DatabaseDamaged(const std::filesystem::path& path, const std::string& what);
  // kBadInput, with what may help.
  const Error& error() const { return error_; }

 private:
  Error error_;
};
Error damaged_error(const std::filesystem::path& path, const std::string& what);

// Single-threaded; moves. Members throw DatabaseDamaged beside what they say.
class ReadDatabase {
 public:
  // Errors: kNotFound if there is no file; kBadInput if it is not a firesweep database or has a
  // newer schema than this program; kIo if it cannot be read. Creates nothing.
  static Result<ReadDatabase> open(const std::filesystem::path& path);

  ReadDatabase(ReadDatabase&&) noexcept;
  ReadDatabase& operator=(ReadDatabase&&) noexcept;
  ~ReadDatabase();

  // Runs one SELECT with `values` for ?1, ?2, …. One query sees one state of the database. Throws
  // SQLite::Exception.
  Rows query(const std::string& sql, const std::vector<Value>& values = {}) const;

  // Runs `read`, whose queries all see one state of the database. It is run again from its
  // beginning where somebody began to write meanwhile. Throws what it throws.
  void in_one_state(const std::function<void()>& read) const;

  // Within in_one_state(): as query(), but hands each row over as it is read, and keeps none.
  using TakeRow = std::function<void(Row&&)>;
  void each(const std::string& sql, const std::vector<Value>& values, const TakeRow& take) const;

  // Within in_one_state(): the connection, for checks of this room.
  SQLite::Database& connection() const;
  const std::filesystem::path& path() const;

 private:
  struct Impl;
  explicit ReadDatabase(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace firesweep
