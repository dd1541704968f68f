#include "worker/runtime/supervisor/notice_command.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

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
