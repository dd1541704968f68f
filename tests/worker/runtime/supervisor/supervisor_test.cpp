#include "worker/runtime/supervisor/supervisor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "worker/datasets/file.h"
#include "worker/runtime/devices/cuda_probe.h"
#include "worker/runtime/exit_codes.h"

namespace firesweep {
namespace {

using Clock = std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr auto kDeadline = std::chrono::seconds(20);
constexpr const char* kPatient = "60000";

// A supervisor in a process of its own, and the lines that it and its slots report. Every wait has
// a deadline.
class Supervised {
 public:
  explicit Supervised(std::vector<std::string> words) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    from_ = UniqueFd(ends[0]);
    UniqueFd to(ends[1]);
    words.insert(words.begin(), {SUPERVISED_PROGRAM, "supervise"});
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(to.get(), STDOUT_FILENO);
      ::execv(argv[0], argv.data());
      ::_exit(96);
    }
  }
  ~Supervised() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  }

  void send(int signal) const { ::kill(pid_, signal); }

  // The next line; none at the end of the pipe, which is when the last process that could write is
  // gone.
  std::optional<std::string> line() {
    const auto end = Clock::now() + kDeadline;
    for (;;) {
      if (const auto newline = text_.find('\n'); newline != std::string::npos) {
        std::string found = text_.substr(0, newline);
        text_.erase(0, newline + 1);
        return found;
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
      pollfd waiting{from_.get(), POLLIN, 0};
      if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0) {
        ADD_FAILURE() << "nothing was reported in time";
        return std::nullopt;
      }
      char buffer[512];
      const ssize_t got = ::read(from_.get(), buffer, sizeof buffer);
      if (got <= 0) return std::nullopt;
      text_.append(buffer, static_cast<std::size_t>(got));
    }
  }

  std::vector<std::string> lines_to_the_end() {
    std::vector<std::string> lines;
    while (const auto next = line()) lines.push_back(*next);
    return lines;
  }

  // Pids by slot, once that many "started" lines have come.
  std::map<int, pid_t> started(int count) {
    std::map<int, pid_t> pids;
    for (int i = 0; i < count; ++i) {
      const auto next = line();
      std::istringstream words(next.value_or(""));
      std::string verb;
      int slot = -1;
      pid_t pid = 0;
      words >> verb >> slot >> pid;
      EXPECT_EQ(verb, "started") << next.value_or("(end)");
      pids[slot] = pid;
    }
    return pids;
  }

  // The supervisor's exit code, or 128 + signal.
  int exit_code() {
    const auto end = Clock::now() + kDeadline;
    int status = 0;
    while (::waitpid(pid_, &status, WNOHANG) == 0) {
      if (Clock::now() > end) {
        ADD_FAILURE() << "the supervisor did not end";
        return -1;
      }
      ::usleep(1000);
    }
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  UniqueFd from_;
  std::string text_;
  pid_t pid_ = 0;
};

TEST(Supervisor, KilledSlotIsStartedAgain) {
  Supervised supervised({kPatient, kPatient, "2", "good"});
  auto pids = supervised.started(2);
  for (int round = 0; round < 3; ++round) {
    ::kill(pids[1], SIGKILL);
    const auto again = supervised.started(1);
    ASSERT_TRUE(again.contains(1));
    EXPECT_NE(again.at(1), pids[1]);
    pids[1] = again.at(1);
  }
  supervised.send(SIGTERM);
  EXPECT_THAT(supervised.lines_to_the_end(), UnorderedElementsAre("drained 0", "drained 1"));
  EXPECT_EQ(supervised.exit_code(), kWorkerDone);
}

TEST(Supervisor, TellsThatAChildHasEnded) {
  Supervised supervised({kPatient, kPatient, "1", "done", "watch"});
  const auto lines = supervised.lines_to_the_end();
  EXPECT_THAT(lines, ::testing::Contains("child"));
  EXPECT_EQ(supervised.exit_code(), kWorkerDone);
}

TEST(Supervisor, SlotsDieWithASupervisorThatIsKilled) {
  Supervised supervised({kPatient, kPatient, "2", "stubborn"});
  supervised.started(2);
  supervised.send(SIGKILL);
  // The pipe ends only when every process that holds it is gone; nobody said a word, so none was
  // asked to leave.
  EXPECT_THAT(supervised.lines_to_the_end(), IsEmpty());
  EXPECT_EQ(supervised.exit_code(), 128 + SIGKILL);
}

TEST(Supervisor, SignalsDrain) {
  for (const int signal : {SIGTERM, SIGUSR1, SIGUSR2, SIGHUP, SIGINT}) {
    Supervised supervised({kPatient, kPatient, "2", "good"});
    supervised.started(2);
    supervised.send(signal);
    EXPECT_THAT(supervised.lines_to_the_end(), UnorderedElementsAre("drained 0", "drained 1"));
    EXPECT_EQ(supervised.exit_code(), signal == SIGINT ? kWorkerInterrupted : kWorkerDone);
  }
}

