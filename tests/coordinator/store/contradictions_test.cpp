// HandEditedRows in the database: what another program deleted or changed is found when the file is
// opened, never by a run that cannot end or a finished sweep with rows missing.
#include "coordinator/store/contradictions.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <string>

#include "coordinator/store/check_database.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

const SweepId kSweep{1};

class HandEditedRows : public testing::Test {
 protected:
  HandEditedRows() {
    Store store = *Store::open(file_);
    store.commit(std::vector<Record>{sample::sweep_added(kSweep)});
    sample::commit_all(store, {{.trial = make_trial_id(kSweep, 0), .val = 0.4},
                               {.trial = make_trial_id(kSweep, 1), .val = 0.5}});
    const TrialKey running{make_trial_id(kSweep, 2), AttemptNo{1}};
    store.commit(std::vector<Record>{
        sample::opened(running), record::AttemptStarted{running, 0, false, sample::kNow},
        record::TrialChanged{running.trial, Running{AttemptNo{1}}, 0, 0, "", sample::kNow}});
  }

  // As sqlite3 does it: foreign keys are off.
  void by_hand(const std::string& sql) {
    SQLite::Database database(file_.string(), SQLite::OPEN_READWRITE);
    database.exec(sql);
  }
  // What opening says; "opened" where it does.
  std::string opening() {
    const auto store = Store::open(file_);
    if (store) return "opened";
    EXPECT_EQ(store.error().code, ErrorCode::kBadInput) << "exit code 2";
    EXPECT_NE(store.error().hint.find("firesweep check"), std::string::npos);
    return store.error().what;
  }

  sample::Folder folder_;
  std::filesystem::path file_ = folder_ / "sweeps.db";
};

TEST_F(HandEditedRows, AnUntouchedDatabaseOpens) {
  EXPECT_EQ(opening(), "opened");
  EXPECT_EQ(check_database(file_)->count, 0);
}

// What is missing or changed shows in reports, so whoever only reads looks for it too.
TEST_F(HandEditedRows, WhateverChangesAReportIsFoundByAReader) {
  for (const char* sql :
       {"DELETE FROM results WHERE trial_id & 1", "DELETE FROM configs WHERE trial_id & 1",
        "DELETE FROM attempts WHERE trial_id & 1", "DELETE FROM trials WHERE trial_id & 1",
        "DELETE FROM sweeps", "UPDATE trials SET state = 'WAITING' WHERE state = 'COMPLETE'"}) {
    const std::filesystem::path copy = folder_ / "copy.db";
    std::filesystem::copy_file(file_, copy, std::filesystem::copy_options::overwrite_existing);
    EXPECT_TRUE(look_through(*ReadDatabase::open(copy), {})) << sql;
    {
      SQLite::Database hands(copy.string(), SQLite::OPEN_READWRITE);
      hands.exec(sql);
    }
    const auto found = look_through(*ReadDatabase::open(copy), {});
    ASSERT_FALSE(found) << sql;
    EXPECT_EQ(found.error().code, ErrorCode::kBadInput);
  }
}

TEST_F(HandEditedRows, ExtraTablesAndColumnsAreLeftAlone) {
  by_hand("CREATE TABLE notes (text TEXT); ALTER TABLE sweeps ADD COLUMN mine TEXT");
  EXPECT_EQ(opening(), "opened");
}

TEST_F(HandEditedRows, DeletedOrChangedRowsAreNamed) {
  const struct {
    const char* sql;
    const char* expected;
  } kCases[] = {
      {"DELETE FROM results WHERE trial_id & 0xFF = 0", "trial 1/0 is COMPLETE but has no result"},
      {"DELETE FROM trials WHERE number = 0", "that is not there"},
      {"DELETE FROM sweeps", "that is not there"},
      {"DELETE FROM configs WHERE trial_id & 0xFF = 1", "trial 1/1 was given to a worker"},
      {"DELETE FROM attempts WHERE trial_id & 0xFF = 2", "trial 1/2 has no row of its newest"},
      {"UPDATE trials SET state = 'WAITING' WHERE number = 0",
       "trial 1/0 has a result but is WAITING"},
      {"UPDATE trials SET state = 'WAITING' WHERE number = 2",
       "trial 1/2 is WAITING but its attempt 1 has not ended"},
      {"UPDATE attempts SET ended = 'LOST', ended_ms = 1 WHERE trial_id & 0xFF = 2",
       "trial 1/2 is RUNNING but its attempt has ended"},
      {"UPDATE sweeps SET total_trials = 1", "sweep 1 is said to have 1 trials but has 3"},
  };
  const std::filesystem::path whole = folder_ / "whole.db";
  std::filesystem::copy_file(file_, whole);
  for (const auto& one : kCases) {
    std::filesystem::copy_file(whole, file_, std::filesystem::copy_options::overwrite_existing);
    by_hand(one.sql);
    const std::string said = opening();
    EXPECT_NE(said.find(one.expected), std::string::npos) << one.sql << ": " << said;
    EXPECT_NE(said.find("contradict"), std::string::npos) << said;
    const auto checked = check_database(file_);
    ASSERT_TRUE(checked) << to_string(checked.error());
    EXPECT_GE(checked->count, 1);
    EXPECT_EQ(opening(), said) << "refused means nothing happened";
  }
}

TEST_F(HandEditedRows, TheFirstRowsAreShownAndAllAreCounted) {
  by_hand("DELETE FROM results");
  SQLite::Database database(file_.string(), SQLite::OPEN_READONLY);
  const Contradictions found = find_contradictions(database, 1);
  EXPECT_EQ(found.lines.size(), 1u);
  EXPECT_EQ(found.count, 2);
}

}  // namespace
}  // namespace firesweep
