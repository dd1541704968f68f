// `firesweep run` as a person uses it, on simulated trials.
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"

namespace firesweep::e2e {
namespace {

class Run : public ::testing::Test {
 protected:
  Finished firesweep(std::vector<std::string> words) {
    return run("firesweep", std::move(words), folder_.path());
  }
  std::string count(const std::string& sql) { return ask(database_, sql); }

  TempFolder folder_;
  std::filesystem::path database_ = folder_ / "sweeps.db";
};

TEST_F(Run, FinishesASweepAndShowsTheRankingAndWhatToTypeNext) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("small", 12, 2, 0.0));
  const Finished ran = firesweep({"run", file, "--workers", "2"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(count("SELECT count(*) FROM results"), "12");
  EXPECT_EQ(count("SELECT state FROM sweeps"), "FINISHED");
  for (const char* part :
       {"small: 12 trials", "Leaderboard", "Pareto front", "sqlite3 sweeps.db", "pareto"}) {
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << " missing in\n" << ran.out;
  }
  EXPECT_TRUE(processes_with(folder_.path().filename().string()).empty())
      << "nothing is left behind";
}

TEST_F(Run, AgainOnTheSameFileRepeatsNothing) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("small", 6, 1, 0.0));
  ASSERT_EQ(firesweep({"run", file}).code, 0);
  const Finished again = firesweep({"run", file});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_NE(again.out.find("resuming sweep 1"), std::string::npos) << again.out;
  EXPECT_EQ(count("SELECT count(*) FROM attempts"), "6");
  EXPECT_EQ(count("SELECT count(*) FROM sweeps"), "1");
}

TEST_F(Run, EditedFileIsAnotherSweep) {
  ASSERT_EQ(firesweep({"run", write(folder_ / "s.json", simulated_sweep("small", 3, 1, 0.0))}).code,
            0);
  ASSERT_EQ(firesweep({"run", write(folder_ / "s.json", simulated_sweep("small", 4, 1, 0.0))}).code,
            0);
  EXPECT_EQ(count("SELECT count(*) FROM sweeps"), "2");
  EXPECT_EQ(count("SELECT count(*) FROM results"), "7");
}

// Three trials for two workers: one of them has nothing to do while the last is trained.
TEST_F(Run, ItsEndTellsHowLongWorkersWereIdle) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("odd", 3, 2, 0.8));
  const Finished ran = firesweep({"run", file, "--workers", "2"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("\nworkers idle at the end "), std::string::npos) << ran.out;
  const std::string even = write(folder_ / "even.json", simulated_sweep("even", 2, 1, 0.1));
  EXPECT_EQ(firesweep({"run", even, "--workers", "2"}).out.find("workers idle"), std::string::npos);
}

TEST_F(Run, CtrlCDrainsAndTheSameCommandResumes) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("long", 20, 10, 0.02));
  Process first("firesweep", {"run", file, "--workers", "2"}, folder_.path());
  ASSERT_TRUE(eventually([&] {
    const std::string done = count("SELECT count(*) FROM results");
    return !done.empty() && std::stoi(done) >= 2;
  }));
  first.signal(SIGINT);
  EXPECT_EQ(first.wait(), 130) << first.err();
  EXPECT_NE(first.out().find("the same command continues"), std::string::npos) << first.out();
  EXPECT_EQ(count("SELECT count(*) FROM trials WHERE state IN ('ASSIGNED', 'RUNNING', 'STOPPING')"),
            "0");
  EXPECT_EQ(count("PRAGMA integrity_check"), "ok");
  EXPECT_TRUE(processes_with(folder_.path().filename().string()).empty());

  const Finished second = firesweep({"run", file, "--workers", "2"});
  EXPECT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(count("SELECT count(*) FROM results"), "20");
  EXPECT_EQ(count("SELECT count(*) FROM sweeps"), "1");
  EXPECT_EQ(count("SELECT count(*) FROM superseded_results"), "0");
}

