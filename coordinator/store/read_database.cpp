#include "coordinator/store/read_database.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cassert>
#include <cstdio>
#include <utility>
#include <variant>

#include "coordinator/store/database_files.h"
#include "coordinator/store/defences.h"
#include "coordinator/store/lock.h"
#include "coordinator/store/migration.h"
#include "coordinator/store/restore_hint.h"
#include "coordinator/store/views.h"

namespace firesweep {
namespace {

// A writer never blocks a reader of a WAL database but for the moment of its recovery.
constexpr int kBusyTimeoutMs = 5000;

void bind_one(SQLite::Statement& statement, int index, const Value& value) {
  std::visit(
      [&](const auto& content) {
        if constexpr (std::is_same_v<std::decay_t<decltype(content)>, bool>) {
          statement.bind(index, content ? 1 : 0);
        } else {
          statement.bind(index, content);
        }
      },
      value);
}

std::optional<Value> read_one(const SQLite::Column& column) {
  if (column.isInteger()) return Value(column.getInt64());
  if (column.isFloat()) return Value(column.getDouble());
  if (column.isText()) return Value(column.getString());
  return std::nullopt;
}

// How a file at rest looked when it was opened.
struct FileState {
  FileIdentity identity;
  std::int64_t bytes = 0;
  std::int64_t changed_s = 0, changed_ns = 0;
  friend bool operator==(const FileState&, const FileState&) = default;
};

std::optional<FileState> state_of(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileState{{status.st_dev, status.st_ino},
                   status.st_size,
                   status.st_mtim.tv_sec,
                   status.st_mtim.tv_nsec};
}

// Nobody writes it, and nothing of it lies in a log: it may be read as it is, which makes no -shm
// and needs no folder that can be written.
bool at_rest(const std::filesystem::path& path) { return !has_log(path) && !find_owner(path); }

SQLite::Database open_as(const std::filesystem::path& path, bool as_it_is) {
  const int flags = SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX;
  if (!as_it_is) return SQLite::Database(path.string(), flags, kBusyTimeoutMs);
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).string()) {
    const bool reserved = c == '?' || c == '#' || c == '%';
    std::array<char, 4> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "%%%02X", static_cast<unsigned char>(c));
    uri += reserved ? std::string(escaped.data()) : std::string(1, c);
  }
  return SQLite::Database(uri + "?immutable=1", flags | SQLite::OPEN_URI, kBusyTimeoutMs);
}

SQLite::Database open_to_read(const std::filesystem::path& path, bool as_it_is) {
  SQLite::Database database = open_as(path, as_it_is);
  defend(database);
  return database;
}

// Somebody has begun to write: what was read as it is may be half of something.
bool disturbed(const std::filesystem::path& path, const std::optional<FileState>& as_it_was) {
  return as_it_was && (!at_rest(path) || state_of(path) != as_it_was);
}

void copy_into(SQLite::Database& copy, SQLite::Database& original) {
  SQLite::Backup backup(copy, original);
  if (const int outcome = backup.executeStep(); outcome != SQLITE_DONE) {
    throw SQLite::Exception("the copy to migrate failed", outcome);
  }
}

// A migrated copy that goes with its connection; SQLite keeps it in memory as far as there is room.
SQLite::Database migrated_copy(SQLite::Database& older, const std::filesystem::path& path,
                               const std::optional<FileState>& as_it_was) {
  SQLite::Database copy("", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
  defend(copy);
  copy_into(copy, older);
  if (disturbed(path, as_it_was)) {
    SQLite::Database steady = open_to_read(path, false);
    copy_into(copy, steady);
  }
  StepBudget budget(copy);
  budget.renew();
  bring_up_to_date(copy, {});
  return copy;
}

// What is being handled, as damage where it is that.
[[noreturn]] void rethrow(const SQLite::Exception& failure, const std::filesystem::path& path) {
  const int code = failure.getErrorCode();
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) throw DatabaseDamaged(path, failure.what());
  if (code == SQLITE_INTERRUPT) throw DatabaseDamaged(path, kEndlessQuery);
  throw;
}

void read_through_views(SQLite::Database& database) {
  make_temporary_views(database);
  database.exec("PRAGMA query_only = ON");
}

}  // namespace

struct ReadDatabase::Impl {
  SQLite::Database database;
  std::filesystem::path path;
  std::optional<FileState> as_it_was = {};  // set while it is read as a file at rest
  bool in_one_state = false;
  std::optional<StepBudget> budget = {};  // of the connection that is read now

  template <class Take>
  std::vector<std::string> read(const std::string& sql, const std::vector<Value>& values,
                                const Take& take) const {
    SQLite::Statement statement(database, sql);
    for (std::size_t i = 0; i < values.size(); ++i)
      bind_one(statement, static_cast<int>(i) + 1, values[i]);
    std::vector<std::string> columns;
    const int width = statement.getColumnCount();
    for (int i = 0; i < width; ++i) columns.emplace_back(statement.getColumnName(i));
    while (statement.executeStep()) {
      Row row;
      row.reserve(static_cast<std::size_t>(width));
      for (int i = 0; i < width; ++i) row.push_back(read_one(statement.getColumn(i)));
      take(std::move(row));
    }
    return columns;
  }

