// What a connection refuses of a file that somebody else has made. SQLite runs what a schema says:
// triggers, functions in views, checks, indexes and generated columns; and pages that refer to each
// other in the wrong way can make a small file look endless.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <filesystem>

#include "shared/base/error.h"

namespace firesweep {

// No trigger runs, the schema cannot be written by hand, cells are checked against their page, and
// texts, statements and programs are bounded. The schema stays trusted: SQLite 3.40 takes the JSON
// functions of our own CHECKs for unsafe. check_schema() leaves nothing else in it that would run.
// Throws SQLite::Exception.
void defend(SQLite::Database& database);

// Whether the schema holds the tables and indexes of that version of firesweep, word for word but
// for plain columns that builds or the user have added, and nothing that runs by itself. Views,
// tables and plain indexes of the user's own are let be: firesweep reads none of them. kBadInput
// names what is there or missing. Throws SQLite::Exception.
Result<void> check_schema(SQLite::Database& database, const std::filesystem::path& path,
                          int version);

// Ends a query with SQLITE_INTERRUPT once it has taken more steps than a whole file of its size can
// need. Not movable: SQLite holds its address. One thread; must not outlive the connection, which
// may move to another SQLite::Database meanwhile.
class StepBudget {
 public:
  // Allows what the smallest file needs, so that its schema can be read.
  explicit StepBudget(SQLite::Database& database);
  StepBudget(const StepBudget&) = delete;
  StepBudget& operator=(const StepBudget&) = delete;
  ~StepBudget();

  // Allows as many steps as a file of the size that it has now needs. Throws SQLite::Exception.
  void renew();

 private:
  static int on_progress(void* self);

  sqlite3* handle_;
  std::int64_t left_;  // calls of on_progress
};

// What DatabaseDamaged says of a query that a StepBudget has ended.
inline constexpr const char* kEndlessQuery =
    "a query took more steps than a whole file of its size can need";

}  // namespace firesweep
