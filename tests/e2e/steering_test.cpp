// What users ask of a sweep while it runs: pause, resume, stop, wait, retry; with a coordinator and
// without one.
#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"

namespace firesweep::e2e {
namespace {

class Steering : public ::testing::Test {
 protected:
  Finished firesweep(std::vector<std::string> words) {
    words.insert(words.end(), {"--db", database_.string()});
    return run("firesweep", std::move(words), folder_.path());
  }
  Process serve() {
    return Process("firesweep",
                   {"serve", "--db", database_.string(), "--listen", "tcp://127.0.0.1:*"},
                   folder_.path());
  }
  Process worker(const std::string& endpoint) {
    return Process("firesweep-worker",
                   {"--coordinator", endpoint, "--slots", "2", "--checkpoint-dir",
                    (folder_ / "checkpoints").string()},
                   folder_.path());
  }
  std::string ask(const std::string& sql) { return e2e::ask(database_, sql); }
  bool becomes(const std::string& sql, const std::string& value) {
    return eventually([&] { return ask(sql) == value; });
  }

  TempFolder folder_;
  std::filesystem::path database_ = folder_ / "sweeps.db";
};

TEST_F(Steering, PauseResumeStopAndWaitThroughTheDatabasesOwner) {
  Process coordinator = serve();
  const std::string endpoint = endpoint_of(coordinator);
  const std::string file = write(folder_ / "s.json", simulated_sweep("steered", 30, 2, 0.05));
  ASSERT_EQ(firesweep({"submit", file}).code, 0);
  Process workers = worker(endpoint);
  ASSERT_TRUE(eventually([&] { return ask("SELECT count(*) > 2 FROM results") == "1"; }));

  const Finished paused = firesweep({"pause", "1"});
  EXPECT_EQ(paused.code, 0) << paused.err;
  EXPECT_NE(paused.out.find("sweep 1 is PAUSED"), std::string::npos) << paused.out;
  ASSERT_TRUE(becomes("SELECT count(*) FROM attempts WHERE ended IS NULL", "0"))
      << "what ran goes on to its end";
  const std::string attempts = ask("SELECT count(*) FROM attempts");
  const Finished again = firesweep({"pause", "1"});
  EXPECT_EQ(again.code, 2);
  EXPECT_NE(again.err.find("it is PAUSED"), std::string::npos) << again.err;
  EXPECT_EQ(firesweep({"wait", "1", "--timeout", "1"}).code, 1);
  EXPECT_EQ(ask("SELECT count(*) FROM attempts"), attempts) << "nothing was given out meanwhile";

  EXPECT_EQ(firesweep({"resume", "1"}).code, 0);
  ASSERT_TRUE(eventually([&] { return ask("SELECT count(*) > 10 FROM results") == "1"; }));
  EXPECT_EQ(firesweep({"stop", "1"}).code, 0);
  ASSERT_TRUE(becomes("SELECT state FROM sweeps", "STOPPED"));
  EXPECT_EQ(firesweep({"wait", "1"}).code, 1) << "STOPPED is no success";
  EXPECT_EQ(firesweep({"resume", "1"}).code, 0);
  const Finished waited = firesweep({"wait", "1", "--timeout", "60"});
  EXPECT_EQ(waited.code, 0) << waited.err;
  EXPECT_NE(waited.out.find("FINISHED: 30 complete"), std::string::npos) << waited.out;
  EXPECT_EQ(ask("SELECT count(*) FROM results"), "30");
}

TEST_F(Steering, APauseWithoutACoordinatorHoldsForTheNextOne) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("steered", 3, 1, 0));
  ASSERT_EQ(firesweep({"submit", file}).code, 0);
  ASSERT_EQ(firesweep({"pause", "1"}).code, 0);
  Process coordinator = serve();
  Process workers = worker(endpoint_of(coordinator));
  ASSERT_TRUE(becomes("SELECT count(*) FROM workers", "2"));
  EXPECT_EQ(ask("SELECT count(*) FROM attempts"), "0");
  EXPECT_EQ(firesweep({"resume", "1"}).code, 0);
  EXPECT_EQ(firesweep({"wait", "1", "--timeout", "60"}).code, 0);
}

TEST_F(Steering, TheFileOfAPausedSweepResumesItAndThatIsSaid) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("steered", 3, 1, 0));
  ASSERT_EQ(firesweep({"submit", file}).code, 0);
  for (const char* verb : {"submit", "run"}) {
    ASSERT_EQ(firesweep({"pause", "1"}).code, 0);
    const Finished resumed = firesweep({verb, file});
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_NE(resumed.out.find("it was PAUSED and is RUNNING now (`firesweep pause 1 --db " +
                               database_.string() + "` pauses it again)"),
              std::string::npos)
        << resumed.out;
  }
  EXPECT_EQ(ask("SELECT state FROM sweeps"), "FINISHED");
  EXPECT_EQ(firesweep({"submit", file}).out.find("it was"), std::string::npos);
}

