#include "coordinator/store/lock.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "coordinator/store/store.h"
#include "tests/coordinator/store/sample.h"

namespace firesweep {
namespace {

class LockTest : public testing::Test {
 protected:
  sample::Folder folder_;
  std::filesystem::path file_ = folder_ / "sweeps.db";
  std::filesystem::path lock_file_ = folder_ / "sweeps.db.lock";
};

TEST_F(LockTest, SecondOwnerIsRefusedWithPidAndAddress) {
  auto owner = Store::open(file_);
  ASSERT_TRUE(owner);
  owner->publish_address("tcp://127.0.0.1:5555");
  const auto second = Store::open(file_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_NE(to_string(second.error()).find("process " + std::to_string(::getpid())),
            std::string::npos);
  EXPECT_NE(to_string(second.error()).find("tcp://127.0.0.1:5555"), std::string::npos);
}

TEST_F(LockTest, OwnerCanBeFoundByOthers) {
  EXPECT_FALSE(find_owner(file_));
  auto lock = DatabaseLock::take(file_);
  ASSERT_TRUE(lock);
  EXPECT_EQ(find_owner(file_)->pid, ::getpid());
  EXPECT_EQ(find_owner(file_)->address, "");
  lock->publish_address("ipc:///run/x");
  EXPECT_EQ(find_owner(file_)->address, "ipc:///run/x");
  lock->publish_address("ipc:///y");
  EXPECT_EQ(find_owner(file_)->address, "ipc:///y")
      << "a shorter address leaves nothing of the longer one";
}

TEST_F(LockTest, OwnershipEndsWithTheOwner) {
  {
    const auto lock = DatabaseLock::take(file_);
  }
  EXPECT_FALSE(find_owner(file_));
  EXPECT_FALSE(std::filesystem::exists(lock_file_));
  EXPECT_TRUE(DatabaseLock::take(file_));
}

TEST_F(LockTest, MovedLockIsHeldByItsNewOwnerAlone) {
  std::optional<DatabaseLock> kept;
  {
    auto lock = DatabaseLock::take(file_);
    kept.emplace(std::move(*lock));
  }
  EXPECT_TRUE(find_owner(file_));
  kept.reset();
  EXPECT_FALSE(find_owner(file_));
}

TEST_F(LockTest, FileOfAKilledProcessOwnsNothing) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = DatabaseLock::take(file_);
    if (::write(ready[1], lock ? "y" : "n", 1) != 1) ::_exit(1);
    ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  EXPECT_EQ(find_owner(file_)->pid, child);
  EXPECT_FALSE(DatabaseLock::take(file_));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  EXPECT_TRUE(std::filesystem::exists(lock_file_));
  EXPECT_FALSE(find_owner(file_));
  EXPECT_TRUE(DatabaseLock::take(file_));
}

TEST_F(LockTest, UnwritableFolderIsSaidAndNothingIsMade) {
  const auto none = Store::open(folder_ / "missing/sweeps.db");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kIo);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "missing"));
  EXPECT_EQ(Store::open(folder_.path()).error().code, ErrorCode::kIo) << "a folder is no database";
}

}  // namespace
}  // namespace firesweep
