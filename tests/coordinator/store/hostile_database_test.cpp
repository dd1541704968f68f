// Databases that somebody else has made: each is refused with a reason or read as the rows say,
// soon and with little memory, and nothing in it runs.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "coordinator/store/check_database.h"
#include "coordinator/store/read_database.h"
#include "coordinator/store/store.h"
#include "tests/bounded.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class HostileDatabase : public ::testing::Test {
 protected:
  HostileDatabase() { make(3); }

  void make(int trials) {
    fs::remove(file_);
    auto store = Store::open(file_);
    std::vector<sample::Finished> finished;
    for (int i = 0; i < trials; ++i) finished.push_back({make_trial_id(SweepId{1}, i)});
    store->commit(std::vector<Record>{sample::sweep_added(SweepId{1}, sample::frozen(), trials)});
    sample::commit_all(*store, finished);
  }

  // What its owner does to it, with every freedom that SQLite gives.
  void tamper(const std::string& sql) {
    SQLite::Database database(file_.string(), SQLite::OPEN_READWRITE);
    sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
    database.exec("PRAGMA journal_mode = DELETE");
    database.exec(sql);
  }

  std::string reading() const {
    return testing::bounded([&]() -> std::string {
      const auto opened = ReadDatabase::open(file_);
      if (!opened) return to_string(opened.error());
      try {
        const auto rows = opened->query("SELECT count(*) FROM trials WHERE number >= 0").rows;
        return "read " + std::to_string(whole_of(rows[0][0])) + " trials";
      } catch (const DatabaseDamaged& damaged) {
        return to_string(damaged.error());
      }
    });
  }

  std::string owning() const {
    return testing::bounded([&]() -> std::string {
      const auto store = Store::open(file_);
      if (!store) return to_string(store.error());
      try {
        return "owned " + std::to_string(store->snapshot().sweeps.size()) + " sweeps";
      } catch (const DatabaseDamaged& damaged) {
        return to_string(damaged.error());
      }
    });
  }

  // By everybody, with the part in the message; the file stays as it is.
  void refused(const std::string& part) {
    const std::string before = bytes_of(file_);
    for (const std::string& said : {reading(), owning()}) {
      EXPECT_NE(said.find(part), std::string::npos) << "\"" << part << "\" missing in: " << said;
      EXPECT_NE(said.find(file_.string()), std::string::npos) << said;
    }
    EXPECT_TRUE(bytes_of(file_) == before) << "a refused file was changed";
  }

  sample::Folder folder_;
  fs::path file_ = folder_ / "sweeps.db";
};

TEST_F(HostileDatabase, AnHonestOneIsReadWithinTheSameLimits) {
  EXPECT_EQ(reading(), "read 3 trials");
  EXPECT_EQ(owning(), "owned 1 sweeps");
}

TEST_F(HostileDatabase, ATriggerIsRefused) {
  tamper(
      "CREATE TRIGGER helpful AFTER INSERT ON epochs BEGIN UPDATE results SET val_accuracy = 1; "
      "END");
  refused("holds the trigger \"helpful\", expected none");
}

TEST_F(HostileDatabase, AVirtualTableIsRefused) {
  tamper("CREATE VIRTUAL TABLE search USING fts5(text)");
  refused("holds the table \"search\", expected none");
}

TEST_F(HostileDatabase, ATableOfAnotherShapeIsRefused) {
  tamper(
      "DROP TABLE epochs; CREATE TABLE epochs (trial_id INTEGER, epoch INTEGER, more TEXT "
      "GENERATED ALWAYS AS (hex(zeroblob(1000000))) VIRTUAL)");
  refused("has a table epochs other than firesweep's");
}

TEST_F(HostileDatabase, ACheckThatWasPutIntoATableIsRefused) {
  tamper(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'worker TEXT NOT "
      "NULL', 'worker TEXT NOT NULL CHECK (length(hex(randomblob(100000000))) > 0)') WHERE name = "
      "'attempts'; PRAGMA writable_schema = OFF");
  refused("has a table attempts other than firesweep's");
}

