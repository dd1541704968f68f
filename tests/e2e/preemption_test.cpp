// Workers that are told to leave, and workers whose trainer hangs: the trial goes on elsewhere.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// "leave within 10 s of the batch's end" (PROMISES §4); a simulated batch takes at most 0.1 s.
constexpr std::chrono::seconds kLeavesWithin{10};

class Preemption : public ::testing::Test {
 protected:
  Process serve(std::vector<std::string> more = {}, const std::string& at = "tcp://127.0.0.1:*") {
    std::vector<std::string> words{"serve", "--db", database_.string(), "--listen", at};
    words.insert(words.end(), more.begin(), more.end());
    return Process("firesweep", words, folder_.path());
  }
  Process worker(const std::string& endpoint, const std::string& name,
                 std::vector<std::string> more = {}) {
    std::vector<std::string> words{
        "--coordinator", endpoint,   "--slots",          "1",
        "--name",        host(name), "--checkpoint-dir", (folder_ / "checkpoints").string()};
    words.insert(words.end(), more.begin(), more.end());
    return Process("firesweep-worker", words, folder_.path());
  }
  std::string host(const std::string& name) const {
    return folder_.path().filename().string() + name;
  }
  void submit(const std::string& endpoint, int trials, int epochs, double seconds) {
    const std::string file =
        write(folder_ / "sweep.json", simulated_sweep("leaving", trials, epochs, seconds));
    const Finished submitted =
        run("firesweep", {"submit", file, "--coordinator", endpoint}, folder_.path());
    ASSERT_EQ(submitted.code, 0) << submitted.err;
  }
  std::int64_t number(const std::string& sql) {
    const std::string text = ask(database_, sql);
    return text.empty() ? -1 : std::stoll(text);
  }
  bool becomes(const std::string& sql, std::int64_t least) {
    return eventually([&] { return number(sql) >= least; });
  }
  // The one slot of a supervisor.
  pid_t slot_of(const Process& supervisor, const std::string& name) {
    auto found = processes_with("--name " + host(name));
    std::erase(found, supervisor.pid());
    return found.size() == 1 ? found[0] : 0;
  }
  void expect_finished(std::int64_t trials) {
    EXPECT_TRUE(
        eventually([&] { return ask(database_, "SELECT state FROM sweeps") == "FINISHED"; }));
    EXPECT_EQ(number("SELECT count(*) FROM results"), trials);
    EXPECT_EQ(number("SELECT count(*) FROM superseded_results"), 0);
  }

  TempFolder folder_;
  fs::path database_ = folder_ / "sweeps.db";
};

TEST_F(Preemption, ASignalledWorkerHandsItsTrialToAnother) {
  for (const int signal : {SIGUSR1, SIGTERM, SIGUSR2, SIGHUP}) {
    SCOPED_TRACE(signal);
    fs::remove(database_);
    Process coordinator = serve();
    const std::string endpoint = endpoint_of(coordinator);
    submit(endpoint, 1, 60, 0.05);
    Process first = worker(endpoint, "a");
    ASSERT_TRUE(becomes("SELECT count(*) FROM epochs", 3));
    Process second = worker(endpoint, "b");
    ASSERT_TRUE(becomes("SELECT count(*) FROM workers", 2));
    const auto asked = Clock::now();
    first.signal(signal);
    EXPECT_EQ(first.wait(), 0);
    EXPECT_LT(Clock::now() - asked, kLeavesWithin);
    expect_finished(1);
    EXPECT_EQ(number("SELECT count(*) FROM attempts"), 2) << "nothing was given to the leaver";
    EXPECT_EQ(number("SELECT count(*) FROM attempts WHERE attempt_no = 1 AND charged = 0 AND ended "
                     "= 'HANDED_BACK'"),
              1);
    EXPECT_EQ(number("SELECT count(DISTINCT worker) FROM attempts"), 2);
    EXPECT_GE(number("SELECT resumed_from_epoch FROM attempts WHERE attempt_no = 2"), 3);
    EXPECT_LT(number("SELECT b.opened_ms - a.ended_ms FROM attempts a JOIN attempts b USING "
                     "(trial_id) WHERE a.attempt_no = 1 AND b.attempt_no = 2"),
              1000);
    coordinator.signal(SIGTERM);
    coordinator.wait();
  }
}

