#include "worker/runtime/devices/mps_daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/worker/runtime/devices/fake_mps.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kLimit = std::chrono::seconds(20);

bool empty_but_for_locks(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) return false;
  }
  return true;
}

// A worker in a process of its own that starts a daemon and lives until it is killed; its pid once
// the daemon answers.
pid_t worker_with_daemon(const FakeMps& fake, pid_t* daemon_pid) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t worker = ::fork();
  if (worker == 0) {
    const auto daemon = MpsDaemon::start(fake.program, fake.run(), kLimit);
    const pid_t pid = daemon ? daemon->pid() : 0;
    if (::write(ends[1], &pid, sizeof pid) != sizeof pid) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ends[1]);
  EXPECT_EQ(::read(ends[0], daemon_pid, sizeof *daemon_pid), ssize_t{sizeof *daemon_pid});
  ::close(ends[0]);
  return worker;
}

TEST(MpsDaemon, StartsInFoldersOfItsOwnAndEndsByQuit) {
  const FakeMps fake;
  ::setenv("CUDA_VISIBLE_DEVICES", "1", 1);
  fs::path pipes;
  pid_t pid = 0;
  {
    auto daemon = MpsDaemon::start(fake.program, fake.run(), kLimit);
    ASSERT_TRUE(daemon) << to_string(daemon.error());
    pipes = daemon->pipes();
    pid = daemon->pid();
    EXPECT_TRUE(FakeMps::alive(pid));
    EXPECT_TRUE(fake.server_runs());
    EXPECT_EQ(daemon->ended(), std::nullopt);
    for (const fs::path& folder : {pipes, daemon->logs(), pipes.parent_path()}) {
      struct stat status{};
      ASSERT_EQ(::stat(folder.c_str(), &status), 0);
      EXPECT_EQ(status.st_mode & 0777U, 0700U) << folder;
    }
    EXPECT_THAT(fake.calls(),
                HasSubstr("daemon " + pipes.string() + " " + daemon->logs().string() + " []\n"));
  }
  ::unsetenv("CUDA_VISIBLE_DEVICES");
  EXPECT_THAT(fake.calls(), HasSubstr("told quit"));
  EXPECT_FALSE(FakeMps::alive(pid));
  EXPECT_TRUE(FakeMps::comes_true([&] { return !fake.server_runs(); }));
  EXPECT_TRUE(empty_but_for_locks(fake.run()));
}

TEST(MpsDaemon, OneThatFailsIsAnErrorWithItsLastWordsAndLeavesNothing) {
  const FakeMps fake;
  fake.is("broken");
  const auto daemon = MpsDaemon::start(fake.program, fake.run(), kLimit);
  ASSERT_FALSE(daemon);
  EXPECT_THAT(to_string(daemon.error()), HasSubstr("exit code 3"));
  EXPECT_THAT(to_string(daemon.error()), HasSubstr("no device found"));
  EXPECT_THAT(fake.calls(), Not(HasSubstr("told")));
  EXPECT_TRUE(empty_but_for_locks(fake.run()));
}

TEST(MpsDaemon, AProgramThatCannotBeRunIsAnError) {
  const FakeMps fake;
  EXPECT_FALSE(MpsDaemon::start(fake.folder / "nothing", fake.run(), kLimit));
  EXPECT_TRUE(empty_but_for_locks(fake.run()));
}

TEST(MpsDaemon, OneThatDoesNotQuitIsKilledWithItsServer) {
  const FakeMps fake;
  fake.is("deaf");
  pid_t pid = 0;
  {
    const auto daemon = MpsDaemon::start(fake.program, fake.run(), kLimit);
    ASSERT_TRUE(daemon) << to_string(daemon.error());
    pid = daemon->pid();
  }
  EXPECT_FALSE(FakeMps::alive(pid));
  EXPECT_TRUE(FakeMps::comes_true([&] { return !fake.server_runs(); }));
}