TEST_F(Run, KilledRunLeavesNoProcessAndResumes) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("long", 20, 10, 0.02));
  Process first("firesweep", {"run", file, "--workers", "2"}, folder_.path());
  ASSERT_TRUE(eventually([&] {
    const std::string done = count("SELECT count(*) FROM results");
    return !done.empty() && std::stoi(done) >= 2;
  }));
  first.signal(SIGKILL);
  first.wait();
  EXPECT_TRUE(
      eventually([&] { return processes_with(folder_.path().filename().string()).empty(); }));
  EXPECT_EQ(firesweep({"run", file, "--workers", "2"}).code, 0);
  EXPECT_EQ(count("SELECT count(*) FROM results"), "20");
}

TEST_F(Run, LeaderboardAndParetoAreRenderedInEveryFormat) {
  const std::string file =
      write(folder_ / "s.json", R"({"name": "plane", "method": "grid", "trainer": "simulated",
    "metric": {"name": "val_accuracy", "goal": "maximize"},
    "parameters": {"variant": {"values": ["v1", "v2", "v3", "v4", "v5"]}, "lr": {"values": [0.001, 0.003]},
                   "epochs": {"value": 2}}})");
  ASSERT_EQ(firesweep({"run", file, "--quiet"}).code, 0);
  const Finished csv = firesweep({"leaderboard", "-f", "csv"});
  EXPECT_EQ(csv.out.substr(0, 5), "rank,") << csv.out << csv.err;
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 11) << csv.out;
  EXPECT_EQ(firesweep({"leaderboard", "-f", "json"}).out.front(), '[');
  const Finished points = firesweep({"pareto", "-f", "csv"});
  EXPECT_EQ(std::count(points.out.begin(), points.out.end(), '\n'), 11)
      << "every point, not only the front";
  EXPECT_NE(points.out.find("on_front"), std::string::npos);
  EXPECT_NE(points.out.find("dominated_by"), std::string::npos);
  EXPECT_EQ(firesweep({"pareto", "-f", "svg", "-o", "p.svg"}).code, 0);
  EXPECT_EQ(count("SELECT rank FROM leaderboard ORDER BY rank LIMIT 1"), "1");
}

TEST_F(Run, FailingTrialsAreRowsAndTheSweepEnds) {
  const std::string file =
      write(folder_ / "s.json", R"({"name": "failing", "method": "grid", "trainer": "simulated",
    "metric": {"name": "val_accuracy", "goal": "maximize"}, "max_restarts": 1,
    "seeds": [1, 2, 3, 4, 5, 6, 7, 8],
    "parameters": {"variant": {"value": "v3"}, "epochs": {"value": 1}, "simulated_failure_rate": {"value": 1.0}}})");
  const Finished ran = firesweep({"run", file});
  EXPECT_EQ(ran.code, 3) << "no trial succeeded: " << ran.err;
  EXPECT_EQ(count("SELECT count(*) FROM trials WHERE state = 'FAIL' AND reason = 'ERROR'"), "8");
  EXPECT_EQ(count("SELECT count(*) FROM attempts"), "16") << "one restart each";
}

TEST_F(Run, TooManyFailuresFailTheSweepWithExitCodeThree) {
  const std::string file =
      write(folder_ / "s.json", R"({"name": "failing", "method": "grid", "trainer": "simulated",
    "metric": {"name": "val_accuracy", "goal": "maximize"}, "max_restarts": 0, "max_failed_trials": 2,
    "seeds": [1, 2, 3, 4, 5, 6, 7, 8],
    "parameters": {"variant": {"value": "v3"}, "epochs": {"value": 1}, "simulated_failure_rate": {"value": 1.0}}})");
  EXPECT_EQ(firesweep({"run", file, "--workers", "1"}).code, 3);
  EXPECT_EQ(count("SELECT state FROM sweeps"), "FAILED");
}

TEST_F(Run, LongSweepAsksForYes) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("days", 100, 100, 60));
  const Finished refused = firesweep({"run", file});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--yes"), std::string::npos) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(database_));
}

}  // namespace
}  // namespace firesweep::e2e
