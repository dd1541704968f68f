#include "coordinator/store/backup.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <utility>

#include "coordinator/store/check_database.h"
#include "coordinator/store/database_files.h"
#include "coordinator/store/generations.h"
#include "coordinator/store/lock.h"
#include "coordinator/store/read_database.h"
#include "shared/base/durable.h"

namespace firesweep {
namespace {

constexpr int kPagesAtOnce = 2048;
constexpr const char* kCopyHint =
    "its folder must exist and be writable, on a disk with room for the whole copy";

// A file that is removed unless it is kept.
class Unfinished {
 public:
  Unfinished(const std::filesystem::path& of, const char* suffix) : path_(companion(of, suffix)) {
    remove_database(path_);
  }
  ~Unfinished() { remove_database(path_); }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

tl::unexpected<Error> io_failure(const std::filesystem::path& path, const std::string& what) {
  return fail(ErrorCode::kIo, path.string(), what, kCopyHint);
}

// Gives a whole copy its name, durably.
Result<void> finish(const std::filesystem::path& copy, const std::filesystem::path& to) {
  auto done = bring_into_place(copy, to);
  if (!done) done.error().hint = kCopyHint;
  return done;
}

// One state of the database, whatever its owner writes meanwhile. Not through a rollback journal:
// the file is nobody's before it is whole.
void copy_state(const ReadDatabase& from, SQLite::Database& copy, const CopyProgress& progress) {
  from.in_one_state([&] {
    SQLite::Database& original = from.connection();
    // The first read is what fixes the state.
    const std::int64_t page = original.execAndGet("PRAGMA page_size").getInt64();
    original.execAndGet("SELECT count(*) FROM sqlite_schema");
    SQLite::Backup backup(copy, original);
    for (;;) {
      const int outcome = backup.executeStep(kPagesAtOnce);
      const std::int64_t all = backup.getTotalPageCount();
      progress((all - backup.getRemainingPageCount()) * page, all * page);
      if (outcome == SQLITE_DONE) return;
      if (outcome != SQLITE_OK) throw SQLite::Exception("the copy failed", outcome);
    }
  });
}

Result<void> check_copy(const std::filesystem::path& copy, const std::filesystem::path& original) {
  const auto found = check_database(copy);
  if (!found) {
    Error error = found.error();
    error.where = original.string();
    return tl::unexpected(std::move(error));
  }
  if (found->count > 0) return tl::unexpected(refusal_of(*found, original));
  return {};
}

// A checked copy that `finish` has changed. Neither file has to do with a log.
template <class Finish>
Result<void> checked_copy(const std::filesystem::path& original,
                          const std::filesystem::path& unfinished, const CopyProgress& progress,
                          const Finish& finish) {
  const auto opened = ReadDatabase::open(original);
  if (!opened) return tl::unexpected(opened.error());
  try {
    SQLite::Database copy(unfinished.string(),
                          SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
    copy_state(*opened, copy, progress);
    // A copy is read alone: without this it would want a -wal file beside it.
    copy.exec("PRAGMA journal_mode = DELETE");
    finish(copy);
  } catch (const DatabaseDamaged& damaged) {
    return tl::unexpected(damaged.error());
  } catch (const SQLite::Exception& failure) {
    if (failure.getErrorCode() == SQLITE_CORRUPT)
      return tl::unexpected(damaged_error(original, failure.what()));
    return io_failure(unfinished,
                      "cannot be written: " +
                          trouble_text(unfinished, failure.getExtendedErrorCode(), failure.what()));
  }
  return check_copy(unfinished, original);
}

bool is_there(const std::filesystem::path& path) {
  std::error_code status;
  return std::filesystem::exists(std::filesystem::symlink_status(path, status));
}

bool is_same(const std::filesystem::path& one, const std::filesystem::path& other) {
  const auto identity = identity_of(one);
  return identity && identity == identity_of(other);
}

Result<void> may_write(const std::filesystem::path& database, const std::filesystem::path& to,
                       bool replace) {
  if (is_same(database, to)) {
    return fail(ErrorCode::kConflict, to.string(), "is the database itself",
                "name another file for the backup");
  }
  if (!is_there(to)) return {};
  if (!replace) {
    return fail(ErrorCode::kConflict, to.string(), "exists",
                "choose another name, or replace it with --force");
  }
  if (find_owner(to) || has_log(to)) {
    return fail(ErrorCode::kConflict, to.string(), "is a database in use, not a backup",
                "choose another name");
  }
  return {};
}

// Where a database that is replaced is kept.
std::filesystem::path place_aside(const std::filesystem::path& database) {
  std::filesystem::path place = companion(database, ".replaced");
  for (int number = 2; is_there(place); ++number) {
    place = companion(database, (".replaced." + std::to_string(number)).c_str());
  }
  return place;
}

// With its log, which holds its newest commits: no log may lie beside a file that it is not of.
Result<std::filesystem::path> put_aside(const std::filesystem::path& database) {
  const bool there = is_there(database);
  const std::filesystem::path aside = place_aside(database);
  try {
    if (there) std::filesystem::rename(database, aside);
    const std::filesystem::path log = companion(database, "-wal");
    if (is_there(log)) std::filesystem::rename(log, companion(aside, "-wal"));
    std::filesystem::remove(companion(database, "-shm"));
  } catch (const std::filesystem::filesystem_error& failure) {
    return io_failure(database, std::string("cannot be put aside: ") + failure.what());
  }
  return there ? aside : std::filesystem::path();
}

}  // namespace

Result<void> back_up_database(const std::filesystem::path& database,
                              const std::filesystem::path& to, bool replace,
                              const CopyProgress& progress) {
  if (const auto may = may_write(database, to, replace); !may) return may;
  const Unfinished copy(to, ".tmp");
  if (auto made = checked_copy(database, copy.path(), progress, mark_backup); !made) return made;
  // Somebody else may have made it meanwhile.
  if (const auto may = may_write(database, to, replace); !may) return may;
  return finish(copy.path(), to);
}

Result<Restored> restore_database(const std::filesystem::path& backup,
                                  const std::filesystem::path& to, bool replace,
                                  const CopyProgress& progress) {
  if (is_same(backup, to)) {
    return fail(ErrorCode::kConflict, to.string(), "is the backup itself",
                "name the database to be made with --db FILE");
  }
  const auto lock = DatabaseLock::take(to);
  if (!lock) return tl::unexpected(lock.error());
  if (is_there(to) && !replace) {
    return fail(ErrorCode::kConflict, to.string(), "exists",
                "choose another --db, or put the backup in its place with --force; the database is "
                "then kept under another name");
  }
  const Unfinished copy(to, ".restoring");
  Restored restored;
  const auto made = checked_copy(backup, copy.path(), progress, [&](SQLite::Database& database) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    begin_generation(database);
    transaction.commit();
    restored.generation = database.execAndGet("SELECT max(number) FROM generations").getInt64();
  });
  if (!made) return tl::unexpected(made.error());
  auto aside = put_aside(to);
  if (!aside) return tl::unexpected(aside.error());
  restored.replaced = std::move(*aside);
  if (const auto moved = finish(copy.path(), to); !moved) {
    return tl::unexpected(moved.error());
  }
  return restored;
}

}  // namespace firesweep
