// Which schema a database file has, and how it is brought to the newest one. Owns the numbered,
// append-only migration files (migrations/*.sql, embedded at build time), which make the tables;
// what follows from this build's own tables (views.h) is made after them.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

#include "shared/base/error.h"

namespace firesweep {

// In the header of every database of ours: "FSWP".
inline constexpr std::int32_t kApplicationId = 0x46535750;

// Brings a database from version - 1 to version.
struct Migration {
  int version;
  std::string_view sql;
};

// Every migration, 1, 2, 3, … without a gap.
std::span<const Migration> migrations();

// The newest version this program knows.
int newest_version();

// The version of a database: 0 for one that holds nothing yet. kBadInput where it is another
// program's, damaged or of a version above `newest`; the file is not changed. Throws
// SQLite::Exception where it cannot be read.
Result<int> version_of(SQLite::Database& database, const std::filesystem::path& path, int newest);

// Runs each migration above the database's version, in a transaction of its own together with its
// version number, the last one also with `finish`; a database that holds something is first copied
// to `path`.v<N>.backup by the backup API, unless `path` is empty. Switches the connection's
// foreign keys off; a migration that leaves a reference dangling fails. Throws SQLite::Exception;
// what was migrated before the failing step stays, complete.
void migrate(SQLite::Database& database, std::span<const Migration> all,
             const std::filesystem::path& path,
             const std::function<void(SQLite::Database&)>& finish = {});

// All of it: the newest version, with what this build derives. As migrate.
void bring_up_to_date(SQLite::Database& database, const std::filesystem::path& path);

}  // namespace firesweep
