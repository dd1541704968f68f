#include "worker/runtime/supervisor/notice_command.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "tests/sanitized.h"

namespace firesweep {
namespace {

using Time = NoticeCommand::Time;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Time kBegin{hours(1)};
const NoticeTimes kTimes{seconds(5), seconds(10)};

// The test's clock stands at `now` while the command runs to its end.
std::optional<std::string> run_at(NoticeCommand& command, Time now) {
  const auto deadline = std::chrono::steady_clock::now() + seconds(20);
  command.step(now);
  while (std::chrono::steady_clock::now() < deadline) {
    const Time running = command.wake_at();
    const auto said = command.step(now);
    if (said || command.wake_at() != running) return said;
    std::this_thread::sleep_for(milliseconds(1));
  }
  ADD_FAILURE() << "the command did not end";
  return std::nullopt;
}

TEST(NoticeCommand, ExitCode0IsANoticeWithTheFirstLineAsItsReason) {
  NoticeCommand command("echo 'terminate at \"18:00\"'; echo more", kTimes);
  EXPECT_EQ(run_at(command, kBegin), "terminate at  18:00 ");
}

TEST(NoticeCommand, WithoutALineTheReasonSaysSo) {
  NoticeCommand command("true", kTimes);
  EXPECT_EQ(run_at(command, kBegin), "it exited with 0 and printed nothing");
}

TEST(NoticeCommand, AnyOtherEndIsNoneAndItIsAskedAgain) {
  for (const char* text :
       {"echo no; exit 1", "exit 22", "no-such-program-anywhere", "kill -9 $$"}) {
    SCOPED_TRACE(text);
    NoticeCommand command(text, kTimes);
    EXPECT_FALSE(run_at(command, kBegin));
    EXPECT_EQ(command.wake_at(), kBegin + kTimes.every);
    EXPECT_FALSE(run_at(command, kBegin + kTimes.every));
    EXPECT_EQ(command.wake_at(), kBegin + 2 * kTimes.every);
  }
}

TEST(NoticeCommand, ItChangesItsMind) {
  char folder[] = "/tmp/notice_XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string mark = std::string(folder) + "/mark";
  NoticeCommand command("test -e " + mark + " || { touch " + mark + "; exit 1; }", kTimes);
  EXPECT_FALSE(run_at(command, kBegin));
  EXPECT_TRUE(run_at(command, kBegin + kTimes.every));
  ::unlink(mark.c_str());
  ::rmdir(folder);
}

TEST(NoticeCommand, MuchOutputDelaysNoNotice) {
  NoticeCommand command("echo first; head -c 1000000 /dev/zero; exit 0", kTimes);
  EXPECT_EQ(run_at(command, kBegin), "first");
}

TEST(NoticeCommand, OneThatClosesItsOutputIsStillWaitedFor) {
  NoticeCommand command("echo gone; exec > /dev/null; sleep 0.05", kTimes);
  EXPECT_EQ(run_at(command, kBegin), "gone");
}

TEST(NoticeCommand, ItHasNoInputToWaitFor) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int kept = ::dup(STDIN_FILENO);
  ASSERT_EQ(::dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
  NoticeCommand command("cat; echo read", kTimes);
  EXPECT_EQ(run_at(command, kBegin), "read");
  ::dup2(kept, STDIN_FILENO);
  for (const int fd : {ends[0], ends[1], kept}) ::close(fd);
}

TEST(NoticeCommand, ACommandThatCannotBeStartedIsTriedAgain) {
  if (testing::kSanitized) GTEST_SKIP() << "UBSan needs descriptors to look at an object";
  NoticeCommand command("true", kTimes);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{0, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_FALSE(command.step(kBegin));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(command.wake_at(), kBegin + kTimes.every);
  EXPECT_TRUE(run_at(command, kBegin + kTimes.every));
}

TEST(NoticeCommand, OneThatTakesTooLongIsKilledWithItsChildrenAndIsNoNotice) {
  NoticeCommand command("sleep 600 & sleep 600; exit 0", kTimes);
  EXPECT_FALSE(command.step(kBegin));
  EXPECT_EQ(command.wake_at(), kBegin + kTimes.limit);
  EXPECT_FALSE(command.step(kBegin + kTimes.limit - milliseconds(1)));
  const Time killed = kBegin + kTimes.limit;
  EXPECT_FALSE(run_at(command, killed));
  EXPECT_EQ(command.wake_at(), killed + kTimes.every);
}

}  // namespace
}  // namespace firesweep
