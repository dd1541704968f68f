// Backups: whole, checked, and put back as a new generation.
#include "coordinator/store/backup.h"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "coordinator/store/check_database.h"
#include "coordinator/store/store.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

void ignore(std::int64_t, std::int64_t) {}

class Backup : public ::testing::Test {
 protected:
  Backup() { std::filesystem::create_directories(folder_); }
  ~Backup() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path at(const std::string& name) const { return folder_ / name; }
  Store open(const std::filesystem::path& path) {
    auto store = Store::open(path);
    if (!store) throw std::runtime_error(to_string(store.error()));
    return std::move(*store);
  }
  DatabaseLife life(const std::filesystem::path& path) { return open(path).snapshot().life; }
  std::int64_t count(const std::filesystem::path& path, const std::string& table) {
    SQLite::Database database(path.string());
    return database.execAndGet("SELECT count(*) FROM " + table).getInt64();
  }
  // A row more.
  void write(Store& store, std::uint64_t session) {
    const record::WorkerSeen seen{
        SessionId{session, 1}, "host/0", 1, "cpu", "cpu", 1, 1, "", "", {}};
    const Record record = seen;
    store.commit(std::span(&record, 1));
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("firesweep-backup-" + std::to_string(::getpid()));
  std::filesystem::path database_ = at("sweeps.db"), file_ = at("copy.db");
};

TEST_F(Backup, IsMadeWhileTheOwnerWritesAndHoldsOneState) {
  Store owner = open(database_);
  write(owner, 1);
  std::uint64_t session = 1;
  const auto made = back_up_database(database_, file_, false,
                                     [&](std::int64_t, std::int64_t) { write(owner, ++session); });
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ(count(file_, "workers"), 1) << "of the beginning";
  EXPECT_GT(session, 1u);
  EXPECT_EQ(check_database(file_)->count, 0);
  EXPECT_FALSE(std::filesystem::exists(at("copy.db.tmp")));
  EXPECT_FALSE(std::filesystem::exists(at("copy.db-wal")));
}

TEST_F(Backup, DoesNotOverwriteUnlessTold) {
  Store owner = open(database_);
  ASSERT_TRUE(back_up_database(database_, file_, false, ignore));
  const auto again = back_up_database(database_, file_, false, ignore);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
  EXPECT_NE(again.error().hint.find("--force"), std::string::npos);
  write(owner, 1);
  ASSERT_TRUE(back_up_database(database_, file_, true, ignore));
  EXPECT_EQ(count(file_, "workers"), 1);
}

TEST_F(Backup, NeverReplacesADatabaseInUse) {
  Store owner = open(database_);
  Store other = open(at("other.db"));
  EXPECT_FALSE(back_up_database(database_, at("other.db"), true, ignore));
  EXPECT_FALSE(back_up_database(database_, database_, true, ignore));
}

TEST_F(Backup, OfADamagedDatabaseIsNotMadeAndTheOldOneStays) {
  {
    open(database_);
  }
  ASSERT_FALSE(back_up_database(database_, file_, false, ignore)) << "nothing was ever kept in it";
  {
    Store owner = open(database_);
    for (std::uint64_t i = 1; i < 2000; ++i) write(owner, i);
  }
  ASSERT_TRUE(back_up_database(database_, file_, false, ignore));
  {
    std::fstream damage(database_, std::ios::in | std::ios::out | std::ios::binary);
    const auto bytes = static_cast<std::streamoff>(std::filesystem::file_size(database_));
    damage.seekp(bytes / 2);
    damage << std::string(8192, 'x');
  }
  const auto made = back_up_database(database_, file_, true, ignore);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().what.find("damaged"), std::string::npos) << to_string(made.error());
  EXPECT_EQ(count(file_, "workers"), 1999);
}

TEST_F(Backup, IsRestoredAsANewGenerationEachTimeAnother) {
  DatabaseLife first;
  {
    Store owner = open(database_);
    write(owner, 1);
    first = owner.snapshot().life;
    EXPECT_EQ(first.number, 1);
    EXPECT_NE(first.generation, Generation{});
    ASSERT_TRUE(back_up_database(database_, file_, false, ignore));
  }
  const auto once = restore_database(file_, at("once.db"), false, ignore);
  const auto twice = restore_database(file_, at("twice.db"), false, ignore);
  ASSERT_TRUE(once) << to_string(once.error());
  ASSERT_TRUE(twice);
  EXPECT_EQ(once->generation, 2);
  EXPECT_TRUE(once->replaced.empty());
  EXPECT_EQ(life(at("once.db")).number, 2);
  EXPECT_NE(life(at("once.db")).generation, first.generation);
  EXPECT_NE(life(at("once.db")).generation, life(at("twice.db")).generation);
  EXPECT_EQ(count(at("once.db"), "backup_marks"), 0);
  EXPECT_EQ(count(at("once.db"), "workers"), 1);
  EXPECT_EQ(life(database_), first) << "making a backup changes nothing";
}

TEST_F(Backup, IsNotRestoredOverADatabaseThatIsOwnedOrNotMeant) {
  {
    Store owner = open(database_);
    write(owner, 1);
    ASSERT_TRUE(back_up_database(database_, file_, false, ignore));
    const auto owned = restore_database(file_, database_, true, ignore);
    ASSERT_FALSE(owned);
    EXPECT_NE(owned.error().what.find(std::to_string(::getpid())), std::string::npos);
    write(owner, 2);
  }
  ASSERT_FALSE(restore_database(file_, database_, false, ignore));
  EXPECT_EQ(count(database_, "workers"), 2);
  const auto restored = restore_database(file_, database_, true, ignore);
  ASSERT_TRUE(restored) << to_string(restored.error());
  EXPECT_EQ(count(database_, "workers"), 1);
  EXPECT_EQ(restored->replaced, at("sweeps.db.replaced"));
  EXPECT_EQ(count(restored->replaced, "workers"), 2) << "kept";
  EXPECT_FALSE(std::filesystem::exists(at("sweeps.db.lock")));
}

TEST_F(Backup, ThatIsNoneIsRefusedAndTheDatabaseStays) {
  {
    write(*std::make_unique<Store>(open(database_)), 1);
  }
  std::ofstream(file_) << "not a database, and long enough to be looked at as one"
                       << std::string(4096, '.');
  ASSERT_FALSE(restore_database(file_, database_, true, ignore));
  ASSERT_FALSE(restore_database(at("nothing"), database_, true, ignore));
  EXPECT_EQ(count(database_, "workers"), 1);
  EXPECT_FALSE(std::filesystem::exists(at("sweeps.db.restoring")));
}

TEST_F(Backup, CopiedBackByHandBeginsAGenerationWhenItIsOwned) {
  {
    Store owner = open(database_);
    write(owner, 1);
    ASSERT_TRUE(back_up_database(database_, file_, false, ignore));
  }
  const DatabaseLife before = life(database_);
  std::filesystem::copy_file(file_, database_, std::filesystem::copy_options::overwrite_existing);
  const DatabaseLife after = life(database_);
  EXPECT_EQ(after.number, 2);
  EXPECT_NE(after.generation, before.generation);
  EXPECT_EQ(life(database_), after) << "once";
}

}  // namespace
}  // namespace firesweep
