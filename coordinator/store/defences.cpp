#include "coordinator/store/defences.h"

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coordinator/store/migration.h"
#include "coordinator/store/restore_hint.h"

namespace firesweep {
namespace {

constexpr int kMostTextBytes = 64 << 20;  // specs and architectures are at most 1 MiB
constexpr int kMostSqlBytes = 1 << 20;
constexpr int kMostProgramSteps = 250'000;  // of one statement's program; the longest has 10,000

// The longest report over the databases in docs/results takes 0.3 steps per byte.
constexpr std::int64_t kStepsACall = 10'000;
constexpr std::int64_t kStepsAtLeast = 5'000'000;
constexpr std::int64_t kStepsAByte = 10;

constexpr std::size_t kMostKept = 64;  // statements of grown tables

constexpr const char* kHint =
    "firesweep makes no such thing; open the file only if you trust whoever made it, or export its "
    "rows with the sqlite3 shell";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Statements are compared without blanks, quotes and capitals: SQLite writes them anew when a table
// is renamed.
std::string plain(std::string_view sql) {
  std::string text;
  for (const char c : sql) {
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t' && c != '"') text += lower(c);
  }
  return text;
}

// Statements by "type name".
using Schema = std::map<std::string, std::string>;

Schema made_by_migrations(int version) {
  SQLite::Database fresh(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  migrate(fresh, migrations().first(static_cast<std::size_t>(version)), {});
  Schema schema;
  SQLite::Statement rows(fresh,
                         "SELECT type || ' ' || name, sql FROM sqlite_schema"
                         " WHERE type IN ('table', 'index') AND sql IS NOT NULL");
  while (rows.executeStep()) schema[rows.getColumn(0).getString()] = rows.getColumn(1).getString();
  return schema;
}

const Schema& schema_of(int version) {
  thread_local std::map<int, Schema> known;
  const auto found = known.find(version);
  return found != known.end() ? found->second
                              : known.emplace(version, made_by_migrations(version)).first->second;
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_type(std::string_view text) {
  constexpr std::string_view kTypes[] = {"int", "integer", "real", "text", "blob", "any"};
  const std::string known = plain(text);
  return std::find(std::begin(kTypes), std::end(kTypes), known) != std::end(kTypes);
}

using Columns = std::vector<std::pair<std::string, std::string>>;  // name and type

Columns columns_of(SQLite::Database& database, const std::string& table) {
  Columns columns;
  SQLite::Statement rows(database, "SELECT name, type FROM pragma_table_xinfo(?1)");
  rows.bind(1, table);
  while (rows.executeStep())
    columns.emplace_back(rows.getColumn(0).getString(), rows.getColumn(1).getString());
  return columns;
}

bool has(const Columns& columns, const std::string& name) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const auto& column) { return column.first == name; });
}

// Whether a build or the user may have made the statement of the file's table out of the one that
// the migrations made, by adding plain columns, or, of results (views.h), by leaving some out.
bool is_grown(SQLite::Database& database, const std::string& table, const std::string& sql,
              const std::string& original) {
  SQLite::Database fresh(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  fresh.exec(original);
  const Columns before = columns_of(fresh, table), now = columns_of(database, table);
  const bool may_shrink = table == "results" || table == "superseded_results";
  try {
    for (const auto& [name, type] : before) {
      if (!has(now, name) && may_shrink)
        fresh.exec("ALTER TABLE " + table + " DROP COLUMN \"" + name + '"');
    }
    for (const auto& [name, type] : now) {
      if (has(before, name)) continue;
      if (!is_word(name) || !is_type(type)) return false;
      fresh.exec("ALTER TABLE " + table + " ADD COLUMN \"" + name + "\" " + type);
    }
  } catch (const SQLite::Exception&) {
    return false;  // no such column can be added or left out
  }
  SQLite::Statement made(fresh, "SELECT sql FROM sqlite_schema WHERE name = ?1");
  made.bind(1, table);
  return made.executeStep() && plain(made.getColumn(0).getString()) == plain(sql);
}

// SQLite goes by the statement, whatever the columns beside it say. Its own words for what may
// stand in a file of ours; "CREATE TRIGGER" and "CREATE VIRTUAL TABLE" are not among them.
bool is_statement_of(const std::string& type, const std::string& sql) {
  const auto begins = [&](std::string_view words) { return sql.starts_with(words); };
  if (type == "table") return begins("CREATE TABLE ");
  if (type == "view") return begins("CREATE VIEW ");
  // One that SQLite makes for a key has no statement.
  return type == "index" &&
         (sql.empty() || begins("CREATE INDEX ") || begins("CREATE UNIQUE INDEX "));
}

// An index of columns alone: one with an expression or a condition computes something at each row
// that is written.
bool is_plain_index(const std::string& sql) {
  const std::string text = plain(sql);
  const auto list = text.find('(');
  if (text.empty()) return true;
  if (list == std::string::npos || text.back() != ')') return false;
  return std::all_of(
      text.begin() + static_cast<std::ptrdiff_t>(list) + 1, text.end() - 1, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == ',';
      });
}

// Names of tables that SQLite offers by itself and that queries of this room use: one in the file
// would take their place.
bool hides_a_function(const std::string& name) {
  return sqlite3_strnicmp(name.c_str(), "pragma_", 7) == 0 ||
         sqlite3_strnicmp(name.c_str(), "json_", 5) == 0;
}

// The number that a pragma tells.
std::int64_t answer(sqlite3* handle, const char* pragma) {
  sqlite3_stmt* statement = nullptr;
  int outcome = sqlite3_prepare_v2(handle, pragma, -1, &statement, nullptr);
  if (outcome == SQLITE_OK) outcome = sqlite3_step(statement);
  const std::int64_t number = outcome == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
  sqlite3_finalize(statement);
  if (outcome != SQLITE_ROW) throw SQLite::Exception(handle, outcome);
  return number;
}

class SchemaCheck {
 public:
  SchemaCheck(SQLite::Database& database, const std::filesystem::path& path, int version)
      : database_(database),
        path_(path),
        version_(version),
        expected_(schema_of(version)),
        missing_(expected_) {}

