// Checkpoints travel between hosts: each worker has a folder of its own, as on machines of its own.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;

class Checkpoints : public ::testing::Test {
 protected:
  Process serve(std::vector<std::string> more = {}, const std::string& at = "tcp://127.0.0.1:*") {
    std::vector<std::string> words{
        "serve",   "--db", database_.string(),    "--listen",         at, "--heartbeat", "0.2",
        "--lease", "1",    "--checkpoint-listen", "tcp://127.0.0.1:*"};
    words.insert(words.end(), more.begin(), more.end());
    return Process("firesweep", words, folder_.path());
  }
  Process worker(const std::string& endpoint, const std::string& name, const fs::path& folder) {
    return Process("firesweep-worker",
                   {"--coordinator", endpoint, "--slots", "1", "--name",
                    folder_.path().filename().string() + name, "--checkpoint-dir", folder.string()},
                   folder_.path());
  }
  Process worker(const std::string& endpoint, const std::string& name) {
    return worker(endpoint, name, folder_ / ("disk of " + name));
  }
  void submit(const std::string& endpoint, int trials, int epochs, double seconds) {
    const std::string file =
        write(folder_ / "sweep.json", simulated_sweep("travel", trials, epochs, seconds));
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
  std::size_t stored_files() {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(database_.string() + ".checkpoints")) {
      if (entry.path().extension() == ".checkpoint") ++count;
    }
    return count;
  }
  void expect_finished(std::int64_t trials) {
    EXPECT_TRUE(
        eventually([&] { return ask(database_, "SELECT state FROM sweeps") == "FINISHED"; }));
    EXPECT_EQ(number("SELECT count(*) FROM results"), trials);
  }

  TempFolder folder_;
  fs::path database_ = folder_ / "sweeps.db";
};

TEST_F(Checkpoints, APreemptedTrialGoesOnOnAnotherHostFromItsVeryCheckpoint) {
  Process coordinator = serve();
  const std::string endpoint = endpoint_of(coordinator);
  submit(endpoint, 1, 60, 0.05);
  Process first = worker(endpoint, "a");
  ASSERT_TRUE(becomes("SELECT count(*) FROM epochs", 3));
  Process second = worker(endpoint, "b");
  ASSERT_TRUE(becomes("SELECT count(*) FROM workers", 2));
  first.signal(SIGUSR1);
  EXPECT_EQ(first.wait(), 0);
  expect_finished(1);
  EXPECT_EQ(number("SELECT count(*) FROM attempts"), 2);
  EXPECT_EQ(number("SELECT resumed_from_epoch FROM attempts WHERE attempt_no = 2"),
            number("SELECT known_epoch FROM attempts WHERE attempt_no = 2"))
      << "the checkpoint of the moment it was stopped";
  EXPECT_GE(number("SELECT resumed_from_epoch FROM attempts WHERE attempt_no = 2"), 3);
  EXPECT_EQ(number("SELECT max(checkpoint_missed) FROM attempts"), 0);
  EXPECT_LT(number("SELECT b.opened_ms - a.ended_ms FROM attempts a JOIN attempts b USING "
                   "(trial_id) WHERE a.attempt_no = 1 AND b.attempt_no = 2"),
            2000);
}

// The better of two trials waits at its rung until the other has come there, by then on another
// host.
TEST_F(Checkpoints, APromotedTrialGoesOnOnAnotherHostFromItsRung) {
  Process coordinator = serve();
  const std::string endpoint = endpoint_of(coordinator);
  const std::string file = write(folder_ / "sweep.json", R"({"name": "promoted", "method": "grid",
    "trainer": "simulated", "parameters": {"variant": {"value": "v3"},
    "lr": {"values": [0.01, 0.9]}, "epochs": {"value": 5}, "simulated_seconds": {"value": 0.6}},
    "early_terminate": {"type": "asha", "promotion": true, "min_iter": 2, "eta": 2}})");
  ASSERT_EQ(run("firesweep", {"submit", file, "--coordinator", endpoint}, folder_.path()).code, 0);
  Process first = worker(endpoint, "a");
  ASSERT_TRUE(becomes(
      "SELECT count(*) FROM trials JOIN checkpoints USING (trial_id) WHERE state = 'WAITING'", 1));
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait(), 0);
  EXPECT_EQ(number("SELECT count(*) FROM promotions"), 0);
  Process second = worker(endpoint, "b");
  expect_finished(1);
  const std::string promoted =
      " FROM attempts WHERE trial_id & 0xFFFFFFFFFF = 0 AND attempt_no = 2";
  EXPECT_GE(number("SELECT resumed_from_epoch" + promoted), 2);
  EXPECT_EQ(number("SELECT checkpoint_missed" + promoted), 0);
  EXPECT_EQ(number("SELECT count(DISTINCT session) FROM attempts"), 2);
  EXPECT_EQ(number("SELECT max(restarts) FROM trials"), 0);
  EXPECT_EQ(ask(database_, "SELECT state FROM trials WHERE number = 1"), "PRUNED");
  EXPECT_EQ(number("SELECT epoch FROM terminations"), 2);
}