TEST_F(HostileDatabase, AColumnOfResultsThatComputesIsRefused) {
  tamper("ALTER TABLE results ADD COLUMN gain REAL GENERATED ALWAYS AS (1 + 1) VIRTUAL");
  refused("has a table results other than firesweep's");
}

TEST_F(HostileDatabase, AViewInThePlaceOfATableIsRefused) {
  tamper(
      "DROP TABLE epochs; CREATE VIEW epochs AS WITH RECURSIVE n(trial_id) AS (SELECT 1 UNION ALL "
      "SELECT trial_id + 1 FROM n) SELECT * FROM n");
  refused("has no table epochs");
}

TEST_F(HostileDatabase, AnIndexThatComputesIsRefused) {
  tamper("CREATE INDEX slow ON trials (hex(trial_id))");
  refused("holds the index \"slow\"");
  tamper("DROP INDEX slow; CREATE INDEX some ON trials (state) WHERE hex(trial_id) > ''");
  refused("holds the index \"some\"");
}

TEST_F(HostileDatabase, ATableThatTakesThePlaceOfOneOfSqlitesIsRefused) {
  tamper("CREATE TABLE json_each (key, value, type)");
  refused("holds the table \"json_each\", expected none");
}

// SQLite itself finds that the statement is not what the column beside it says.
TEST_F(HostileDatabase, ATriggerThatCallsItselfAViewIsRefused) {
  tamper("CREATE TRIGGER hidden AFTER INSERT ON epochs BEGIN SELECT 1; END");
  tamper(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET type = 'view' WHERE name = 'hidden'");
  refused("malformed database schema (hidden)");
}

TEST_F(HostileDatabase, AMissingTableIsRefused) {
  tamper("DROP TABLE epochs");
  refused("has no table epochs");
}

// What is the user's own: no query of ours reads it.
TEST_F(HostileDatabase, TablesViewsAndPlainIndexesOfTheUsersOwnAreLetBe) {
  tamper(
      "CREATE TABLE notes (trial INTEGER, text TEXT); CREATE INDEX notes_by_trial ON notes "
      "(trial DESC); CREATE INDEX by_state ON trials (state, sweep_id); CREATE VIEW endless AS "
      "WITH "
      "RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT * FROM n; ANALYZE");
  EXPECT_EQ(reading(), "read 3 trials");
  EXPECT_EQ(owning(), "owned 1 sweeps");
}

TEST_F(HostileDatabase, AViewOfOurNameIsNotTheOneThatIsRead) {
  tamper(
      "DROP VIEW leaderboard; CREATE VIEW leaderboard AS WITH RECURSIVE n(rank) AS (SELECT 1 UNION "
      "ALL SELECT rank + 1 FROM n) SELECT * FROM n");
  const auto opened = ReadDatabase::open(file_);
  ASSERT_TRUE(opened) << to_string(opened.error());
  EXPECT_EQ(opened->query("SELECT * FROM leaderboard").rows.size(), 3u);
}

TEST_F(HostileDatabase, AValueOfAnotherTypeThanItsColumnIsNamed) {
  tamper(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') "
      "WHERE name = 'trials'");
  tamper("UPDATE trials SET restarts = 'many'");
  tamper(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = sql || ' STRICT' WHERE name = "
      "'trials'");
  const auto opened = ReadDatabase::open(file_);
  ASSERT_TRUE(opened) << to_string(opened.error());
  const auto rows = opened->query("SELECT restarts FROM trials").rows;
  EXPECT_THROW(whole_of(rows[0][0]), CellOfOtherType);
}

// ---- pages that refer to each other ----

// The file of a database, page by page.
class Pages {
 public:
  explicit Pages(fs::path path) : path_(std::move(path)), bytes_(bytes_of(path_)) {
    size_ = number(16, 2) == 1 ? 65536 : number(16, 2);
  }
  ~Pages() { std::ofstream(path_, std::ios::binary) << bytes_; }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  // The interior pages of the table b-tree that lie one above its leaves.
  std::vector<std::size_t> lowest_interiors(std::size_t root) const {
    std::vector<std::size_t> found;
    for (std::size_t child : children(root)) {
      if (kind(child) != kInterior) return {root};
      for (const std::size_t below : lowest_interiors(child)) found.push_back(below);
    }
    return found;
  }

  // Makes each child of a page that one.
  void set_children(std::size_t page, std::size_t child) {
    for (const std::size_t place : pointers(page)) {
      for (std::size_t i = 0; i < 4; ++i)
        bytes_[place + i] = static_cast<char>(child >> (24 - 8 * i) & 0xFF);
    }
  }

 private:
  static constexpr std::size_t kInterior = 5;
  static constexpr std::size_t kHeaderBytes = 12;  // of an interior page

  std::size_t number(std::size_t place, std::size_t count) const {
    std::size_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes_.at(place + i));
    return value;
  }
  std::size_t start(std::size_t page) const { return (page - 1) * size_ + (page == 1 ? 100 : 0); }
  std::size_t kind(std::size_t page) const { return number(start(page), 1); }
  std::vector<std::size_t> pointers(std::size_t page) const {
    const std::size_t at = start(page);
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < number(at + 3, 2); ++i)
      places.push_back((page - 1) * size_ + number(at + kHeaderBytes + 2 * i, 2));
    places.push_back(at + 8);
    return places;
  }
  std::vector<std::size_t> children(std::size_t page) const {
    std::vector<std::size_t> found;
    for (const std::size_t place : pointers(page)) found.push_back(number(place, 4));
    return found;
  }

  fs::path path_;
  std::string bytes_;
  std::size_t size_ = 0;
};

