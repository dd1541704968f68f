#include "coordinator/store/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "coordinator/store/read_database.h"
#include "shared/domain/fields.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

using sample::kNow;

const SweepId kSweep{1};
const TrialId kTrial = make_trial_id(kSweep, 17);
const TrialKey kFirst{kTrial, AttemptNo{1}};
const TrialKey kSecond{kTrial, AttemptNo{2}};

record::AttemptEnded lost(TrialKey key) {
  return {key, AttemptEnd::kLost, Reason::kLost, "silence", true, kNow};
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() : store_(*Store::open(file_)) { commit({sample::sweep_added(kSweep)}); }

  void commit(const std::vector<Record>& records) { store_.commit(records); }
  // The first column of the first row, as text.
  std::string one(const std::string& sql) const {
    const Rows rows = ReadDatabase::open(file_)->query(sql);
    if (rows.rows.empty()) return "no row";
    return rows.rows[0][0] ? to_string(*rows.rows[0][0]) : "null";
  }

  sample::Folder folder_;
  std::filesystem::path file_ = folder_ / "sweeps.db";
  Store store_;
};

TEST_F(StoreTest, SecondLiveAttemptOfATrialIsRefused) {
  commit({sample::opened(kFirst)});
  EXPECT_THROW(commit({sample::opened(kSecond)}), ConstraintViolation);
  EXPECT_EQ(one("SELECT count(*) FROM attempts"), "1");
  commit({lost(kFirst), sample::opened(kSecond)});
  EXPECT_EQ(one("SELECT count(*) FROM attempts"), "2");
}

TEST_F(StoreTest, SecondResultOfATrialIsRefused) {
  commit(sample::life({.trial = kTrial, .val = 0.4}));
  EXPECT_THROW(commit({record::ResultAccepted{kFirst, sample::result(0.9), kNow}}),
               ConstraintViolation);
  EXPECT_EQ(one("SELECT val_accuracy FROM results"), "0.4");
}

TEST_F(StoreTest, ViolationNamesItsRecordAndNothingOfTheGroupIsWritten) {
  const std::vector<Record> group = {sample::opened(kFirst), sample::epoch(kFirst, 1),
                                     sample::opened(kSecond), sample::epoch(kFirst, 2)};
  try {
    commit(group);
    FAIL() << "two live attempts were accepted";
  } catch (const ConstraintViolation& violation) {
    EXPECT_EQ(violation.record(), 2u);
  }
  EXPECT_EQ(one("SELECT count(*) FROM trials"), "0");
  EXPECT_EQ(one("SELECT count(*) FROM epochs"), "0");
  commit({sample::opened(kFirst), sample::epoch(kFirst, 1)});
  EXPECT_EQ(one("SELECT count(*) FROM epochs"), "1");
}

TEST_F(StoreTest, RecordAboutARowThatIsNotThereIsAViolation) {
  EXPECT_THROW(commit({lost(kFirst)}), ConstraintViolation);
  EXPECT_THROW(commit({record::AttemptStarted{kFirst, 0, false, kNow}}), ConstraintViolation);
  EXPECT_THROW(commit({sample::epoch(kFirst, 1)}), ConstraintViolation);
  EXPECT_THROW(commit({record::ResultAccepted{kFirst, sample::result(), kNow}}),
               ConstraintViolation);
  EXPECT_THROW(commit({record::SweepChanged{SweepId{7}, SweepState::kPaused, false, kNow}}),
               ConstraintViolation);
  EXPECT_THROW(
      commit({record::TrialChanged{make_trial_id(SweepId{7}, 0), Waiting{}, 0, 0, "", kNow}}),
      ConstraintViolation);
}

TEST_F(StoreTest, TrialCancelledBeforeItsFirstLeaseCanBeRetriedAndLeased) {
  commit({record::TrialChanged{kTrial, Cancelled{}, 0, 0, "", kNow}});
  EXPECT_EQ(one("SELECT state FROM trials"), "CANCELLED");
  TrialConfig config;
  config.lr = 0.01;
  commit({record::TrialChanged{kTrial, Waiting{}, 0, 0, "", kNow}, sample::opened(kFirst, config)});
  EXPECT_EQ(one("SELECT state || ' ' || lr FROM trials JOIN trial_configs USING (trial_id)"),
            "ASSIGNED 0.01");
}

TEST_F(StoreTest, NextLeaseOfATrialThatNeverHadOneIsAViolation) {
  EXPECT_THROW(commit({sample::opened(kSecond)}), ConstraintViolation);
  EXPECT_EQ(one("SELECT count(*) FROM attempts"), "0");
}

