// Databases saved by every older version (saved/vN.db, made by saved/make.sh) open, and come
// through the migrations whole.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "coordinator/store/migration.h"
#include "coordinator/store/store.h"
#include "tests/coordinator/store/sample.h"
#include "tests/places.h"

namespace firesweep {
namespace {

using Lines = std::vector<std::string>;

std::filesystem::path saved(int version) {
  return source_dir() / "tests/coordinator/store/saved" / ("v" + std::to_string(version) + ".db");
}

std::vector<int> saved_versions() {
  std::vector<int> versions;
  for (int version = 1; version <= newest_version(); ++version) {
    if (std::filesystem::exists(saved(version))) versions.push_back(version);
  }
  return versions;
}

// Where the columns of an older version's table are found now, where not in the table itself.
const std::map<std::string, std::string> kMoved = {
    {"trials", "trials LEFT JOIN trial_configs USING (trial_id)"}};

// Every row, its values as SQL writes them.
Lines rows(const SQLite::Database& database, const std::string& columns, const std::string& from) {
  Lines lines;
  SQLite::Statement statement(database, "SELECT " + columns + " FROM " + from);
  while (statement.executeStep()) {
    std::string line;
    for (int i = 0; i < statement.getColumnCount(); ++i) {
      const SQLite::Column column = statement.getColumn(i);
      line += (column.isNull() ? "NULL" : "'" + column.getString() + "'") + " ";
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

Lines sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

Lines schema(const SQLite::Database& database) {
  return sorted(rows(database, "type, name, sql", "sqlite_schema"));
}

// What migrations alone make: since version 6 the rest is derived, by whichever build opened it.
Lines migrated_schema(const SQLite::Database& database, int version) {
  constexpr int kFirstDerived = 6;
  if (version < kFirstDerived) return schema(database);
  return sorted(rows(database, "type, name, sql",
                     "sqlite_schema WHERE type <> 'view' AND tbl_name NOT IN"
                     " ('results', 'superseded_results')"));
}

// The columns of each table and view, generated ones too, as SQL lists them.
std::map<std::string, std::string> columns_of(const SQLite::Database& database, const char* type) {
  std::map<std::string, std::string> columns;
  SQLite::Statement names(database,
                          "SELECT s.name, group_concat('\"' || c.name || '\"', ', ')"
                          " FROM sqlite_schema AS s JOIN pragma_table_xinfo(s.name) AS c"
                          " WHERE s.type = ?1 GROUP BY s.name");
  names.bind(1, type);
  while (names.executeStep()) columns[names.getColumn(0)] = names.getColumn(1).getString();
  return columns;
}

// Those of the columns that are there: a hyperparameter that another has taken the place of has
// left its name.
std::string kept(const SQLite::Database& database, const std::string& columns,
                 const std::string& from) {
  const SQLite::Statement all(database, "SELECT * FROM " + from);
  std::set<std::string> there;
  for (int i = 0; i < all.getColumnCount(); ++i) {
    there.insert('"' + std::string(all.getColumnName(i)) + '"');
  }
  std::string left;
  std::istringstream names(columns);
  for (std::string name; std::getline(names >> std::ws, name, ',');) {
    if (there.contains(name)) left += (left.empty() ? "" : ", ") + name;
  }
  return left;
}

// But for what each migration draws by chance.
Lines whole_content(const SQLite::Database& database) {
  Lines lines = schema(database);
  for (const auto& [table, columns] : columns_of(database, "table")) {
    lines.push_back(table);
    const std::string shown = table == "generations" ? "number" : columns;
    for (std::string& line : sorted(rows(database, shown, table))) lines.push_back(line);
  }
  return lines;
}

int version_in(const SQLite::Database& database) {
  SQLite::Statement version(database, "PRAGMA user_version");
  version.executeStep();
  return version.getColumn(0);
}

class SavedDatabaseTest : public testing::Test {
 protected:
  void put(int version) {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      std::filesystem::remove_all(entry.path());
    }
    std::filesystem::copy_file(saved(version), file_);
  }
  std::filesystem::path backup(int version) const {
    return folder_ / ("sweeps.db.v" + std::to_string(version) + ".backup");
  }
  static SQLite::Database read(const std::filesystem::path& file) {
    return {file.string(), SQLite::OPEN_READWRITE};
  }

  sample::Folder folder_;
  std::filesystem::path file_ = folder_ / "sweeps.db";
};

TEST_F(SavedDatabaseTest, EveryMigrationHasASavedDatabaseOfTheVersionBeforeIt) {
  for (int version = 1; version < newest_version(); ++version) {
    EXPECT_TRUE(std::filesystem::exists(saved(version)))
        << saved(version)
        << " is missing: make it by saved/make.sh with the build before migration " << version + 1;
  }
}

TEST_F(SavedDatabaseTest, EachHoldsWhatAMigrationCouldLose) {
  for (const int version : saved_versions()) {
    SCOPED_TRACE(version);
    put(version);
    SQLite::Database database = read(file_);
    EXPECT_EQ(version_in(database), version);
    for (const char* state : {"COMPLETE", "FAIL", "CANCELLED", "RUNNING", "WAITING"}) {
      EXPECT_GT(
          database
              .execAndGet("SELECT count(*) FROM trials WHERE state = '" + std::string(state) + "'")
              .getInt(),
          0)
          << state;
    }
    EXPECT_GT(database.execAndGet("SELECT count(*) FROM trials WHERE newest_attempt = 0").getInt(),
              0);
    for (const auto& [table, columns] : columns_of(database, "table")) {
      // A mark is of copies alone.
      if (table == "backup_marks") continue;
      EXPECT_FALSE(rows(database, columns, table).empty()) << table << " is empty";
    }
    EXPECT_GT(database.execAndGet("SELECT count(DISTINCT board) FROM leaderboard").getInt(), 1);
  }
}

// A migration that was released stays as it is.
TEST_F(SavedDatabaseTest, EachHasTheSchemaThatTheMigrationsUpToItMake) {
  for (const int version : saved_versions()) {
    SCOPED_TRACE(version);
    SQLite::Database fresh(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    migrate(fresh, migrations().first(static_cast<std::size_t>(version)), ":memory:");
    put(version);
    EXPECT_EQ(migrated_schema(read(file_), version), migrated_schema(fresh, version));
  }
}

TEST_F(SavedDatabaseTest, OfEveryVersionOpensAndKeepsEveryRowAndTheLeaderboard) {
  for (const int version : saved_versions()) {
    SCOPED_TRACE(version);
    put(version);
    {
      const auto store = Store::open(file_);
      ASSERT_TRUE(store) << to_string(store.error());
      EXPECT_EQ(store->snapshot().sweeps.size(), version < 5 ? 3u : 7u);
    }
    const std::filesystem::path old_file =
        version < newest_version() ? backup(version) : saved(version);
    ASSERT_TRUE(std::filesystem::exists(old_file)) << "no backup was made";
    const std::filesystem::path copy = folder_ / "old.db";
    std::filesystem::copy_file(old_file, copy);
    const SQLite::Database old = read(copy);
    SQLite::Database now = read(file_);
    EXPECT_EQ(version_in(old), version);
    EXPECT_EQ(version_in(now), newest_version());
    EXPECT_EQ(now.execAndGet("PRAGMA integrity_check").getString(), "ok");
    EXPECT_TRUE(rows(now, "*", "pragma_foreign_key_check").empty());
    SQLite::Database fresh(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    bring_up_to_date(fresh, {});
    EXPECT_EQ(schema(now), schema(fresh));
    for (const auto& [table, columns] : columns_of(old, "table")) {
      const auto moved = kMoved.find(table);
      const std::string& place = moved == kMoved.end() ? table : moved->second;
      const std::string left = kept(now, columns, place);
      EXPECT_EQ(sorted(rows(now, left, place)), sorted(rows(old, left, table))) << table;
    }
    for (const auto& [view, columns] : columns_of(old, "view")) {
      const std::string left = kept(now, columns, view);
      EXPECT_EQ(rows(now, left, view), rows(old, left, view)) << view;
    }
  }
}

int statements_left = 0;

int die_at_statement(unsigned, void*, void*, void*) {
  if (--statements_left == 0) ::kill(::getpid(), SIGKILL);
  return 0;
}

int watch_statements(sqlite3* handle, const char**, const sqlite3_api_routines*) {
  return sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, &die_at_statement, nullptr);
}

// Opens the file in a process that is killed just before its statement number `strike`. False where
// it had fewer.
bool open_and_die(const std::filesystem::path& file, int strike) {
  const pid_t child = ::fork();
  if (child == 0) {
    statements_left = strike;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch_statements));
    ::_exit(Store::open(file) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return true;
  EXPECT_EQ(WEXITSTATUS(status), 0) << "the store did not open";
  return false;
}

class Migrations : public SavedDatabaseTest, public ::testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(FromVersion, Migrations, ::testing::Range(1, newest_version()));

TEST_P(Migrations, CrashBetweenAnyTwoStatementsLeavesAWholeVersionAndTheNextOpenCompletes) {
  const int version = GetParam();
  put(version);
  const Lines old = whole_content(read(file_));
  ASSERT_TRUE(Store::open(file_));
  const Lines migrated = whole_content(read(file_));
  int left_old = 0;
  int left_new = 0;
  for (int strike = 1;; ++strike) {
    SCOPED_TRACE("killed before statement " + std::to_string(strike));
    put(version);
    if (!open_and_die(file_, strike)) break;
    const int found = version_in(read(file_));
    if (found == version) {
      ++left_old;
      EXPECT_EQ(whole_content(read(file_)), old);
    } else if (found == newest_version()) {
      ++left_new;
      EXPECT_EQ(whole_content(read(file_)), migrated);
    }
    if (found > version) {
      EXPECT_EQ(whole_content(read(backup(version))), old);
    }
    const auto store = Store::open(file_);
    ASSERT_TRUE(store) << to_string(store.error());
    EXPECT_EQ(whole_content(read(file_)), migrated);
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GE(left_old, 10) << "the strikes missed the migration";
  EXPECT_GE(left_new, 1);
}

}  // namespace
}  // namespace firesweep