  Result<void> run() {
    struct Entry {
      std::string type, name, sql;
    };
    std::vector<Entry> entries;
    SQLite::Statement rows(database_,
                           "SELECT coalesce(type, ''), coalesce(name, ''), coalesce(sql, '')"
                           " FROM sqlite_schema");
    while (rows.executeStep()) {
      entries.push_back({rows.getColumn(0).getString(), rows.getColumn(1).getString(),
                         rows.getColumn(2).getString()});
    }
    for (const Entry& entry : entries) {
      if (!is_statement_of(entry.type, entry.sql) || hides_a_function(entry.name)) {
        return refuse("holds the " + entry.type + " \"" + entry.name + "\", expected none");
      }
    }
    for (const Entry& entry : entries) {
      if (auto checked = one(entry.type, entry.name, entry.sql); !checked) return checked;
    }
    if (missing_.empty()) return {};
    return fail(ErrorCode::kBadInput, path_.string(),
                "has no " + missing_.begin()->first + ", expected the tables of firesweep",
                kRestoreHint);
  }

 private:
  tl::unexpected<Error> refuse(const std::string& what) const {
    return fail(ErrorCode::kBadInput, path_.string(), what, kHint);
  }

  Result<void> one(const std::string& type, const std::string& name, const std::string& sql) {
    const std::string what = type + " " + name;
    const auto known = expected_.find(what);
    if (known != expected_.end()) return ours(what, name, sql, known->second);
    if (type == "index" && !is_plain_index(sql)) {
      return refuse("holds the index \"" + name + "\", which computes something, expected none");
    }
    return {};
  }

  Result<void> ours(const std::string& what, const std::string& name, const std::string& sql,
                    const std::string& expected) {
    missing_.erase(what);
    const std::string text = plain(sql);
    if (text == plain(expected)) return {};
    // What this thread has found good already: to grow a table takes a while.
    thread_local std::set<std::string> grown;
    const std::string key = what + " of version " + std::to_string(version_) + ": " + text;
    if (grown.contains(key)) return {};
    if (is_grown(database_, name, sql, expected)) {
      if (grown.size() < kMostKept) grown.insert(key);
      return {};
    }
    return refuse("has a " + what + " other than firesweep's");
  }

  SQLite::Database& database_;
  const std::filesystem::path& path_;
  int version_;
  const Schema& expected_;
  Schema missing_;
};

}  // namespace

void defend(SQLite::Database& database) {
  sqlite3* const handle = database.getHandle();
  constexpr std::pair<int, int> kSwitches[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                               {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                                               {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0}};
  for (const auto& [option, value] : kSwitches) {
    const int outcome = sqlite3_db_config(handle, option, value, nullptr);
    if (outcome != SQLITE_OK) throw SQLite::Exception(handle, outcome);
  }
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kMostTextBytes);
  sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, kMostSqlBytes);
  sqlite3_limit(handle, SQLITE_LIMIT_VDBE_OP, kMostProgramSteps);
  database.exec("PRAGMA cell_size_check = ON");
}

Result<void> check_schema(SQLite::Database& database, const std::filesystem::path& path,
                          int version) {
  return SchemaCheck(database, path, version).run();
}

StepBudget::StepBudget(SQLite::Database& database)
    : handle_(database.getHandle()), left_(kStepsAtLeast / kStepsACall) {
  sqlite3_progress_handler(handle_, static_cast<int>(kStepsACall), &StepBudget::on_progress, this);
}

StepBudget::~StepBudget() { sqlite3_progress_handler(handle_, 0, nullptr, nullptr); }

void StepBudget::renew() {
  left_ = kStepsAtLeast / kStepsACall;
  const std::int64_t bytes =
      answer(handle_, "PRAGMA page_count") * answer(handle_, "PRAGMA page_size");
  left_ += bytes * kStepsAByte / kStepsACall;
}

int StepBudget::on_progress(void* self) {
  return --static_cast<StepBudget*>(self)->left_ < 0 ? 1 : 0;
}

}  // namespace firesweep
