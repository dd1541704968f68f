// Trials that are not trained, with real processes: seeds that were raced out, and results that
// were there already.
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "tests/e2e/own_folder.h"
#include "tests/places.h"

namespace firesweep::e2e {
namespace {

class Points : public OwnFolder {
 protected:
  std::string count(const std::string& sql) { return ask(database_, sql); }
  // A sweep of so many learning rates.
  std::string file(const std::string& name, const std::string& rates, const std::string& more) {
    return write(folder_ / (name + ".json"),
                 R"({"name": ")" + name + R"(", "method": "grid", "trainer": "simulated",
    "parameters": {"variant": {"value": "v3"}, "lr": {"values": [)" +
                     rates + R"(]}, "epochs": {"value": 3}})" + more + "}");
  }
};

TEST_F(Points, TheGallerysRaceSparesSeedsOfWeakPointsAndSaysSo) {
  const std::string gallery = (source_dir() / "sweeps/seeds_racing.json").string();
  const Finished preview = firesweep({"preview", gallery, "--no-probe"});
  EXPECT_NE(preview.out.find("racing for the best 2 of each group: saves up to 36 of 80 trials"),
            std::string::npos)
      << preview.out;
  const Finished ran = firesweep({"run", gallery, "--workers", "2"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(count("SELECT state FROM sweeps"), "FINISHED");
  const std::string out = count("SELECT count(*) FROM raced_out");
  EXPECT_GE(std::stoi(out), 12) << "the rates are decades apart";
  EXPECT_EQ(count("SELECT count(*) FROM trials WHERE state = 'PRUNED'"), out);
  EXPECT_EQ(count("SELECT count(*) FROM results"), std::to_string(80 - std::stoi(out)));
  EXPECT_EQ(count("SELECT min(n) FROM (SELECT count(*) AS n FROM leaderboard_points"
                  " WHERE raced_out IS NULL GROUP BY variant)"),
            count("SELECT min(n) FROM (SELECT count(rank) AS n FROM leaderboard_points"
                  " GROUP BY variant)"));
  EXPECT_EQ(count("SELECT min(n_seeds) FROM leaderboard_points WHERE raced_out IS NULL"), "5");
  const Finished board = firesweep({"leaderboard", "--points"});
  EXPECT_NE(board.out.find("of 5 seeds: not among the best 2 by a paired t-test"),
            std::string::npos)
      << board.out;
}

TEST_F(Points, TheGallerysLongerTrialsGoOnFromTheCheckpointsOfTheShorterOnes) {
  const std::string shorter = (source_dir() / "sweeps/constant_rate.json").string();
  const std::string longer = (source_dir() / "sweeps/longer_with_cooldown.json").string();
  ASSERT_EQ(firesweep({"run", shorter, "--workers", "2"}).code, 0);
  const Finished extended = firesweep({"extend", "1", longer});
  EXPECT_NE(extended.out.find("4 of them train longer what the sweep has: they go on"),
            std::string::npos)
      << extended.out << extended.err;
  const Finished ran = firesweep({"run", longer, "--workers", "2"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(count("SELECT count(*) FROM results"), "8");
  EXPECT_EQ(count("SELECT group_concat(resumed_from_epoch, ' ') FROM"
                  " (SELECT * FROM attempts ORDER BY trial_id)"),
            "0 0 0 0 4 4 4 4")
      << "6 more epochs a point";
  EXPECT_EQ(count("SELECT max(checkpoint_missed) FROM attempts"), "0");
  EXPECT_EQ(ran.out.find("begins from nothing"), std::string::npos) << ran.out;
}

TEST_F(Points, ALongerTrialThatBeginsFromNothingIsSaidAndChargesNoRestart) {
  const std::string shorter = (source_dir() / "sweeps/constant_rate.json").string();
  const std::string longer = (source_dir() / "sweeps/longer_with_cooldown.json").string();
  ASSERT_EQ(firesweep({"run", shorter, "--workers", "2"}).code, 0);
  std::filesystem::remove_all(database_.string() + ".checkpoints");
  ASSERT_EQ(firesweep({"extend", "1", longer}).code, 0);
  const Finished ran = firesweep({"run", longer, "--workers", "2"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(count("SELECT group_concat(checkpoint_missed, ' ') FROM"
                  " (SELECT * FROM attempts ORDER BY trial_id)"),
            "0 0 0 0 1 1 1 1");
  EXPECT_EQ(count("SELECT max(resumed_from_epoch) || max(charged) FROM attempts"), "00");
  EXPECT_NE(ran.out.find("  begins from nothing: the checkpoint it could go on from was not found"),
            std::string::npos)
      << ran.out;
  const std::string log = text_of("sweeps.db.log");
  EXPECT_NE(log.find("event=begins_from_nothing"), std::string::npos) << log;
  const Finished listed = firesweep({"list", "1"});
  EXPECT_NE(listed.out.find("no checkpoint"), std::string::npos) << listed.out;
}

TEST_F(Points, ARaceThatIsKilledGoesOnAndDecidesNothingTwice) {
  const std::string sweep =
      file("race", "0.0003, 0.003, 0.03, 0.3", R"(, "seeds": [1, 2, 3, 4], "racing": {"top": 1})");
  for (const int results : {3, 7}) {
    Process killed("firesweep", {"run", sweep, "--workers", "1", "--yes"}, folder_.path());
    EXPECT_TRUE(eventually([&] {
      const std::string done = count("SELECT count(*) FROM results");
      return !done.empty() && std::stoi(done) >= results;
    }));
    killed.signal(SIGKILL);
    killed.wait();
  }
  ASSERT_EQ(firesweep({"run", sweep, "--workers", "2"}).code, 0);
  EXPECT_EQ(count("SELECT state FROM sweeps"), "FINISHED");
  EXPECT_EQ(count("SELECT count(*) FROM trials"), "16");
  EXPECT_EQ(count("SELECT count(*) FROM raced_out AS o JOIN attempts USING (trial_id)"), "0");
  EXPECT_EQ(count("SELECT count(*) FROM trials AS t LEFT JOIN raced_out AS o USING (trial_id)"
                  " WHERE (t.state = 'PRUNED') <> (o.trial_id IS NOT NULL)"),
            "0");
}

TEST_F(Points, ResultsOfEqualWorkAreReusedAcrossSweepsAndMarked) {
  ASSERT_EQ(firesweep({"run", file("first", "0.01, 0.02", ""), "--workers", "1"}).code, 0);
  const std::string second = file("second", "0.01, 0.02, 0.03", R"(, "reuse": true)");
  const Finished ran = firesweep({"run", second, "--workers", "1"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(count("SELECT group_concat(trial || '<' || coalesce(reused_from, ''), ' ') FROM"
                  " (SELECT * FROM leaderboard WHERE sweep = 2 ORDER BY trial)"),
            "2/0<1/0 2/1<1/1 2/2<");
  EXPECT_EQ(count("SELECT count(*) FROM attempts WHERE trial_id >> 40 = 2 AND worker <> ''"), "1");
  EXPECT_EQ(count("SELECT count(*) FROM epochs WHERE trial_id >> 40 = 2"), "3");
  EXPECT_EQ(count("SELECT complete || ' ' || reused FROM sweep_overview WHERE sweep = 2"), "3 2");
  const Finished board = firesweep({"leaderboard", "2"});
  EXPECT_NE(board.out.find("reused from"), std::string::npos) << board.out;
  const std::string listed = firesweep({"list", "2"}).out;
  EXPECT_NE(listed.find("reused from"), std::string::npos) << listed;
  EXPECT_NE(listed.find("  1/1"), std::string::npos) << listed;
  EXPECT_EQ(firesweep({"list", "1"}).out.find("reused from"), std::string::npos);
  EXPECT_EQ(firesweep({"check"}).code, 0) << "its rows agree";
  const std::string third = file("third", "0.01, 0.02", "");
  ASSERT_EQ(firesweep({"run", third, "--workers", "1"}).code, 0);
  EXPECT_EQ(count("SELECT count(*) FROM reused_results WHERE trial_id >> 40 = 3"), "0");
}

TEST_F(Points, StatusOfARunningSweepTellsHowManyTrialsWereReusedAlsoAfterARestart) {
  ASSERT_EQ(firesweep({"run", file("first", "0.01, 0.02", ""), "--workers", "1"}).code, 0);
  // The third trial runs for longer than the test.
  const std::string second =
      write(folder_ / "second.json",
            R"({"name": "second", "method": "grid", "trainer": "simulated", "reuse": true,
    "parameters": {"variant": {"value": "v3"}, "lr": {"values": [0.01, 0.02, 0.03]},
                   "simulated_seconds": {"values": [0, 0, 600]}, "epochs": {"value": 3}},
    "zip": [["lr", "simulated_seconds"]]})");
  for (const bool again : {false, true}) {
    Process coordinator("firesweep",
                        {"serve", "--db", database_.string(), "--listen", "tcp://127.0.0.1:*"},
                        folder_.path());
    const std::string endpoint = endpoint_of(coordinator);
    if (!again) {
      ASSERT_EQ(firesweep({"submit", second, "--coordinator", endpoint}).code, 0);
    }
    Process worker("firesweep-worker", {"--coordinator", endpoint}, folder_.path());
    Finished status;
    EXPECT_TRUE(eventually([&] {
      status = firesweep({"status", "--coordinator", endpoint});
      return status.out.find("2/3 complete (2 reused), 1 running, 0 waiting") != std::string::npos;
    })) << status.out;
    status = firesweep({"status", "--coordinator", endpoint, "-f", "json"});
    EXPECT_NE(status.out.find("\"reused\": 2"), std::string::npos) << status.out;
    EXPECT_EQ(count("SELECT complete || ' ' || reused FROM sweep_overview WHERE sweep = 2"), "2 2");
  }
}

}  // namespace
}  // namespace firesweep::e2e
