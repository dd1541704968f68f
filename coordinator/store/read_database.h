// A database file opened for reading alone, also while its owner writes. Every report goes through
// here; nothing can be written. It knows SQL results, not reports. Views are those of this build
// (views.h), whichever build made the file's own; a file of an older version is read as it would be
// once migrated, from a copy of this moment, and stays as it is. A database at rest is read without
// a -shm file, which would belong to the reader.
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

// The result of a query. Values are int64, double or string; NULL is absent. Blobs are not read.
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
  // Errors: kNotFound where there is no file; kBadInput where it is not a firesweep database, or of
  // a newer schema than this program's; kIo where it cannot be read. Creates nothing.
  static Result<ReadDatabase> open(const std::filesystem::path& path);

  ReadDatabase(ReadDatabase&&) noexcept;
  ReadDatabase& operator=(ReadDatabase&&) noexcept;
  ~ReadDatabase();

  // Runs one SELECT; `values` take the place of ?1, ?2, …. One query sees one state of the
  // database. Throws SQLite::Exception.
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