TEST_F(Preemption, ASignalledSlotLeavesAlone) {
  Process coordinator = serve();
  const std::string endpoint = endpoint_of(coordinator);
  submit(endpoint, 2, 40, 0.05);
  Process first = worker(endpoint, "a"), second = worker(endpoint, "b");
  ASSERT_TRUE(becomes("SELECT count(DISTINCT trial_id) FROM epochs", 2));
  const pid_t slot = slot_of(first, "a");
  ASSERT_NE(slot, 0);
  ::kill(slot, SIGUSR1);
  EXPECT_EQ(first.wait(), 0) << "its only slot left in good order";
  EXPECT_TRUE(second.running());
  expect_finished(2);
  EXPECT_EQ(number("SELECT count(*) FROM attempts WHERE ended = 'HANDED_BACK'"), 1);
}

TEST_F(Preemption, AWorkerWhoseCoordinatorIsAwayLeavesInTimeAndItsCheckpointIsUsed) {
  std::string endpoint;
  {
    Process coordinator = serve({"--heartbeat", "0.2", "--lease", "1"}, lasting_address());
    endpoint = endpoint_of(coordinator);
    submit(endpoint, 1, 40, 0.05);
    Process first = worker(endpoint, "a");
    ASSERT_TRUE(becomes("SELECT count(*) FROM epochs", 3));
    coordinator.signal(SIGKILL);
    coordinator.wait();
    const auto asked = Clock::now();
    first.signal(SIGUSR1);
    EXPECT_EQ(first.wait(), 1) << "what it had to say was not heard";
    EXPECT_LT(Clock::now() - asked, kLeavesWithin);
  }
  Process coordinator = serve({"--heartbeat", "0.2", "--lease", "1"}, endpoint);
  Process second = worker(endpoint, "b");
  expect_finished(1);
  EXPECT_GE(number("SELECT max(resumed_from_epoch) FROM attempts"), 3);
}

// ---- a trainer that hangs ----

// Stops one thread of another process, as a driver that never returns would. While this lives, the
// thread does nothing; its process can still end.
class StoppedThread {
 public:
  StoppedThread(pid_t process, const std::string& name) {
    for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
      std::string comm;
      std::getline(std::ifstream(entry.path() / "comm"), comm);
      if (comm == name) thread_ = std::stoi(entry.path().filename().string());
    }
    if (thread_ == 0 || ::ptrace(PTRACE_SEIZE, thread_, nullptr, nullptr) != 0) return;
    stopped_ = ::ptrace(PTRACE_INTERRUPT, thread_, nullptr, nullptr) == 0 &&
               ::waitpid(thread_, nullptr, __WALL) == thread_;
  }
  // Only once its process has ended: its last trace is kept for us until it is taken.
  bool gone() {
    int status = 0;
    return ::waitpid(thread_, &status, __WALL | WNOHANG) == thread_ &&
           (WIFEXITED(status) || WIFSIGNALED(status));
  }
  bool stopped() const { return stopped_; }

 private:
  pid_t thread_ = 0;
  bool stopped_ = false;
};

TEST_F(Preemption, AHangingTrainerLosesItsTrialThenItsProcessThoughItsSocketBeats) {
  // The worker's own patience is longer, so that the coordinator must judge by itself.
  Process coordinator = serve({"--heartbeat", "0.1", "--lease", "30", "--stall-after", "2"});
  const std::string endpoint = endpoint_of(coordinator);
  submit(endpoint, 1, 100, 0.1);
  Process first = worker(endpoint, "a", {"--stall-after", "12"});
  ASSERT_TRUE(becomes("SELECT count(*) FROM epochs", 3));
  const pid_t slot = slot_of(first, "a");
  ASSERT_NE(slot, 0);
  StoppedThread trainer(slot, "training");
  ASSERT_TRUE(trainer.stopped()) << "this system does not let a parent stop its child's thread";
  Process second = worker(endpoint, "b");

  ASSERT_TRUE(becomes("SELECT count(*) FROM attempts WHERE ended = 'LOST'", 1));
  EXPECT_EQ(ask(database_, "SELECT message FROM attempts WHERE ended = 'LOST'"), "no progress");
  EXPECT_EQ(slot_of(first, "a"), slot) << "its process lives, and beats";
  ASSERT_TRUE(becomes("SELECT count(*) FROM attempts WHERE attempt_no = 2 AND started_ms", 1));

  EXPECT_TRUE(eventually([&] { return trainer.gone(); })) << "the agent ends its own process";
  EXPECT_TRUE(eventually([&] {
    const pid_t next = slot_of(first, "a");
    return next != 0 && next != slot;
  })) << "the supervisor starts it again";
  expect_finished(1);
  EXPECT_EQ(ask(database_, "SELECT worker FROM attempts JOIN results USING (trial_id, attempt_no)"),
            host("b") + "/0");
}

}  // namespace
}  // namespace firesweep::e2e
