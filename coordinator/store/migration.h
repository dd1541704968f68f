// The schema version of a database file, and its migration to the newest version. Owns the
// numbered, append-only migration files (migrations/*.sql, embedded at build time), which create
// the tables. Views and other derived parts (views.h) are created after them.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

#include "shared/base/error.h"

namespace firesweep {

// "FSWP", the application id in the header of every firesweep database.
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

// The version of a database; 0 for an empty one. kBadInput if it belongs to another program, is
// damaged or has a version above `newest`; the file is not changed. Throws SQLite::Exception if it
// cannot be read.
Result<int> version_of(SQLite::Database& database, const std::filesystem::path& path, int newest);

// Runs each migration above the database's version. Each runs in its own transaction together with
// its version number, the last one also with `finish`. A database that is not empty is first copied
// to `path`.v<N>.backup by the backup API, unless `path` is empty. Switches the connection's
// foreign keys off; a migration that leaves a dangling reference fails. Throws SQLite::Exception;
// the migrations before the failing one are kept, complete.
void migrate(SQLite::Database& database, std::span<const Migration> all,
             const std::filesystem::path& path,
             const std::function<void(SQLite::Database&)>& finish = {});

// Migrates to the newest version and creates this build's views. Otherwise like migrate.
void bring_up_to_date(SQLite::Database& database, const std::filesystem::path& path);

}  // namespace firesweep