TEST(Supervisor, RepeatedSigtermIsHarmless) {
  Supervised supervised({kPatient, kPatient, "1", "good"});
  supervised.started(1);
  for (int i = 0; i < 5; ++i) supervised.send(SIGTERM);
  EXPECT_THAT(supervised.lines_to_the_end(), ElementsAre("drained 0"));
  EXPECT_EQ(supervised.exit_code(), kWorkerDone);
}

TEST(Supervisor, SecondInterruptKillsAtOnce) {
  Supervised supervised({kPatient, kPatient, "1", "stubborn"});
  supervised.started(1);
  supervised.send(SIGINT);
  EXPECT_EQ(supervised.line(), "ignored 0");
  supervised.send(SIGINT);
  EXPECT_THAT(supervised.lines_to_the_end(), IsEmpty());
  EXPECT_EQ(supervised.exit_code(), kWorkerInterrupted);
}

TEST(Supervisor, SlotThatDoesNotDrainIsKilledInTheEnd) {
  Supervised supervised({kPatient, "50", "1", "stubborn"});
  supervised.started(1);
  supervised.send(SIGTERM);
  supervised.lines_to_the_end();
  EXPECT_EQ(supervised.exit_code(), kWorkerFailed);
}

TEST(Supervisor, RefusedSlotIsNotStartedAgainAndEndsTheOthers) {
  Supervised supervised({kPatient, kPatient, "2", "refused"});
  const auto slots = supervised.started(2);
  ASSERT_EQ(::kill(slots.at(0), SIGUSR2), 0);
  EXPECT_THAT(supervised.lines_to_the_end(), ElementsAre("drained 1"));
  EXPECT_EQ(supervised.exit_code(), kWorkerUsage);
}

TEST(Supervisor, EndsWhenEverySlotHasLeft) {
  Supervised well({kPatient, kPatient, "3", "done"});
  well.started(3);
  EXPECT_THAT(well.lines_to_the_end(), IsEmpty());
  EXPECT_EQ(well.exit_code(), kWorkerDone);

  Supervised badly({kPatient, kPatient, "1", "undelivered"});
  badly.started(1);
  EXPECT_THAT(badly.lines_to_the_end(), IsEmpty());
  EXPECT_EQ(badly.exit_code(), kWorkerFailed);
}

TEST(Supervisor, SilentSlotIsKilledAndStartedAgain) {
  Supervised supervised({"400", kPatient, "1", "mute"});
  const auto first = supervised.started(1);
  const auto second = supervised.started(1);
  EXPECT_NE(first.at(0), second.at(0));
}

TEST(Supervisor, SlotsThatBeatAreLeftAlone) {
  Supervised supervised({"1000", kPatient, "1", "lasting"});  // longer than the limit
  supervised.started(1);
  EXPECT_THAT(supervised.lines_to_the_end(), ElementsAre("lived 0"));
  EXPECT_EQ(supervised.exit_code(), kWorkerDone);
}