TEST_F(StoreTest, NextLeaseKeepsTheConfigAndCountsTheAttempt) {
  commit({sample::opened(kFirst), lost(kFirst),
          record::TrialChanged{kTrial, Waiting{AttemptNo{1}}, 1, 3, "", kNow},
          sample::opened(kSecond)});
  EXPECT_EQ(one("SELECT state || newest_attempt || restarts || checkpoint_epoch || variant"
                " FROM trials JOIN trial_configs USING (trial_id)"),
            "ASSIGNED213v3");
}

TEST_F(StoreTest, EpochSeenTwiceReplacesTheEarlierRow) {
  commit({sample::opened(kFirst), sample::epoch(kFirst, 1, 0.1), sample::epoch(kFirst, 2, 0.2),
          lost(kFirst), sample::opened(kSecond), sample::epoch(kSecond, 2, 0.3)});
  EXPECT_EQ(
      one("SELECT group_concat(epoch || ':' || attempt_no || ':' || val_accuracy) FROM epochs"),
      "1:1:0.1,2:2:0.3");
}

TEST_F(StoreTest, SupersededResultsAreKeptOnceAndNeverRanked) {
  commit({sample::opened(kFirst), lost(kFirst), sample::opened(kSecond)});
  const record::ResultSuperseded late{kFirst, sample::result(0.9), kNow};
  commit({late});
  commit({late});
  EXPECT_EQ(one("SELECT count(*) FROM superseded_results"), "1");
  EXPECT_EQ(one("SELECT count(*) FROM leaderboard"), "0");
}

TEST_F(StoreTest, ResultKeepsEveryMember) {
  commit(sample::life({.trial = kTrial, .val = std::nullopt, .test = 0.75}));
  EXPECT_EQ(one("SELECT coalesce(val_accuracy, 'none') || ' ' || test_accuracy || ' ' || "
                "hex(val_correct) || ' ' ||"
                " hex(test_correct) || ' ' || resume_exact || ' ' || amp FROM results"),
            "none 0.75 0FFF F0 1 off");
}

TEST_F(StoreTest, WorkerSeenAgainKeepsItsFirstTime) {
  record::WorkerSeen seen{sample::kSession, "host/0", 42,    "cpu", "EPYC", 2,
                          1 << 30,          "2.13.0", "abc", kNow};
  commit({seen});
  seen.at += std::chrono::seconds(5);
  seen.name = "host/1";
  commit({seen});
  EXPECT_EQ(
      one("SELECT session || ' ' || name || ' ' || (last_seen_ms - first_seen_ms) FROM workers"),
      "0123456789abcdeffedcba9876543210 host/1 5000");
}

TEST_F(StoreTest, EveryFieldIsAColumnOfEveryViewOfTrials) {
  for (const std::string view : {"trial_configs", "scored", "leaderboard", "leaderboard_points",
                                 "pareto_front", "unranked"}) {
    std::multiset<std::string> columns;
    for (const auto& row :
         ReadDatabase::open(file_)->query("SELECT name FROM pragma_table_info(?1)", {view}).rows) {
      columns.insert(std::get<std::string>(*row[0]));
    }
    for (const Field& field : fields()) {
      EXPECT_EQ(columns.count(std::string(field.name)), 1u) << view << "." << field.name;
    }
    EXPECT_EQ(columns.count("arch_params"), 1u) << view;
    for (const std::string& column : columns) {
      EXPECT_EQ(column.find(':'), std::string::npos) << view << " has two columns of one name";
    }
  }
}

TEST_F(StoreTest, EveryFieldReadsBackFromItsColumn) {
  TrialConfig config;
  config.arch_params = {{"width", std::int64_t{16}}};
  config.label_smoothing = 0.125;
  config.tta = "flip";
  config.deterministic = true;
  commit({sample::opened(kFirst, config)});
  for (const Field& field : fields()) {
    const Value value = get_field(config, field);
    const bool* flag = std::get_if<bool>(&value);
    const std::string wanted = flag != nullptr ? (*flag ? "1" : "0") : to_string(value);
    EXPECT_EQ(one("SELECT \"" + std::string(field.name) + "\" FROM trial_configs"), wanted)
        << field.name;
  }
  EXPECT_EQ(one("SELECT arch_params FROM trial_configs"), R"({"width":16})");
}

TEST_F(StoreTest, ReaderSeesCommitsWhileTheStoreIsOpen) {
  const auto reader = ReadDatabase::open(file_);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->query("SELECT * FROM trials").rows.size(), 0u);
  commit({sample::opened(kFirst)});
  EXPECT_EQ(reader->query("SELECT * FROM trials").rows.size(), 1u);
}

TEST_F(StoreTest, ReaderCannotWrite) {
  const auto reader = ReadDatabase::open(file_);
  EXPECT_THROW(reader->query("DELETE FROM sweeps"), SQLite::Exception);
}

