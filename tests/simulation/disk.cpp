#include "tests/simulation/disk.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/torn_files.h"

namespace firesweep::simulation {
namespace {

// SQLite shows every new connection to its automatic extensions: the only way to another's
// connection that asks nothing of the store's public face.
thread_local sqlite3* newest_connection = nullptr;
// The newest one to a file: a store that opens a file compares it with one in memory.
thread_local sqlite3* newest_file = nullptr;

int note_connection(sqlite3* handle, const char**, const sqlite3_api_routines*) {
  newest_connection = handle;
  const char* const name = sqlite3_db_filename(handle, "main");
  if (name != nullptr && *name != '\0') newest_file = handle;
  return SQLITE_OK;
}

void prepare_sqlite() {
  // Counting memory takes a lock with every allocation.
  static const bool ready =
      sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK &&
      sqlite3_auto_extension(reinterpret_cast<void (*)()>(&note_connection)) == SQLITE_OK;
  if (!ready) throw std::runtime_error("SQLite is already in use");
}

// Switching foreign keys off for this would make SQLite compile every kept statement anew.
constexpr const char* kClear[] = {"BEGIN",
                                  "DELETE FROM search_results",
                                  "DELETE FROM proposals",
                                  "DELETE FROM checkpoints",
                                  "DELETE FROM terminations",
                                  "DELETE FROM promotions",
                                  "DELETE FROM raced_out",
                                  "DELETE FROM reused_results",
                                  "DELETE FROM superseded_results",
                                  "DELETE FROM results",
                                  "DELETE FROM epochs",
                                  "DELETE FROM attempts",
                                  "DELETE FROM configs",
                                  "DELETE FROM trials",
                                  "DELETE FROM architectures",
                                  "DELETE FROM extensions",
                                  "DELETE FROM sweeps",
                                  "DELETE FROM workers",
                                  "DELETE FROM generations",
                                  "INSERT INTO generations VALUES (1, 1, 0)",
                                  "COMMIT"};

// Kept: they run before every seed.
class Clearing {
 public:
  explicit Clearing(sqlite3* database) : database_(database) {
    for (const char* sql : kClear) {
      sqlite3_stmt* statement = nullptr;
      check(sqlite3_prepare_v2(database, sql, -1, &statement, nullptr));
      statements_.push_back(statement);
    }
  }
  Clearing(const Clearing&) = delete;
  Clearing& operator=(const Clearing&) = delete;
  ~Clearing() {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
  }
  void run() {
    for (sqlite3_stmt* statement : statements_) {
      sqlite3_step(statement);
      check(sqlite3_reset(statement));
    }
  }

 private:
  void check(int outcome) const {
    if (outcome != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database_));
  }

  sqlite3* database_;
  std::vector<sqlite3_stmt*> statements_;
};

void execute(sqlite3* database, const std::string& sql) {
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(database));
  }
}

void copy(sqlite3* to, sqlite3* from) {
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", from, "main");
  if (backup == nullptr) throw std::runtime_error(sqlite3_errmsg(to));
  const int outcome = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (outcome != SQLITE_DONE) throw std::runtime_error(sqlite3_errstr(outcome));
}

class Copy final : public Disk::Backup {
 public:
  explicit Copy(sqlite3* original) {
    sqlite3* const before = newest_connection;
    sqlite3_open(":memory:", &database_);
    newest_connection = before;
    copy(database_, original);
  }
  ~Copy() override { sqlite3_close(database_); }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  void put_back(sqlite3* to, Generation generation) const {
    copy(to, database_);
    const std::string id = std::to_string(generation.value);
    execute(to, "INSERT INTO generations SELECT max(number) + 1, " + id + ", 0 FROM generations");
  }

 private:
  sqlite3* database_ = nullptr;
};

class MemoryDisk final : public Disk {
 public:
  MemoryDisk()
      : store_(Store::in_memory()),
        handle_(newest_connection),
        clearing_(newest_connection),
        auditor_(newest_connection) {}