TEST_F(Checkpoints, AKilledWorkersTrialGoesOnFromWhatItHadSent) {
  Process coordinator = serve();
  const std::string endpoint = endpoint_of(coordinator);
  submit(endpoint, 1, 60, 0.05);
  Process first = worker(endpoint, "a");
  ASSERT_TRUE(becomes("SELECT count(*) FROM checkpoints", 1));
  first.signal(SIGKILL);
  first.wait();
  Process second = worker(endpoint, "b");
  expect_finished(1);
  EXPECT_GE(number("SELECT resumed_from_epoch FROM attempts WHERE attempt_no = 2"), 1);
}

TEST_F(Checkpoints, TheyOutliveTheCoordinatorAndOnlyTheirRowsFilesAreKept) {
  std::string endpoint;
  {
    Process coordinator = serve({}, lasting_address());
    endpoint = endpoint_of(coordinator);
    submit(endpoint, 1, 60, 0.05);
    Process first = worker(endpoint, "a");
    ASSERT_TRUE(becomes("SELECT count(*) FROM checkpoints", 1));
    coordinator.signal(SIGKILL);
    coordinator.wait();
  }
  write(database_.string() + ".checkpoints/1-1-1-orphan.checkpoint", "orphan");
  Process coordinator = serve({}, endpoint);
  ASSERT_EQ(endpoint_of(coordinator), endpoint);
  EXPECT_EQ(stored_files(), 1u);
  Process second = worker(endpoint, "b");
  expect_finished(1);
  EXPECT_GE(number("SELECT max(resumed_from_epoch) FROM attempts"), 1);
}

TEST_F(Checkpoints, ALostFileCostsTheResumeAndTheRowSaysSo) {
  std::string endpoint;
  {
    Process coordinator = serve({}, lasting_address());
    endpoint = endpoint_of(coordinator);
    submit(endpoint, 1, 40, 0.05);
    Process first = worker(endpoint, "a");
    ASSERT_TRUE(becomes("SELECT count(*) FROM checkpoints", 1));
    coordinator.signal(SIGKILL);
    coordinator.wait();
  }
  for (const auto& entry : fs::directory_iterator(database_.string() + ".checkpoints")) {
    if (entry.path().extension() == ".checkpoint") fs::remove(entry.path());
  }
  Process coordinator = serve({}, endpoint);
  Process second = worker(endpoint, "b");
  expect_finished(1);
  EXPECT_EQ(number("SELECT resumed_from_epoch FROM attempts WHERE attempt_no = 2"), 0);
  EXPECT_EQ(number("SELECT checkpoint_missed FROM attempts WHERE attempt_no = 2"), 1);
}

TEST_F(Checkpoints, AFolderThatBothUseSendsNothing) {
  const fs::path shared = folder_ / "shared";
  Process coordinator = serve({"--checkpoint-dir", shared.string()});
  const std::string endpoint = endpoint_of(coordinator);
  submit(endpoint, 1, 40, 0.05);
  Process first = worker(endpoint, "a", shared);
  ASSERT_TRUE(becomes("SELECT count(*) FROM epochs", 3));
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait(), 0);
  Process second = worker(endpoint, "b", shared);
  expect_finished(1);
  EXPECT_GE(number("SELECT resumed_from_epoch FROM attempts WHERE attempt_no = 2"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM checkpoints"), 0);
}

TEST_F(Checkpoints, TheQuotaEvictsWhatNobodyWillResume) {
  Process coordinator = serve({"--checkpoint-bytes", "1"});
  const std::string endpoint = endpoint_of(coordinator);
  submit(endpoint, 3, 20, 0.05);
  Process first = worker(endpoint, "a");
  expect_finished(3);
  EXPECT_LE(stored_files(), 1u) << "a live trial's is kept beyond the quota, an ended one's is not";
  EXPECT_EQ(number("SELECT count(*) FROM checkpoints"), static_cast<std::int64_t>(stored_files()));
}

}  // namespace
}  // namespace firesweep::e2e