TEST(MpsDaemon, OneThatDiesTellsHow) {
  const FakeMps fake;
  auto daemon = MpsDaemon::start(fake.program, fake.run(), kLimit);
  ASSERT_TRUE(daemon) << to_string(daemon.error());
  ::kill(daemon->pid(), SIGKILL);
  ASSERT_TRUE(FakeMps::comes_true([&] { return daemon->ended().has_value(); }));
  EXPECT_EQ(daemon->ended()->signal, SIGKILL);
}

TEST(MpsDaemon, ItEndsWithAWorkerThatIsKilledAndTheNextStartEndsItsServer) {
  const FakeMps fake;
  pid_t first = 0;
  const pid_t worker = worker_with_daemon(fake, &first);
  ASSERT_GT(first, 0);
  const int server = fake.server_pid();
  ::kill(worker, SIGKILL);
  ::waitpid(worker, nullptr, 0);
  EXPECT_TRUE(FakeMps::comes_true([&] { return !FakeMps::alive(first); }));
  EXPECT_TRUE(FakeMps::alive(server)) << "nobody is there to end it";
  const auto next = MpsDaemon::start(fake.program, fake.run(), kLimit);
  ASSERT_TRUE(next) << to_string(next.error());
  EXPECT_TRUE(FakeMps::comes_true([&] { return !FakeMps::alive(server); }));
  EXPECT_TRUE(FakeMps::alive(next->pid()));
  EXPECT_TRUE(fake.server_runs());
}

TEST(MpsDaemon, ADeafOneOfAKilledWorkerIsEndedByTheNextStart) {
  const FakeMps fake;
  fake.is("deaf");
  pid_t first = 0;
  const pid_t worker = worker_with_daemon(fake, &first);
  ASSERT_GT(first, 0);
  ::kill(worker, SIGKILL);
  ::waitpid(worker, nullptr, 0);
  EXPECT_TRUE(FakeMps::alive(first));
  end_stale_mps(fake.run());
  EXPECT_TRUE(FakeMps::comes_true([&] { return !FakeMps::alive(first) && !fake.server_runs(); }));
  EXPECT_TRUE(empty_but_for_locks(fake.run()));
}

TEST(MpsDaemon, ThatOfALivingWorkerStays) {
  const FakeMps fake;
  pid_t theirs = 0;
  const pid_t worker = worker_with_daemon(fake, &theirs);
  ASSERT_GT(theirs, 0);
  const auto ours = MpsDaemon::start(fake.program, fake.run(), kLimit);
  ASSERT_TRUE(ours) << to_string(ours.error());
  EXPECT_TRUE(FakeMps::alive(theirs));
  ::kill(worker, SIGKILL);
  ::waitpid(worker, nullptr, 0);
  EXPECT_TRUE(FakeMps::comes_true([&] { return !FakeMps::alive(theirs); }));
  end_stale_mps(fake.run());
  EXPECT_TRUE(FakeMps::alive(ours->pid()));
}

TEST(TellMps, SaysWhetherADaemonTookIt) {
  const FakeMps fake;
  EXPECT_FALSE(tell_mps(fake.program, fake.run(), "get_server_list", kLimit));
  EXPECT_FALSE(tell_mps(fake.folder / "nothing", fake.run(), "get_server_list", kLimit));
}

TEST(FindMpsControl, LooksOnThePathThenElsewhere) {
  const FakeMps fake;
  const auto nothing = [](const char*) { return std::optional<std::string>(); };
  const auto path = [&](const char* name) {
    return std::string(name) == "PATH"
               ? std::optional("/nowhere:" + fake.program.parent_path().string())
               : std::nullopt;
  };
  EXPECT_EQ(find_mps_control(nothing, {}), std::nullopt);
  EXPECT_EQ(find_mps_control(path, {}), fake.program);
  EXPECT_EQ(find_mps_control(nothing, {"/nowhere", fake.program.parent_path()}), fake.program);
}

}  // namespace
}  // namespace firesweep
