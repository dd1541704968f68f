// Workers that leave of their own accord: idle, after so many trials, before a time, at a notice.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;

// Longer than a worker takes to get its first trial on a busy machine.
constexpr const char* kIdle = "10s";

class Elastic : public ::testing::Test {
 protected:
  void SetUp() override {
    coordinator_.emplace("firesweep",
                         std::vector<std::string>{"serve", "--db", database_.string(), "--listen",
                                                  "tcp://127.0.0.1:*"},
                         folder_.path());
    endpoint_ = endpoint_of(*coordinator_);
  }
  Process worker(std::vector<std::string> more) {
    std::vector<std::string> words{"--coordinator",    endpoint_,
                                   "--name",           folder_.path().filename().string(),
                                   "--checkpoint-dir", (folder_ / "checkpoints").string()};
    words.insert(words.end(), more.begin(), more.end());
    return Process("firesweep-worker", words, folder_.path());
  }
  void submit(int trials, int epochs, double seconds) {
    const std::string file =
        write(folder_ / "sweep.json", simulated_sweep("elastic", trials, epochs, seconds));
    const Finished submitted =
        run("firesweep", {"submit", file, "--coordinator", endpoint_}, folder_.path());
    ASSERT_EQ(submitted.code, 0) << submitted.err;
  }
  std::int64_t number(const std::string& sql) {
    const std::string text = ask(database_, sql);
    return text.empty() ? -1 : std::stoll(text);
  }
  bool begins() {
    return eventually([&] { return number("SELECT count(*) FROM epochs") >= 1; });
  }
  std::int64_t handed_back() {
    return number("SELECT count(*) FROM attempts WHERE ended = 'HANDED_BACK' AND charged = 0");
  }

  TempFolder folder_;
  fs::path database_ = folder_ / "sweeps.db";
  std::optional<Process> coordinator_;
  std::string endpoint_;
};

TEST_F(Elastic, AnIdleWorkerLeavesOnceTheSweepIsDone) {
  submit(4, 3, 0.1);
  Process idle = worker({"--slots", "2", "--idle-exit", kIdle});
  EXPECT_EQ(idle.wait(), 0);
  EXPECT_EQ(ask(database_, "SELECT state FROM sweeps"), "FINISHED");
  EXPECT_EQ(number("SELECT count(*) FROM attempts"), 4);
  const Finished status = run("firesweep", {"status", "--coordinator", endpoint_}, folder_.path());
  EXPECT_NE(status.out.find("gone  2 workers, "), std::string::npos) << status.out;
  EXPECT_NE(status.out.find(" slot-hours, idle "), std::string::npos) << status.out;
}

TEST_F(Elastic, AWorkerLeavesAfterItsTrialsAndAnotherEndsTheSweep) {
  submit(7, 5, 0.1);
  Process first = worker({"--slots", "2", "--max-trials", "3"});
  EXPECT_EQ(first.wait(), 0);
  const std::int64_t ended = number("SELECT count(*) FROM results");
  EXPECT_GE(ended, 3);
  EXPECT_LE(ended, 4) << "both may have begun their last one at the same time";
  Process second = worker({"--slots", "2", "--idle-exit", kIdle});
  EXPECT_EQ(second.wait(), 0);
  EXPECT_EQ(number("SELECT count(*) FROM results"), 7);
}

TEST_F(Elastic, ANoticeHandsTheTrialBackForAnother) {
  submit(1, 240, 0.05);
  const fs::path mark = folder_ / "notice";
  Process first =
      worker({"--slots", "1", "--notice-command", "cat '" + mark.string() + "' 2> /dev/null"});
  ASSERT_TRUE(begins());
  std::ofstream(mark) << "to be reclaimed at 18:00\n";
  EXPECT_EQ(first.wait(), 0);
  EXPECT_EQ(handed_back(), 1);
  Process second = worker({"--slots", "1", "--idle-exit", kIdle});
  EXPECT_EQ(second.wait(), 0);
  EXPECT_EQ(number("SELECT count(*) FROM results"), 1);
  EXPECT_GE(number("SELECT max(resumed_from_epoch) FROM attempts"), 1);
}

// Twelve seconds from now it begins to hand back, as it does a minute before the time.
TEST_F(Elastic, UntilHandsBackInTime) {
  submit(1, 600, 0.05);
  const auto begin = std::chrono::steady_clock::now();
  Process worker = this->worker({"--slots", "1", "--until", "72s"});
  ASSERT_TRUE(begins());
  EXPECT_EQ(worker.wait(), 0);
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GT(took, std::chrono::seconds(11));
  EXPECT_LT(took, std::chrono::seconds(32));
  EXPECT_EQ(handed_back(), 1);
}

TEST_F(Elastic, APausedSweepKeepsNobodyThatIsIdle) {
  submit(3, 3, 0.1);
  ASSERT_EQ(run("firesweep", {"pause", "1", "--coordinator", endpoint_}, folder_.path()).code, 0);
  Process idle = worker({"--slots", "2", "--idle-exit", "1s"});
  EXPECT_EQ(idle.wait(), 0);
  EXPECT_EQ(number("SELECT count(*) FROM attempts"), 0);
  ASSERT_EQ(run("firesweep", {"resume", "1", "--coordinator", endpoint_}, folder_.path()).code, 0);
  Process again = worker({"--slots", "2", "--idle-exit", kIdle});
  EXPECT_EQ(again.wait(), 0);
  EXPECT_EQ(number("SELECT count(*) FROM results"), 3);
}

TEST_F(Elastic, WithoutACoordinatorAWorkerIsIdle) {
  coordinator_->signal(SIGKILL);
  coordinator_->wait();
  Process idle = worker({"--slots", "1", "--idle-exit", "1s"});
  EXPECT_EQ(idle.wait(std::chrono::seconds(30)), 0);
}

TEST_F(Elastic, ANoticeCommandThatFailsOrHangsDisturbsNoTrial) {
  submit(2, 5, 0.05);
  Process failing = worker({"--slots", "1", "--idle-exit", kIdle, "--max-trials", "1",
                            "--notice-command", "no-such-command-anywhere"});
  EXPECT_EQ(failing.wait(), 0);
  Process hanging =
      worker({"--slots", "1", "--idle-exit", kIdle, "--notice-command", "sleep 600; true"});
  EXPECT_EQ(hanging.wait(), 0);
  EXPECT_EQ(number("SELECT count(*) FROM results"), 2);
  // What was given to the first worker while it left never arrived: it is lost without a charge.
  EXPECT_EQ(number("SELECT count(*) FROM attempts WHERE charged = 1"
                   " OR (ended = 'LOST' AND started_ms IS NOT NULL)"),
            0);
}

TEST_F(Elastic, ATimeThatIsOverIsRefusedBeforeAnythingBegins) {
  Process late = worker({"--until", "2020-01-01T00:00"});
  EXPECT_EQ(late.wait(), 2);
  EXPECT_NE(late.err().find("expected a time to come"), std::string::npos) << late.err();
}

}  // namespace
}  // namespace firesweep::e2e
