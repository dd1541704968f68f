#include "coordinator/store/migration.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>

#include "coordinator/store/read_database.h"
#include "coordinator/store/store.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class MigrationTest : public testing::Test {
 protected:
  SQLite::Database database() {
    return {file_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
  }
  std::string refused() {
    const auto store = Store::open(file_);
    if (store) return "accepted";
    EXPECT_EQ(store.error().code, ErrorCode::kBadInput);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "sweeps.db.lock"))
        << "on error nothing is changed";
    return to_string(store.error());
  }

  sample::Folder folder_;
  std::filesystem::path file_ = folder_ / "sweeps.db";
};

TEST_F(MigrationTest, FreshFileHasTheNewestVersionAndOurMark) {
  Store::open(file_)->publish_address("");  // one that is served stays
  SQLite::Database read = database();
  EXPECT_EQ(read.execAndGet("PRAGMA user_version").getInt(), newest_version());
  EXPECT_EQ(read.execAndGet("PRAGMA application_id").getInt(), kApplicationId);
  EXPECT_EQ(read.execAndGet("PRAGMA integrity_check").getString(), "ok");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "sweeps.db.v0.backup"))
      << "there was nothing to keep";
}

TEST_F(MigrationTest, VersionsAreNumberedWithoutAGap) {
  int expected = 1;
  for (const Migration& migration : migrations()) EXPECT_EQ(migration.version, expected++);
}

TEST_F(MigrationTest, OpeningAgainChangesNothing) {
  {
    auto store = Store::open(file_);
    store->commit(std::vector<Record>{sample::sweep_added(SweepId{1})});
  }
  const auto again = Store::open(file_);
  ASSERT_EQ(again->snapshot().sweeps.size(), 1u);
  EXPECT_EQ(again->snapshot().sweeps[0].sweep, SweepId{1});
}

TEST_F(MigrationTest, NewerDatabaseIsRefusedUntouched) {
  Store::open(file_)->publish_address("");  // one that is served stays
  database().exec("PRAGMA user_version = 99");
  const std::string before = content(file_);
  EXPECT_NE(refused().find("schema version 99"), std::string::npos);
  EXPECT_EQ(content(file_), before);
  EXPECT_EQ(ReadDatabase::open(file_).error().code, ErrorCode::kBadInput);
}

TEST_F(MigrationTest, AnotherProgramsDatabaseIsRefusedUntouched) {
  database().exec("CREATE TABLE notes (text)");
  const std::string before = content(file_);
  EXPECT_NE(refused().find("not one of firesweep"), std::string::npos);
  EXPECT_EQ(content(file_), before);
  EXPECT_EQ(ReadDatabase::open(file_).error().code, ErrorCode::kBadInput);
}

TEST_F(MigrationTest, FileThatIsNoDatabaseIsRefusedUntouched) {
  const std::string text(5000, 'x');
  std::ofstream(file_) << text;
  EXPECT_NE(refused().find("not a SQLite database"), std::string::npos);
  EXPECT_EQ(content(file_), text);
  EXPECT_NE(to_string(ReadDatabase::open(file_).error()).find("not a SQLite database"),
            std::string::npos);
}

TEST_F(MigrationTest, MissingFileIsNotMadeByAReader) {
  EXPECT_EQ(ReadDatabase::open(file_).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

constexpr std::array<Migration, 1> kVersion1 = {
    {{1, "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (5);"}}};
constexpr std::array<Migration, 2> kVersion2 = {
    {kVersion1[0], {2, "ALTER TABLE a ADD COLUMN y INTEGER;"}}};
constexpr std::array<Migration, 3> kBroken3 = {
    {kVersion2[0], kVersion2[1], {3, "ALTER TABLE a ADD COLUMN z INTEGER; DELETE FROM nowhere;"}}};

TEST_F(MigrationTest, OlderDatabaseIsMigratedAfterABackup) {
  SQLite::Database old = database();
  migrate(old, kVersion1, file_);
  migrate(old, kVersion2, file_);
  EXPECT_EQ(old.execAndGet("PRAGMA user_version").getInt(), 2);
  EXPECT_EQ(old.execAndGet("SELECT x FROM a WHERE y IS NULL").getInt(), 5);
  const SQLite::Database backup((folder_ / "sweeps.db.v1.backup").string());
  SQLite::Statement columns(backup, "SELECT count(*) FROM pragma_table_info('a')");
  ASSERT_TRUE(columns.executeStep());
  EXPECT_EQ(columns.getColumn(0).getInt(), 1);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "sweeps.db.v1.backup.tmp"));
}

TEST_F(MigrationTest, FailingMigrationLeavesTheVersionBeforeIt) {
  SQLite::Database old = database();
  migrate(old, kVersion1, file_);
  EXPECT_THROW(migrate(old, kBroken3, file_), SQLite::Exception);
  EXPECT_EQ(old.execAndGet("PRAGMA user_version").getInt(), 2);
  EXPECT_EQ(old.execAndGet("SELECT count(*) FROM pragma_table_info('a')").getInt(), 2);
}

}  // namespace
}  // namespace firesweep
