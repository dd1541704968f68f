// Records → rows. Owns the prepared statements; begins and ends no transaction.
#pragma once

#include <SQLiteCpp/Database.h>

#include <memory>
#include <stdexcept>

#include "shared/domain/records.h"

namespace firesweep {

// A record refers to a row that does not exist. This is a violation like a duplicate key.
class MissingRow : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Single-threaded; must not outlive its database.
class RecordWriter {
 public:
  explicit RecordWriter(SQLite::Database& database);
  ~RecordWriter();

  // Writes one record within the caller's transaction. Throws SQLite::Exception or MissingRow; the
  // transaction must then be rolled back.
  void write(const Record& record);

 private:
  struct Statements;
  std::unique_ptr<Statements> statements_;
};

}  // namespace firesweep