// Another build's sweep: this one can neither run it nor wait for its end.
TEST_F(Steering, ABrokenSweepIsSaidToBeBrokenAndNotWaitedFor) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("newer", 3, 1, 0));
  ASSERT_EQ(firesweep({"submit", file}).code, 0);
  SQLite::Database(database_.string(), SQLite::OPEN_READWRITE, 2000)
      .exec("UPDATE sweeps SET spec = json_set(spec, '$.rules', 99)");
  const auto expect_no_waiting = [&] {
    const Finished waited = firesweep({"wait", "1", "--timeout", "30"});
    EXPECT_EQ(waited.code, 1);
    EXPECT_NE(waited.err.find("sweep 1 is broken: this build cannot read it"), std::string::npos)
        << waited.err;
  };
  expect_no_waiting();
  Process coordinator = serve();
  endpoint_of(coordinator);
  expect_no_waiting();
  const Finished status = firesweep({"status"});
  EXPECT_NE(status.out.find("  broken: this build cannot read it"), std::string::npos)
      << status.out;
  EXPECT_EQ(status.out.find("waiting: "), std::string::npos) << status.out;
  EXPECT_EQ(firesweep({"cancel", "1"}).code, 0);
}

TEST_F(Steering, RetryRunsWhatHasFailed) {
  const std::string file =
      write(folder_ / "s.json", R"({"name": "failing", "method": "grid", "trainer": "simulated",
    "metric": {"name": "val_accuracy", "goal": "maximize"}, "max_restarts": 0, "seeds": [1, 2],
    "parameters": {"variant": {"value": "v3"}, "epochs": {"value": 1}, "simulated_failure_rate": {"value": 1.0}}})");
  ASSERT_EQ(firesweep({"run", file}).code, 3);
  ASSERT_EQ(ask("SELECT count(*) FROM attempts"), "2");
  EXPECT_EQ(firesweep({"retry", "1"}).code, 2) << "--failed is asked for";
  const Finished retried = firesweep({"retry", "1", "--failed"});
  EXPECT_EQ(retried.code, 0) << retried.err;
  EXPECT_NE(retried.out.find("2 retried"), std::string::npos) << retried.out;
  EXPECT_EQ(ask("SELECT state FROM sweeps"), "RUNNING");
  ASSERT_EQ(firesweep({"run", file}).code, 3);
  EXPECT_EQ(ask("SELECT count(*) FROM attempts"), "4");
  EXPECT_EQ(firesweep({"retry", "1/0"}).code, 0);
  EXPECT_EQ(ask("SELECT count(*) FROM trials WHERE state = 'WAITING'"), "1");
}

TEST_F(Steering, AnExtendedSweepRunsWhatIsNew) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("grown", 3, 1, 0));
  ASSERT_EQ(firesweep({"run", file}).code, 0);
  const std::string more = write(folder_ / "more.json", simulated_sweep("grown", 5, 1, 0));
  const Finished extended = firesweep({"extend", "1", more});
  EXPECT_EQ(extended.code, 0) << extended.err;
  EXPECT_NE(extended.out.find("added 2 trials"), std::string::npos) << extended.out;
  ASSERT_EQ(firesweep({"run", more}).code, 0) << "the new file names the sweep as well";
  EXPECT_EQ(ask("SELECT count(*) FROM sweeps"), "1");
  EXPECT_EQ(ask("SELECT count(*) FROM results"), "5");
  EXPECT_EQ(ask("SELECT total_trials FROM sweeps"), "5");
  EXPECT_EQ(ask("SELECT max(attempt_no) FROM attempts"), "1") << "nothing was done twice";
  EXPECT_EQ(firesweep({"extend", "1", more}).code, 2);
}

TEST_F(Steering, AFinishedSweepTakesMoreSeedsForEveryPoint) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("seeded", 3, 1, 0));
  ASSERT_EQ(firesweep({"run", file}).code, 0);
  const Finished extended = firesweep({"extend", "1", "--seeds", "4,5"});
  EXPECT_EQ(extended.code, 0) << extended.err;
  EXPECT_NE(extended.out.find("added 6 trials"), std::string::npos) << extended.out;
  ASSERT_EQ(firesweep({"run", file}).code, 0);
  EXPECT_EQ(ask("SELECT count(*) FROM results"), "9");
  EXPECT_EQ(ask("SELECT max(attempt_no) FROM attempts"), "1") << "nothing was done twice";
  EXPECT_EQ(ask("SELECT count(*) || ' ' || min(n_seeds) FROM leaderboard_points"), "3 3");
  EXPECT_EQ(firesweep({"extend", "1", "--seeds", "5,4"}).code, 2) << "they are there";
  EXPECT_EQ(firesweep({"extend", "1", "--seeds", "4,4"}).code, 2);
  EXPECT_EQ(firesweep({"extend", "1"}).code, 2);
  EXPECT_EQ(firesweep({"extend", "1", file, "--run-cap", "9"}).code, 2);
}