TEST(Supervisor, SlotsThatWereStoppedTogetherWithItAreLeftAlone) {
  // A stop that is barely longer than the limit can hide in a wait, a long one cannot.
  for (const int stopped_ms : {1'100, 2'500}) {
    Supervised supervised({"1000", kPatient, "1", "good"});
    const pid_t slot = supervised.started(1).at(0);
    ::kill(slot, SIGSTOP);
    ::usleep(20'000);  // the supervisor has read the last beat, and waits
    supervised.send(SIGSTOP);
    ::usleep(stopped_ms * 1'000);
    supervised.send(SIGCONT);
    ::usleep(200'000);  // the supervisor looks before its slot can beat
    ::kill(slot, SIGCONT);
    supervised.send(SIGTERM);
    EXPECT_THAT(supervised.lines_to_the_end(), ElementsAre("drained 0")) << stopped_ms;
    EXPECT_EQ(supervised.exit_code(), kWorkerDone);
  }
}

TEST(Supervisor, ATimeInWhichItWasStoppedIsNoTimeToDrain) {
  Supervised supervised({"1000", "2000", "1", "slow"});
  const pid_t slot = supervised.started(1).at(0);
  supervised.send(SIGTERM);
  EXPECT_EQ(supervised.line(), "asked 0");
  ::kill(slot, SIGSTOP);
  supervised.send(SIGSTOP);
  ::usleep(2'500'000);  // longer than a slot may take to drain
  supervised.send(SIGCONT);
  ::usleep(200'000);
  ::kill(slot, SIGCONT);
  EXPECT_THAT(supervised.lines_to_the_end(), ElementsAre("drained 0"));
  EXPECT_EQ(supervised.exit_code(), kWorkerDone);
}

TEST(Supervisor, ProgramThatCannotRunEndsIt) {
  SupervisorOptions options;
  options.program = "/no/such/program";
  options.slots = {{"x"}};
  EXPECT_EQ(supervise(options), kWorkerFailed);
}

TEST(CudaProbe, TakesTheDevicesThatTheChildPrints) {
  EXPECT_THAT(ask_probe("/bin/sh", {"-c", "echo noise; echo cuda:0; echo cuda:1"}, kDeadline),
              ElementsAre("cuda:0", "cuda:1"));
}

TEST(CudaProbe, FailingChildHasNoDevices) {
  EXPECT_THAT(ask_probe("/bin/sh", {"-c", "echo cuda:0; exit 3"}, kDeadline), IsEmpty());
  EXPECT_THAT(ask_probe("/no/such/program", {}, kDeadline), IsEmpty());
}

TEST(CudaProbe, HangingChildIsKilled) {
  const auto before = Clock::now();
  EXPECT_THAT(ask_probe("/bin/sh", {"-c", "exec sleep 1000"}, std::chrono::milliseconds(50)),
              IsEmpty());
  EXPECT_LT(Clock::now() - before, kDeadline);
}

// ---- leaving of one's own accord

TEST(Supervisor, IdleSlotsLeaveInGoodOrder) {
  Supervised supervised({kPatient, kPatient, "2", "idle", "idle", "300"});
  supervised.started(2);
  EXPECT_THAT(supervised.lines_to_the_end(), UnorderedElementsAre("drained 0", "drained 1"));
  EXPECT_EQ(supervised.exit_code(), kWorkerDone);
}

// A notice that comes once the test has made a file.
class Notice {
 public:
  Notice() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~Notice() {
    ::unlink(mark().c_str());
    ::rmdir(folder_.c_str());
  }
  std::string command() const { return "test -e " + mark(); }
  void give() const { ::close(::open(mark().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)); }

 private:
  std::string mark() const { return folder_ + "/mark"; }
  std::string folder_ = "/tmp/notice_XXXXXX";
};

TEST(Supervisor, ANoticeDrains) {
  const Notice notice;
  Supervised supervised({kPatient, kPatient, "2", "good", "notice", notice.command()});
  supervised.started(2);
  notice.give();
  EXPECT_THAT(supervised.lines_to_the_end(), UnorderedElementsAre("drained 0", "drained 1"));
  EXPECT_EQ(supervised.exit_code(), kWorkerDone);
}

TEST(Supervisor, ASignalWhileSlotsLeaveChangesNothing) {
  const Notice notice;
  Supervised supervised({kPatient, kPatient, "1", "slow", "notice", notice.command()});
  supervised.started(1);
  notice.give();
  EXPECT_EQ(supervised.line(), "asked 0");
  supervised.send(SIGTERM);
  supervised.send(SIGUSR1);
  EXPECT_THAT(supervised.lines_to_the_end(), ElementsAre("drained 0"));
  EXPECT_EQ(supervised.exit_code(), kWorkerDone);
}

TEST(Supervisor, ANoticeCommandThatHangsDisturbsNobody) {
  const auto begin = Clock::now();
  Supervised supervised({kPatient, kPatient, "1", "good", "notice", "sleep 600"});
  supervised.started(1);
  supervised.send(SIGTERM);
  EXPECT_THAT(supervised.lines_to_the_end(), ElementsAre("drained 0"));
  EXPECT_EQ(supervised.exit_code(), kWorkerDone);
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(8)) << "it did not wait for the command";
}

TEST(Supervisor, ATimeThatIsNearLeavesBeforeAnythingBegins) {
  Supervised supervised({kPatient, kPatient, "2", "good", "until", "5000"});
  EXPECT_THAT(supervised.lines_to_the_end(), IsEmpty());
  EXPECT_EQ(supervised.exit_code(), kWorkerDone);
}

TEST(Supervisor, WhatIsNoNoticeDrainsNothing) {
  Supervised supervised({kPatient, kPatient, "1", "lasting", "notice", "exit 1"});
  supervised.started(1);
  EXPECT_THAT(supervised.lines_to_the_end(), ElementsAre("lived 0"));
}

TEST(Supervisor, OnceEnoughTrialsHaveBegunIdleSlotsLeave) {
  Supervised supervised({kPatient, kPatient, "1", "one_trial", "trials", "1"});
  supervised.started(1);
  EXPECT_THAT(supervised.lines_to_the_end(), ElementsAre("drained 0"));
  EXPECT_EQ(supervised.exit_code(), kWorkerDone);
}

}  // namespace
}  // namespace firesweep
