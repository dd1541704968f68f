#include "coordinator/store/migration.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <stdexcept>
#include <string>

#include "coordinator/store/views.h"
#include "shared/base/durable.h"

namespace firesweep {
namespace {

int stored_version(SQLite::Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

// Foreign keys are not enforced while a migration runs: it may make a table anew.
void check_references(SQLite::Database& database, const Migration& migration) {
  SQLite::Statement dangling(database, "PRAGMA foreign_key_check");
  if (!dangling.executeStep()) return;
  throw SQLite::Exception("migration " + std::to_string(migration.version) +
                              " would leave a row of " + dangling.getColumn(0).getString() +
                              " without the row of " + dangling.getColumn(2).getString() +
                              " that it refers to",
                          SQLITE_CONSTRAINT);
}

void back_up(SQLite::Database& database, const std::filesystem::path& to) {
  std::filesystem::path unfinished = to;
  unfinished += ".tmp";
  std::filesystem::remove(unfinished);
  {
    SQLite::Database copy(unfinished.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Backup backup(copy, database);
    if (const int outcome = backup.executeStep(); outcome != SQLITE_DONE) {
      throw SQLite::Exception("the copy before migrating failed", outcome);
    }
    // A copy is read alone: without this it would want a -wal file beside it.
    copy.exec("PRAGMA journal_mode = DELETE");
  }
  const auto done = bring_into_place(unfinished, to);
  if (!done) throw std::runtime_error("the copy before migrating: " + to_string(done.error()));
}

}  // namespace

int newest_version() { return migrations().back().version; }

Result<int> version_of(SQLite::Database& database, const std::filesystem::path& path, int newest) {
  try {
    const int application = database.execAndGet("PRAGMA application_id").getInt();
    const int version = stored_version(database);
    if (application == 0 && version == 0 &&
        database.execAndGet("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)").getInt() != 0) {
      return 0;
    }
    if (application != kApplicationId) {
      return fail(ErrorCode::kBadInput, path.string(),
                  "is a SQLite database, but not one of firesweep", "choose another file");
    }
    if (version > newest) {
      return fail(ErrorCode::kBadInput, path.string(),
                  "has schema version " + std::to_string(version) +
                      "; this firesweep knows versions up to " + std::to_string(newest),
                  "use the newer firesweep that wrote it");
    }
    return version;
  } catch (const SQLite::Exception& failure) {
    if (failure.getErrorCode() == SQLITE_NOTADB) {
      return fail(ErrorCode::kBadInput, path.string(), "is not a SQLite database",
                  "choose another file");
    }
    if (failure.getErrorCode() == SQLITE_CORRUPT) {
      return fail(ErrorCode::kBadInput, path.string(), std::string("is damaged: ") + failure.what(),
                  "sqlite3 FILE .recover may save what can be read");
    }
    throw;
  }
}

void migrate(SQLite::Database& database, std::span<const Migration> all,
             const std::filesystem::path& path,
             const std::function<void(SQLite::Database&)>& finish) {
  const int from = stored_version(database);
  if (from >= all.back().version) return;
  if (from > 0 && !path.empty()) {
    std::filesystem::path copy = path;
    copy += ".v" + std::to_string(from) + ".backup";
    back_up(database, copy);
  }
  database.exec("PRAGMA foreign_keys = OFF");
  for (const Migration& migration : all) {
    if (migration.version <= from) continue;
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    database.exec(std::string(migration.sql));
    check_references(database, migration);
    if (finish && migration.version == all.back().version) finish(database);
    database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
    database.exec("PRAGMA user_version = " + std::to_string(migration.version));
    transaction.commit();
  }
}

void bring_up_to_date(SQLite::Database& database, const std::filesystem::path& path) {
  migrate(database, migrations(), path, derive);
  if (is_derived(database)) return;
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  derive(database);
  transaction.commit();
}

}  // namespace firesweep