TEST_F(Steering, TheSameFileAgainIsSaidWithWhatCanBeDone) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("again", 2, 1, 0));
  ASSERT_EQ(firesweep({"run", file}).code, 0);
  const Finished submitted = firesweep({"submit", file});
  EXPECT_EQ(submitted.code, 0) << submitted.err;
  for (const char* said : {"nothing to do for sweep 1", "submitted before", "extend 1 --seeds",
                           "a copy of the file with another name"}) {
    EXPECT_NE(submitted.out.find(said), std::string::npos) << said << " in " << submitted.out;
  }
  const Finished ran = firesweep({"run", file});
  EXPECT_NE(ran.out.find("extend 1 --seeds"), std::string::npos) << ran.out;
}

TEST_F(Steering, AnEditedFileUnderAnEarlierNameIsAnotherSweepAndExtendIsNamed) {
  const auto submit = [&](const std::string& name, int points) {
    const Finished submitted = firesweep(
        {"submit", write(folder_ / (name + ".json"), simulated_sweep(name, points, 1, 0))});
    EXPECT_EQ(submitted.code, 0) << submitted.err;
    return submitted.out;
  };
  const std::string kHint =
      "  sweep 1 has the same name and other content; to add trials to it, type "
      "`firesweep extend 1 EDITED_COPY.json --db " +
      database_.string() + "` in place of submit\n";
  EXPECT_EQ(submit("one", 3).find("same name"), std::string::npos) << "there is no other";
  EXPECT_EQ(submit("other", 3).find("same name"), std::string::npos);
  const std::string edited = submit("one", 4);
  EXPECT_NE(edited.find(kHint), std::string::npos) << edited;
  EXPECT_EQ(submit("one", 4).find("same name"), std::string::npos) << "it goes on";
}

TEST_F(Steering, StatusOfOneSweepWithoutACoordinatorShowsNoOther) {
  for (const std::string name : {"first", "second"}) {
    ASSERT_EQ(firesweep({"submit", write(folder_ / "s.json", simulated_sweep(name, 2, 1, 0))}).code,
              0);
  }
  const std::string all = firesweep({"status"}).out;
  EXPECT_NE(all.find("first"), std::string::npos) << all;
  EXPECT_NE(all.find("second"), std::string::npos) << all;
  const std::string one = firesweep({"status", "2"}).out;
  EXPECT_EQ(one.find("first"), std::string::npos) << one;
  EXPECT_NE(one.find("second"), std::string::npos) << one;
  const Finished none = firesweep({"status", "7"});
  EXPECT_EQ(none.code, 2);
  EXPECT_NE(none.err.find("no such sweep"), std::string::npos) << none.err;
}

TEST_F(Steering, AnotherMethodAndARaisedRunCapAreSaidAsTheyAre) {
  const auto drawn = [&](const std::string& method, int run_cap) {
    return write(folder_ / (method + ".json"), R"({"name": "drawn", "method": ")" + method +
                                                   R"(", "trainer": "simulated", "run_cap": )" +
                                                   std::to_string(run_cap) + R"(,
    "parameters": {"lr": {"values": [0.01, 0.02, 0.03, 0.04, 0.05, 0.06]}, "epochs": {"value": 1}}})");
  };
  const std::string grid = drawn("grid", 3);
  ASSERT_EQ(firesweep({"run", grid}).code, 0);
  ASSERT_EQ(firesweep({"extend", "1", "--run-cap", "4"}).code, 0);
  const Finished ran = firesweep({"run", grid});
  EXPECT_NE(ran.out.find("  3  run_cap: the first 3 in number order are in this file; the sweep "
                         "has more\n"),
            std::string::npos)
      << ran.out;
  const Finished extended = firesweep({"extend", "1", drawn("random", 6)});
  EXPECT_NE(extended.out.find("  warning: the method changes from grid to random, for the added "
                              "trials alone\n"),
            std::string::npos)
      << extended.out << extended.err;
}

TEST_F(Steering, WhatIsNotThereIsSaid) {
  const std::string file = write(folder_ / "s.json", simulated_sweep("steered", 3, 1, 0));
  ASSERT_EQ(firesweep({"submit", file}).code, 0);
  EXPECT_EQ(firesweep({"pause", "7"}).code, 2);
  EXPECT_EQ(firesweep({"pause", "1/0"}).code, 2);
  EXPECT_EQ(firesweep({"wait", "7"}).code, 2);
  const Finished released = firesweep({"release", "host/0"});
  EXPECT_EQ(released.code, 2);
  EXPECT_NE(released.err.find("not quarantined"), std::string::npos) << released.err;
}

}  // namespace
}  // namespace firesweep::e2e