  std::shared_ptr<const Backup> back_up() override { return std::make_shared<Copy>(handle_); }
  void restore(const Backup& backup, Generation generation) override {
    static_cast<const Copy&>(backup).put_back(handle_, generation);
  }
  void clear() override {
    store_.reopen();
    clearing_.run();
  }
  void open() override {}
  void kill(Random&) override { store_.reopen(); }
  void commit(std::span<const Record> records, CommitFault fault, Random&) override {
    if (fault == CommitFault::kNone || fault == CommitFault::kFailsDone) store_.commit(records);
    if (fault != CommitFault::kNone) throw DiskFailure("disk I/O error");
  }
  void reopen() override { store_.reopen(); }
  Snapshot snapshot() const override { return store_.snapshot(); }
  std::vector<KnownResult> known_results() const override { return store_.known_results(); }
  Auditor& auditor() override { return auditor_; }

 private:
  Store store_;
  sqlite3* handle_;
  Clearing clearing_;
  Auditor auditor_;
};

class TornDisk final : public Disk {
 public:
  TornDisk() : path_(files_.folder() + "/torn.db") {
    open();
    execute(handle_, "UPDATE generations SET id = 1");
    close();
    empty_ = files_.image();
  }
  ~TornDisk() override { close(); }

  std::shared_ptr<const Backup> back_up() override { return std::make_shared<Copy>(handle_); }
  void restore(const Backup& backup, Generation generation) override {
    open();
    static_cast<const Copy&>(backup).put_back(handle_, generation);
    close();
  }

  void clear() override {
    files_.set_dead(true);
    close();
    files_.set_dead(false);
    files_.restore(empty_);
  }
  void open() override {
    if (store_) return;
    auto opened = Store::open(path_);
    if (!opened) throw Violation("the database does not open: " + to_string(opened.error()));
    store_ = std::make_unique<Store>(std::move(*opened));
    handle_ = newest_file;
  }
  void kill(Random& random) override {
    files_.set_dead(true);
    close();
    files_.set_dead(false);
    files_.settle();
    files_.forget_shared();
    if (random.chance(0.5)) files_.lose_power(random);
  }
  void commit(std::span<const Record> records, CommitFault fault, Random& random) override {
    // A commit is a few writes and one synchronisation of the log.
    const int strikes = static_cast<int>(random.between(1, 8));
    if (fault == CommitFault::kDies) {
      files_.die_in(strikes);
    } else if (fault != CommitFault::kNone) {
      files_.fail_in(strikes);
    }
    try {
      store_->commit(records);
    } catch (const SQLite::Exception& failure) {
      files_.settle();
      throw DiskFailure(failure.what());
    }
    files_.settle();
    if (fault == CommitFault::kDies) throw DiskFailure("died");
    store_->checkpoint(random.chance(0.05));
  }
  void reopen() override {
    auditor_.reset();
    store_->reopen();
    handle_ = newest_file;
  }
  Snapshot snapshot() const override { return store_->snapshot(); }
  std::vector<KnownResult> known_results() const override { return store_->known_results(); }
  Auditor& auditor() override {
    open();
    if (!auditor_) auditor_ = std::make_unique<Auditor>(handle_);
    return *auditor_;
  }

 private:
  void close() {
    auditor_.reset();
    store_.reset();
    handle_ = nullptr;
  }

  TornFiles files_;
  const std::string path_;
  TornFiles::Image empty_;
  std::unique_ptr<Store> store_;
  sqlite3* handle_ = nullptr;
  std::unique_ptr<Auditor> auditor_;
};

}  // namespace

std::unique_ptr<Disk> make_memory_disk() {
  prepare_sqlite();
  return std::make_unique<MemoryDisk>();
}

std::unique_ptr<Disk> make_torn_disk() {
  prepare_sqlite();
  return std::make_unique<TornDisk>();
}

}  // namespace firesweep::simulation