// A tree whose pages have each other for children: a file of a megabyte with more rows than anybody
// could count.
TEST_F(HostileDatabase, ATreeThatLooksEndlessIsGivenUp) {
  make(600);
  tamper("UPDATE trials SET message = hex(zeroblob(150)); PRAGMA page_size = 512; VACUUM");
  std::size_t root = 0;
  {
    SQLite::Database database(file_.string());
    root = static_cast<std::size_t>(
        database.execAndGet("SELECT rootpage FROM sqlite_schema WHERE name = 'trials'").getInt());
  }
  {
    Pages pages(file_);
    const auto interiors = pages.lowest_interiors(root);
    ASSERT_GT(interiors.size(), 8u);
    for (std::size_t i = 0; i + 1 < 9; ++i) pages.set_children(interiors[i], interiors[i + 1]);
  }
  refused("more steps than a whole file of its size can need");
  const std::string checked = testing::bounded([&]() -> std::string {
    const auto found = check_database(file_);
    return found ? "whole" : to_string(found.error());
  });
  EXPECT_NE(checked.find("is damaged"), std::string::npos) << checked;
}

// ---- links ----

TEST_F(HostileDatabase, ALockFileThatIsALinkIsRefusedAndItsTargetStays) {
  const fs::path precious = folder_ / "precious";
  std::ofstream(precious) << "keep me";
  fs::create_symlink(precious, file_.string() + ".lock");
  const auto store = Store::open(file_);
  ASSERT_FALSE(store);
  EXPECT_NE(to_string(store.error()).find("sweeps.db.lock: is a link"), std::string::npos)
      << to_string(store.error());
  EXPECT_EQ(bytes_of(precious), "keep me");
}

TEST_F(HostileDatabase, ALogThatIsALinkIsRefusedAndItsTargetStays) {
  const fs::path precious = folder_ / "precious";
  std::ofstream(precious) << "keep me";
  fs::create_symlink(precious, file_.string() + "-wal");
  EXPECT_FALSE(Store::open(file_));
  EXPECT_EQ(bytes_of(precious), "keep me");
}

}  // namespace
}  // namespace firesweep
