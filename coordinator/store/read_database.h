// A database file opened read-only, which is possible while its owner writes. All reports use this
// class. It knows SQL results, not reports. It uses this build's views (views.h), whichever build
// created those in the file. A file of an older version is copied, and the copy is migrated and
// read; the file itself is not changed. A database that no process has open is read without a -shm
// file, because that would belong to the reader's user.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "shared/domain/value.h"

namespace firesweep {

// The result of a query. Values are int64, double or string; NULL is an empty cell. Blobs are not
// read.
struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<Value>>> rows;
};

// Single-threaded; moves.
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

 private:
  struct Impl;
  explicit ReadDatabase(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace firesweep
