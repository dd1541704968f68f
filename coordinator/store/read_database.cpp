#include "coordinator/store/read_database.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <utility>
#include <variant>

#include "coordinator/store/migration.h"
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

// A migrated copy that goes with its connection; SQLite keeps it in memory as far as there is room.
SQLite::Database migrated_copy(SQLite::Database& older) {
  SQLite::Database copy("", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
  {
    SQLite::Backup backup(copy, older);
    if (const int outcome = backup.executeStep(); outcome != SQLITE_DONE) {
      throw SQLite::Exception("the copy to migrate failed", outcome);
    }
  }
  bring_up_to_date(copy, {});
  return copy;
}

}  // namespace

struct ReadDatabase::Impl {
  SQLite::Database database;
};

Result<ReadDatabase> ReadDatabase::open(const std::filesystem::path& path) {
  std::error_code status;
  if (!std::filesystem::exists(path, status)) {
    return fail(ErrorCode::kNotFound, path.string(), "no such file; expected a firesweep database",
                "`firesweep run` and `serve` make one; --db FILE names another");
  }
  try {
    SQLite::Database database(path.string(), SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX,
                              kBusyTimeoutMs);
    const auto version = version_of(database, path, newest_version());
    if (!version) return tl::unexpected(version.error());
    if (*version == 0) {
      return fail(ErrorCode::kBadInput, path.string(), "is empty; expected a firesweep database",
                  "`firesweep run` and `serve` fill one");
    }
    if (*version < newest_version()) {
      database = migrated_copy(database);
    } else {
      make_temporary_views(database);
    }
    database.exec("PRAGMA query_only = ON");
    return ReadDatabase(std::unique_ptr<Impl>(new Impl{std::move(database)}));
  } catch (const SQLite::Exception& failure) {
    return fail(
        ErrorCode::kIo, path.string(), std::string("cannot be read: ") + failure.what(),
        "is it a file you may read, in a folder you may write (SQLite keeps its -shm file there)?");
  }
}

ReadDatabase::ReadDatabase(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ReadDatabase::ReadDatabase(ReadDatabase&&) noexcept = default;
ReadDatabase& ReadDatabase::operator=(ReadDatabase&&) noexcept = default;
ReadDatabase::~ReadDatabase() = default;

Rows ReadDatabase::query(const std::string& sql, const std::vector<Value>& values) const {
  SQLite::Statement statement(impl_->database, sql);
  for (std::size_t i = 0; i < values.size(); ++i)
    bind_one(statement, static_cast<int>(i) + 1, values[i]);
  Rows result;
  const int width = statement.getColumnCount();
  for (int i = 0; i < width; ++i) result.columns.emplace_back(statement.getColumnName(i));
  while (statement.executeStep()) {
    auto& row = result.rows.emplace_back();
    row.reserve(static_cast<std::size_t>(width));
    for (int i = 0; i < width; ++i) row.push_back(read_one(statement.getColumn(i)));
  }
  return result;
}

}  // namespace firesweep