TEST_F(StoreTest, CommitsAreDurableByWalAndFullSync) {
  EXPECT_EQ(one("PRAGMA journal_mode"), "wal");
  EXPECT_GT(store_.wal_bytes(), 0);
}

TEST_F(StoreTest, IdleCheckpointEmptiesTheWal) {
  commit({sample::opened(kFirst)});
  store_.checkpoint(false);
  EXPECT_GT(store_.wal_bytes(), 0) << "a small WAL is left alone while there is work";
  store_.checkpoint(true);
  EXPECT_EQ(store_.wal_bytes(), 0);
}

TEST_F(StoreTest, ReaderInTheMiddleOnlyDelaysTheCheckpoint) {
  SQLite::Database reader(file_.string(), SQLite::OPEN_READONLY);
  reader.exec("BEGIN");
  reader.execAndGet("SELECT count(*) FROM trials");
  commit({sample::opened(kFirst)});
  store_.checkpoint(true);
  EXPECT_GT(store_.wal_bytes(), 0);
  reader.exec("COMMIT");
  store_.checkpoint(true);
  EXPECT_EQ(store_.wal_bytes(), 0);
}

TEST_F(StoreTest, AnotherProgramsWriteTransactionIsWaitedForAndSaid) {
  SQLite::Database user(file_.string(), SQLite::OPEN_READWRITE);
  user.exec("BEGIN IMMEDIATE");
  int told = 0;
  store_.on_waiting([&](std::chrono::milliseconds waited) {
    EXPECT_GE(waited.count(), 200);
    ++told;
    user.exec("COMMIT");
    return true;
  });
  commit({sample::opened(kFirst)});
  EXPECT_EQ(told, 1);
}

TEST_F(StoreTest, WaitGivenUpWritesNothing) {
  SQLite::Database user(file_.string(), SQLite::OPEN_READWRITE);
  user.exec("BEGIN IMMEDIATE");
  store_.on_waiting([](std::chrono::milliseconds) { return false; });
  EXPECT_THROW(commit({sample::opened(kFirst)}), SQLite::Exception);
  user.exec("COMMIT");
  EXPECT_EQ(one("SELECT count(*) FROM trials"), "0");
  commit({sample::opened(kFirst)});
}

TEST_F(StoreTest, ReopenGoesOnWithTheSameFile) {
  commit({sample::opened(kFirst)});
  store_.reopen();
  commit({sample::epoch(kFirst, 1)});
  EXPECT_EQ(one("SELECT count(*) FROM epochs"), "1");
  EXPECT_FALSE(Store::open(file_)) << "the lock is held throughout";
}

// Says every group it has committed with a byte.
[[noreturn]] void write_for_ever(const std::filesystem::path& file, int acknowledged) try {
  Store store = *Store::open(file);
  store.commit(std::vector<Record>{sample::sweep_added(kSweep), sample::opened(kFirst)});
  for (std::int64_t i = 0;; ++i) {
    store.commit(
        std::vector<Record>{sample::epoch(kFirst, 2 * i + 1), sample::epoch(kFirst, 2 * i + 2)});
    if (::write(acknowledged, "x", 1) != 1) ::_exit(1);
  }
} catch (const std::exception&) {
  ::_exit(1);
}

// Each group writes two epochs; whatever the moment of death, both or none of them are in the file,
// and every group that was acknowledged is.
TEST(StoreCrash, KilledWriterLeavesWholeGroupsAndAllThatWereAcknowledged) {
  const sample::Folder folder;
  const std::filesystem::path file = folder / "sweeps.db";
  int acknowledged[2];
  ASSERT_EQ(::pipe(acknowledged), 0);
  const pid_t child = ::fork();
  if (child == 0) write_for_ever(file, acknowledged[1]);
  ::close(acknowledged[1]);
  std::int64_t groups = 0;
  char byte = 0;
  while (groups < 20 && ::read(acknowledged[0], &byte, 1) == 1) ++groups;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  while (::read(acknowledged[0], &byte, 1) == 1) ++groups;
  ::close(acknowledged[0]);

  auto store = Store::open(file);
  ASSERT_TRUE(store) << to_string(store.error());
  const Snapshot snapshot = store->snapshot();
  const double seconds = snapshot.sweeps.at(0).trials.at(number_of(kTrial)).train_seconds;
  const auto epochs = static_cast<std::int64_t>(seconds / 2.5 + 0.5);
  EXPECT_EQ(epochs % 2, 0);
  EXPECT_GE(epochs, 2 * groups);
  EXPECT_LE(epochs, 2 * groups + 2);
}

}  // namespace
}  // namespace firesweep