  void read_in_one_state(const std::function<void()>& read) {
    if (!budget) budget.emplace(database);
    budget->renew();
    SQLite::Transaction transaction(database);
    in_one_state = true;
    try {
      read();
    } catch (...) {
      in_one_state = false;
      throw;
    }
    in_one_state = false;
  }

  bool disturbed() const { return firesweep::disturbed(path, as_it_was); }

  // Readers of a database that is written go by SQLite's own locks.
  void open_anew() {
    budget.reset();
    database = open_to_read(path, false);
    as_it_was.reset();
    read_through_views(database);
  }
};

Error damaged_error(const std::filesystem::path& path, const std::string& what) {
  return {ErrorCode::kBadInput, path.string(), "is damaged: " + what,
          std::string(kRestoreHint) + "; sqlite3 FILE .recover may save what can be read"};
}

DatabaseDamaged::DatabaseDamaged(const std::filesystem::path& path, const std::string& what)
    : std::runtime_error(path.string() + " is damaged: " + what),
      error_(damaged_error(path, what)) {}

Result<ReadDatabase> ReadDatabase::open(const std::filesystem::path& path) {
  std::error_code status;
  if (!std::filesystem::exists(path, status)) {
    return fail(ErrorCode::kNotFound, path.string(), "no such file; expected a firesweep database",
                "`firesweep run` and `serve` make one; --db FILE names another");
  }
  try {
    const std::optional<FileState> state = at_rest(path) ? state_of(path) : std::nullopt;
    SQLite::Database database = open_to_read(path, state.has_value());
    StepBudget budget(database);
    const auto version = version_of(database, path, newest_version());
    if (!version) return tl::unexpected(version.error());
    if (*version == 0) {
      return fail(ErrorCode::kBadInput, path.string(), "is empty; expected a firesweep database",
                  "`firesweep run` and `serve` fill one");
    }
    budget.renew();
    if (const auto schema = check_schema(database, path, *version); !schema) {
      return tl::unexpected(schema.error());
    }
    if (*version < newest_version()) {
      SQLite::Database copy = migrated_copy(database, path, state);
      copy.exec("PRAGMA query_only = ON");
      return ReadDatabase(std::unique_ptr<Impl>(new Impl{std::move(copy), path}));
    }
    read_through_views(database);
    return ReadDatabase(std::unique_ptr<Impl>(new Impl{std::move(database), path, state}));
  } catch (const SQLite::Exception& failure) {
    if (failure.getErrorCode() == SQLITE_CORRUPT) {
      return tl::unexpected(damaged_error(path, failure.what()));
    }
    if (failure.getErrorCode() == SQLITE_INTERRUPT) {
      return tl::unexpected(damaged_error(path, kEndlessQuery));
    }
    const std::string why = read_trouble_text(path, failure.getExtendedErrorCode(), failure.what());
    if (names_remote_disk(why)) {
      return fail(ErrorCode::kIo, path.string(), "cannot be read: " + why,
                  "copy it with its -wal to a local disk, or ask its owner: --coordinator ADDR");
    }
    return fail(ErrorCode::kIo, path.string(), std::string("cannot be read: ") + failure.what(),
                "is it a file you may read, in a folder you may write (SQLite keeps its -shm file "
                "there)? Else copy it with its -wal to a folder of yours");
  }
}

ReadDatabase::ReadDatabase(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ReadDatabase::ReadDatabase(ReadDatabase&&) noexcept = default;
ReadDatabase& ReadDatabase::operator=(ReadDatabase&&) noexcept = default;
ReadDatabase::~ReadDatabase() = default;

Rows ReadDatabase::query(const std::string& sql, const std::vector<Value>& values) const {
  Rows rows;
  const auto read = [&] {
    rows = {};
    rows.columns = impl_->read(sql, values, [&](std::vector<std::optional<Value>>&& row) {
      rows.rows.push_back(std::move(row));
    });
  };
  if (impl_->in_one_state) {
    read();
  } else {
    in_one_state(read);
  }
  return rows;
}

void ReadDatabase::in_one_state(const std::function<void()>& read) const {
  assert(!impl_->in_one_state);
  try {
    if (!impl_->disturbed()) {
      impl_->read_in_one_state(read);
      if (!impl_->disturbed()) return;
    }
  } catch (const SQLite::Exception& failure) {
    if (!impl_->disturbed()) rethrow(failure, impl_->path);
  }
  try {
    impl_->open_anew();
    impl_->read_in_one_state(read);
  } catch (const SQLite::Exception& failure) {
    rethrow(failure, impl_->path);
  }
}

void ReadDatabase::each(const std::string& sql, const std::vector<Value>& values,
                        const TakeRow& take) const {
  assert(impl_->in_one_state);
  impl_->read(sql, values, take);
}

SQLite::Database& ReadDatabase::connection() const {
  assert(impl_->in_one_state);
  return impl_->database;
}

const std::filesystem::path& ReadDatabase::path() const { return impl_->path; }

}  // namespace firesweep
