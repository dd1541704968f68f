// Processes are killed while a sweep runs; nothing is lost, nothing is done twice.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"

namespace firesweep::e2e {
namespace {

constexpr int kTrials = 40;

class Faults : public ::testing::Test {
 protected:
  Process serve(const std::string& listen = "tcp://127.0.0.1:*", const std::string& lease = "15") {
    return Process("firesweep",
                   {"serve", "--db", database_.string(), "--listen", listen, "--lease", lease},
                   folder_.path());
  }
  // Whose leases end sooner, where a test waits for that.
  Process serve_short_leases() { return serve("tcp://127.0.0.1:*", "6"); }
  Process worker(const std::string& endpoint, int slots) {
    return Process("firesweep-worker",
                   {"--coordinator", endpoint, "--slots", std::to_string(slots), "--name", name_,
                    "--checkpoint-dir", (folder_ / "checkpoints").string()},
                   folder_.path());
  }
  void submit(const std::string& endpoint, int epochs = 4, double seconds = 0.05) {
    const std::string file =
        write(folder_ / "sweep.json", simulated_sweep("faults", kTrials, epochs, seconds));
    const Finished submitted =
        run("firesweep", {"submit", file, "--coordinator", endpoint}, folder_.path());
    ASSERT_EQ(submitted.code, 0) << submitted.err;
  }
  std::int64_t number(const std::string& sql) {
    const std::string text = ask(database_, sql);
    return text.empty() ? -1 : std::stoll(text);
  }
  bool complete_trials_reach(std::int64_t count) {
    return eventually([&] { return number("SELECT count(*) FROM results") >= count; });
  }
  // Slots of this test's supervisor.
  std::vector<pid_t> slots(const Process& supervisor) {
    std::vector<pid_t> found = processes_with("--name " + name_);
    std::erase(found, supervisor.pid());
    return found;
  }
  void expect_whole() {
    EXPECT_TRUE(
        eventually([&] { return ask(database_, "SELECT state FROM sweeps") == "FINISHED"; }));
    EXPECT_EQ(number("SELECT count(*) FROM results"), kTrials);
    EXPECT_EQ(number("SELECT count(*) FROM trials WHERE state = 'COMPLETE'"), kTrials);
    EXPECT_EQ(number("SELECT count(*) FROM superseded_results"), 0);
    EXPECT_EQ(ask(database_, "PRAGMA integrity_check"), "ok");
  }

  TempFolder folder_;
  std::filesystem::path database_ = folder_ / "sweeps.db";
  std::string name_ = folder_.path().filename().string();
};

TEST_F(Faults, KilledSlotsTrialCompletesElsewhereOnce) {
  Process coordinator = serve_short_leases();
  const std::string endpoint = endpoint_of(coordinator);
  submit(endpoint);
  Process supervisor = worker(endpoint, 2);
  ASSERT_TRUE(complete_trials_reach(3));
  const auto victims = slots(supervisor);
  ASSERT_EQ(victims.size(), 2u);
  ::kill(victims[0], SIGKILL);
  expect_whole();
  EXPECT_GE(number("SELECT count(*) FROM attempts"), kTrials + 1);
  EXPECT_TRUE(supervisor.running()) << "the supervisor outlives its slots";
}

TEST_F(Faults, KilledSupervisorTakesItsSlotsAndAnotherGoesOn) {
  Process coordinator = serve_short_leases();
  const std::string endpoint = endpoint_of(coordinator);
  submit(endpoint);
  Process first = worker(endpoint, 2);
  ASSERT_TRUE(complete_trials_reach(3));
  first.signal(SIGKILL);
  first.wait();
  EXPECT_TRUE(eventually([&] { return processes_with("--name " + name_).empty(); }))
      << "slots die with their supervisor";
  Process second = worker(endpoint, 2);
  expect_whole();
}

TEST_F(Faults, KilledCoordinatorGoesOnAndWorkersReconnect) {
  std::string endpoint;
  std::optional<Process> supervisor;
  {
    Process first = serve(lasting_address());
    endpoint = endpoint_of(first);
    submit(endpoint);
    supervisor.emplace(worker(endpoint, 2));
    ASSERT_TRUE(complete_trials_reach(3));
    first.signal(SIGKILL);
    first.wait();
  }
  const std::int64_t before = number("SELECT count(*) FROM results");
  Process second = serve(endpoint);
  ASSERT_EQ(endpoint_of(second), endpoint);
  EXPECT_GE(number("SELECT count(*) FROM results"), before);
  expect_whole();
  EXPECT_TRUE(supervisor->running());
  EXPECT_EQ(number("SELECT count(*) FROM attempts WHERE ended = 'LOST' AND started_ms IS NOT NULL"),
            0)
      << "a worker that kept training keeps its lease";
}

TEST_F(Faults, SecondCoordinatorOnTheSameDatabaseIsRefused) {
  Process first = serve();
  const std::string endpoint = endpoint_of(first);
  Process second = serve();
  EXPECT_EQ(second.wait(), 2);
  EXPECT_NE(second.err().find(std::to_string(first.pid())), std::string::npos) << second.err();
  EXPECT_NE(second.err().find(endpoint), std::string::npos) << second.err();
  EXPECT_TRUE(first.running());
}

TEST_F(Faults, TerminatedCoordinatorDrainsAndTheNextOneGoesOn) {
  std::string endpoint;
  {
    Process first = serve(lasting_address());
    endpoint = endpoint_of(first);
    submit(endpoint, 40, 0.05);
    Process supervisor = worker(endpoint, 2);
    ASSERT_TRUE(eventually(
        [&] { return number("SELECT count(*) FROM trials WHERE state = 'RUNNING'") == 2; }));
    first.signal(SIGTERM);
    EXPECT_EQ(first.wait(), 130);
    EXPECT_EQ(
        number("SELECT count(*) FROM trials WHERE state IN ('ASSIGNED', 'RUNNING', 'STOPPING')"),
        0);
    EXPECT_EQ(ask(database_, "SELECT state FROM sweeps"), "RUNNING");
    EXPECT_EQ(supervisor.wait(), 0) << "told to leave";
  }
  Process second = serve(endpoint);
  EXPECT_EQ(endpoint_of(second), endpoint);
}

}  // namespace
}  // namespace firesweep::e2e
