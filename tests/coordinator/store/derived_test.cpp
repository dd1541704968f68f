// What follows from this build's tables is made anew where another build made it, and is there for
// readers of a file that nobody has opened for writing since.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "coordinator/store/read_database.h"
#include "coordinator/store/store.h"
#include "shared/domain/fields.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class DerivedTest : public testing::Test {
 protected:
  // A file with one finished trial, as a build left it that knew one result less and other views.
  DerivedTest() {
    {
      auto store = Store::open(file_);
      store->commit(std::vector<Record>{sample::sweep_added(SweepId{1})});
      sample::commit_all(*store, {{.trial = make_trial_id(SweepId{1}, 0), .val = 0.5}});
    }
    SQLite::Database other = database();
    for (const char* view :
         {"pareto_front", "leaderboard_points", "leaderboard", "scored", "finished"}) {
      other.exec("DROP VIEW " + std::string(view));
    }
    other.exec("CREATE VIEW leaderboard AS SELECT trial_id AS old FROM results");
    other.exec("CREATE VIEW mine AS SELECT 5 AS five");
    other.exec("ALTER TABLE results DROP COLUMN amp");
    // As sqlite3_close leaves it: in the file itself.
    other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  SQLite::Database database() const { return {file_.string(), SQLite::OPEN_READWRITE}; }
  std::string one(const std::string& sql) const {
    const Rows rows = ReadDatabase::open(file_)->query(sql);
    return rows.rows.at(0).at(0) ? to_string(*rows.rows[0][0]) : "NULL";
  }

  sample::Folder folder_;
  std::filesystem::path file_ = folder_ / "sweeps.db";
};

TEST_F(DerivedTest, AFileOpenedForWritingGetsWhatThisBuildDerives) {
  {
    const auto store = Store::open(file_);
  }
  SQLite::Database now = database();
  EXPECT_EQ(now.execAndGet("SELECT trial FROM leaderboard").getString(), "1/0");
  EXPECT_EQ(now.execAndGet("SELECT count(*) FROM unranked").getInt(), 0);
  EXPECT_TRUE(now.execAndGet("SELECT amp FROM results").isNull()) << "it was not recorded";
  EXPECT_TRUE(now.execAndGet("SELECT amp_used FROM leaderboard").isNull());
  EXPECT_EQ(now.execAndGet("SELECT five FROM mine").getInt(), 5) << "the user's own stays";
  EXPECT_EQ(now.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

TEST_F(DerivedTest, AFileThatIsOnlyReadIsReadAsThisBuildWouldHaveIt) {
  const std::string before = content(file_);
  EXPECT_EQ(one("SELECT trial FROM leaderboard"), "1/0");
  EXPECT_EQ(one("SELECT amp_used FROM leaderboard"), "NULL");
  EXPECT_EQ(one("SELECT five FROM mine"), "5");
  EXPECT_EQ(content(file_), before);
}

TEST_F(DerivedTest, NothingIsWrittenWhereAllIsAsItShouldBe) {
  {
    const auto store = Store::open(file_);
  }
  const std::int64_t before = database().execAndGet("PRAGMA schema_version").getInt64();
  {
    const auto store = Store::open(file_);
  }
  EXPECT_EQ(database().execAndGet("PRAGMA schema_version").getInt64(), before);
}

TEST_F(DerivedTest, AReaderCannotWrite) {
  const auto reader = ReadDatabase::open(file_);
  EXPECT_THROW(reader->query("DELETE FROM results RETURNING trial_id"), SQLite::Exception);
  EXPECT_THROW(reader->query("CREATE TEMP TABLE t (x)"), SQLite::Exception);
}

// The columns of a hyperparameter that older trials lacked.
TEST_F(DerivedTest, OlderTrialsShowWhatWasDoneThen) {
  SQLite::Database file = database();
  file.exec("UPDATE configs SET config = json_remove(config, '$.grad_clip')");
  file.exec("UPDATE configs SET config = json_set(config, '$.flip_tta', json('true'))");
  std::vector<Field> table(fields().begin(), fields().end());
  std::vector<std::string_view> first;
  for (Field& field : table) {
    if (field.name == "grad_clip") {
      field.since = 2;
      field.before = 0.5;
      continue;
    }
    first.push_back(field.name == "tta" ? field.former.name : field.name);
  }
  const OtherFields newer(std::move(table), first);
  EXPECT_EQ(one("SELECT grad_clip FROM trial_configs"), "0.5");
  EXPECT_EQ(one("SELECT grad_clip FROM leaderboard"), "0.5");
  EXPECT_EQ(one("SELECT tta FROM leaderboard"), "flip") << "of a build that had both";
  file.exec("UPDATE configs SET config = json_remove(config, '$.tta')");
  EXPECT_EQ(one("SELECT tta FROM leaderboard"), "flip");
  EXPECT_EQ(one("SELECT tta FROM leaderboard_points"), "flip");
}

}  // namespace
}  // namespace firesweep
