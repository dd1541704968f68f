// Files that come, go and belong to others while a database is in use.
#include "coordinator/store/database_files.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "coordinator/store/read_database.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

class DatabaseFiles : public testing::Test {
 protected:
  Store open() { return *Store::open(file_); }
  static void use(Store& store) {
    store.commit(std::vector<Record>{sample::sweep_added(SweepId{1})});
  }

  sample::Folder folder_;
  fs::path file_ = folder_ / "sweeps.db";
};

TEST_F(DatabaseFiles, OneThatWasNeverUsedIsRemovedAgain) {
  {
    const Store store = open();
  }
  EXPECT_TRUE(fs::is_empty(folder_.path())) << "a refused command leaves nothing";
  {
    Store store = open();
    store.publish_address("ipc:///x");
  }
  EXPECT_TRUE(fs::exists(file_)) << "one that was served stays";
}

TEST_F(DatabaseFiles, OneThatIsMovedRemovedOrReplacedIsNoticed) {
  Store store = open();
  use(store);
  store.check_identity();
  fs::rename(file_, folder_ / "old.db");
  EXPECT_THROW(store.check_identity(), DatabaseGone);
  EXPECT_THROW(store.reopen(), DatabaseGone);
  EXPECT_FALSE(fs::exists(file_)) << "no empty one takes its place";
  std::ofstream(file_) << "another";
  try {
    store.check_identity();
    FAIL();
  } catch (const DatabaseGone& gone) {
    EXPECT_NE(std::string(gone.what()).find("replaced"), std::string::npos) << gone.what();
  }
}

TEST_F(DatabaseFiles, WhatIsInTheWayIsSaidInWords) {
  const auto says = [&](int code) { return trouble_text(file_, code, "what"); };
  EXPECT_NE(says(SQLITE_FULL).find("is full"), std::string::npos);
  EXPECT_NE(says(SQLITE_BUSY).find("another program has an open write transaction"),
            std::string::npos);
  EXPECT_NE(says(SQLITE_IOERR_SHMMAP).find("not on a local disk"), std::string::npos);
  EXPECT_NE(says(SQLITE_IOERR_LOCK).find("not on a local disk"), std::string::npos);
  EXPECT_NE(says(SQLITE_IOERR_FSYNC).find("(what)"), std::string::npos);
}

// A reader of a database at rest leaves no -shm or -wal of its own behind, which would belong to
// another user, and needs no permission to write.
TEST_F(DatabaseFiles, AReaderLeavesNothingBehind) {
  {
    Store store = open();
    use(store);
  }
  ASSERT_FALSE(fs::exists(companion(file_, "-wal")));
  const auto reader = ReadDatabase::open(file_);
  ASSERT_TRUE(reader) << to_string(reader.error());
  EXPECT_EQ(reader->query("SELECT count(*) FROM sweeps").rows.size(), 1u);
  EXPECT_FALSE(fs::exists(companion(file_, "-wal")));
  EXPECT_FALSE(fs::exists(companion(file_, "-shm")));
}

TEST_F(DatabaseFiles, AReaderThatIsOvertakenSeesTheNewState) {
  {
    Store store = open();
    use(store);
  }
  const auto reader = ReadDatabase::open(file_);
  ASSERT_TRUE(reader);
  Store store = open();
  store.commit(std::vector<Record>{sample::sweep_added(SweepId{2})});
  EXPECT_EQ(reader->query("SELECT * FROM sweeps").rows.size(), 2u);
}

TEST_F(DatabaseFiles, AReadOnlyFolderIsRead) {
  {
    Store store = open();
    use(store);
  }
  if (::getuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::permissions(folder_.path(), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_TRUE(ReadDatabase::open(file_));
  fs::permissions(folder_.path(), fs::perms::owner_all);
}

// Another user's program, here another user's file.
TEST_F(DatabaseFiles, AForeignCompanionIsNamedWithItsOwnerBeforeAnythingIsServed) {
  {
    Store store = open();
    use(store);
  }
  if (::getuid() != 0) GTEST_SKIP() << "needs root to make a file of another user";
  const fs::path shm = companion(file_, "-shm");
  std::ofstream(shm) << "";
  ASSERT_EQ(::chown(shm.c_str(), 1002, 1002), 0);
  ASSERT_EQ(::chmod(shm.c_str(), 0644), 0);
  ASSERT_EQ(::chown(file_.c_str(), 1001, 1001), 0);
  ASSERT_EQ(::chown(folder_.path().c_str(), 1001, 1001), 0);
  ASSERT_EQ(::seteuid(1001), 0);
  const bool denied = ::eaccess(shm.c_str(), W_OK) != 0;
  const auto companions = check_companions(file_);
  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_TRUE(denied);
  ASSERT_FALSE(companions);
  EXPECT_NE(companions.error().where.find("-shm"), std::string::npos);
  EXPECT_NE(companions.error().what.find("1002"), std::string::npos) << companions.error().what;
  EXPECT_NE(companions.error().hint.find("rm "), std::string::npos) << companions.error().hint;
}

}  // namespace
}  // namespace firesweep
