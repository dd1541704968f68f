// Sweeps whose method learns, with real processes: killed, gone on with, and replayed.
#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/e2e/process.h"
#include "tests/places.h"

namespace firesweep::e2e {
namespace {

using Json = nlohmann::json;

class Search : public ::testing::Test {
 protected:
  Finished firesweep(std::vector<std::string> words) {
    return run("firesweep", std::move(words), folder_.path());
  }
  std::string count(const std::string& sql) { return ask(database_, sql); }
  std::string gallery(const std::string& name) {
    return (source_dir() / "sweeps" / (name + ".json")).string();
  }

  TempFolder folder_;
  std::filesystem::path database_ = folder_ / "sweeps.db";
};

TEST_F(Search, EveryFileOfTheGalleryRunsAndItsDecisionsAreFoundAgain) {
  int sweep = 0;
  for (const std::string name : {"gp", "tpe", "evolution", "nsga2"}) {
    const std::string id = std::to_string(++sweep);
    const Finished ran = firesweep({"run", gallery(name), "--workers", "2"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    const std::string trials = count("SELECT total_trials FROM sweeps WHERE sweep_id = " + id);
    EXPECT_EQ(count("SELECT count(*) FROM proposals WHERE sweep_id = " + id), trials);
    EXPECT_EQ(count("SELECT count(*) FROM search_results WHERE sweep_id = " + id), trials);
    const Finished replayed = firesweep({"replay", id});
    EXPECT_EQ(replayed.code, 0);
    EXPECT_EQ(replayed.out,
              "sweep " + id + ": " + trials + " proposals computed again, each as stored\n");
  }
  EXPECT_EQ(firesweep({"run", gallery("sobol"), "--workers", "2"}).code, 0);
  EXPECT_EQ(count("SELECT count(*) FROM trials WHERE sweep_id = 5 AND state = 'COMPLETE'"), "64");
  const Finished refused = firesweep({"replay", "5"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("method sobol decides nothing"), std::string::npos) << refused.err;
}

TEST_F(Search, KilledAndGoneOnWithItProposesNothingTwiceAndForgetsNothing) {
  const std::string file = write(folder_ / "s.json", R"({"name": "killed", "method": "tpe",
    "run_cap": 40, "trainer": "simulated", "parameters": {"variant": {"value": "v3"},
    "lr": {"distribution": "log_uniform_values", "min": 0.001, "max": 0.1},
    "epochs": {"value": 2}, "simulated_seconds": {"value": 0.02}}})");
  for (const int results : {6, 14, 22}) {
    Process killed("firesweep", {"run", file, "--workers", "2"}, folder_.path());
    ASSERT_TRUE(eventually([&] {
      const std::string done = count("SELECT count(*) FROM results");
      return !done.empty() && std::stoi(done) >= results;
    }));
    killed.signal(SIGKILL);
    killed.wait();
    EXPECT_TRUE(
        eventually([&] { return processes_with(folder_.path().filename().string()).empty(); }));
  }
  EXPECT_EQ(firesweep({"run", file, "--workers", "2"}).code, 0);
  EXPECT_EQ(count("SELECT count(*) FROM results"), "40");
  EXPECT_EQ(count("SELECT count(DISTINCT \"values\") FROM proposals"), "40");
  const Finished replayed = firesweep({"replay", "1"});
  EXPECT_EQ(replayed.code, 0) << replayed.out;
  EXPECT_EQ(replayed.out, "sweep 1: 40 proposals computed again, each as stored\n");
}

// Rungs after 2 and 4 of 8 epochs. Trials wait there, and the best go on from their checkpoints, on
// whichever worker is free, through a kill of everything.
TEST_F(Search, WithPromotionTheBestThatWaitGoOnAndTheRestIsPruned) {
  const std::string file = write(folder_ / "s.json", R"({"name": "promotes", "method": "grid",
    "trainer": "simulated", "parameters": {"variant": {"value": "v3"},
    "lr": {"values": [0.001, 0.002, 0.004, 0.008, 0.016, 0.032]},
    "label_smoothing": {"values": [0.0, 0.1]},
    "epochs": {"value": 8}, "simulated_seconds": {"value": 0.05}},
    "early_terminate": {"type": "asha", "promotion": true, "min_iter": 2, "eta": 2}})");
  {
    Process killed("firesweep", {"run", file, "--workers", "2"}, folder_.path());
    ASSERT_TRUE(eventually([&] {
      const std::string done = count("SELECT count(*) FROM promotions");
      return !done.empty() && std::stoi(done) >= 2;
    }));
    killed.signal(SIGKILL);
    killed.wait();
    EXPECT_TRUE(
        eventually([&] { return processes_with(folder_.path().filename().string()).empty(); }));
  }
  const Json stored = Json::parse(firesweep({"status", "1", "-f", "json"}).out)[0];
  const Finished in_words = firesweep({"status", "1"});
  {
    Process serve("firesweep", {"serve", "--listen", "tcp://127.0.0.1:*"}, folder_.path());
    const Finished live =
        firesweep({"status", "1", "-f", "json", "--coordinator", endpoint_of(serve)});
    ASSERT_EQ(live.code, 0) << live.err;
    ASSERT_TRUE(Json::parse(live.out).contains("coordinator"));
    EXPECT_EQ(Json::parse(live.out).at("sweeps").at(0).at("rungs"), stored.at("rungs"))
        << "a coordinator says what the file says";
  }
  ASSERT_GE(stored.at("at_rung").get<int>(), 2) << stored;
  const Json& named = stored.at("rungs").at(0).at("trials").at(0);
  EXPECT_NE(in_words.out.find("trial " + named.at("trial").get<std::string>() + "  after epoch "),
            std::string::npos)
      << in_words.out;
  EXPECT_EQ(firesweep({"status", "7"}).code, 2);
  const Finished done = firesweep({"run", file, "--workers", "2"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(count("SELECT state FROM sweeps"), "FINISHED");
  EXPECT_EQ(Json::parse(firesweep({"status", "1", "-f", "json"}).out)[0].at("at_rung"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM trials WHERE state NOT IN ('COMPLETE', 'PRUNED')"), "0");
  // Of 12 at least 6 go on from the first rung and 3 from the second.
  EXPECT_GE(std::stoi(count("SELECT count(*) FROM promotions WHERE epoch = 2")), 6);
  EXPECT_GE(std::stoi(count("SELECT count(*) FROM trials WHERE state = 'COMPLETE'")), 3);
  EXPECT_GE(std::stoi(count("SELECT count(*) FROM trials WHERE state = 'PRUNED'")), 4);
  EXPECT_EQ(count("SELECT count(*) FROM trials AS t WHERE state = 'PRUNED' AND NOT EXISTS"
                  " (SELECT 1 FROM terminations AS d WHERE d.trial_id = t.trial_id)"),
            "0");
  EXPECT_EQ(count("SELECT count(*) FROM attempts WHERE charged AND ended <> 'LOST'"), "0");
  EXPECT_EQ(count("SELECT count(*) FROM attempts AS a JOIN promotions AS p USING (trial_id)"
                  " WHERE a.attempt_no = p.attempt_no + 1 AND a.started_ms IS NOT NULL"
                  " AND a.resumed_from_epoch < p.epoch"),
            "0")
      << "every one of them had its checkpoint";
  const Finished replayed = firesweep({"replay", "1"});
  EXPECT_EQ(replayed.code, 0) << replayed.out;
  EXPECT_EQ(
      replayed.out,
      "sweep 1: " + count("SELECT (SELECT count(*) FROM promotions) + count(*) FROM terminations") +
          " terminations computed again, each as stored\n");
  const Finished ranked = firesweep({"leaderboard", "1"});
  EXPECT_NE(ranked.out.find(count("SELECT count(*) FROM trials WHERE state = 'PRUNED'") +
                            " trials pruned by asha, not ranked."),
            std::string::npos)
      << ranked.out;
  EXPECT_NE(firesweep({"list", "1"}).out.find("asha: stopped after epoch 2"), std::string::npos);
}

TEST_F(Search, OfAllTrialsTheBestThreeAfterOneEpochGoOn) {
  const Finished preview = firesweep({"preview", gallery("one_epoch_top_k"), "--no-probe"});
  EXPECT_EQ(preview.code, 0) << preview.err;
  EXPECT_NE(preview.out.find("one_epoch_top_k, promotion"), std::string::npos) << preview.out;
  const Finished ran = firesweep({"run", gallery("one_epoch_top_k"), "--workers", "2"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(count("SELECT count(*) FROM trials WHERE state = 'COMPLETE'"), "3");
  EXPECT_EQ(count("SELECT count(*) FROM trials WHERE state = 'PRUNED'"), "97");
  EXPECT_EQ(count("SELECT min(p.score) >= max(t.score) FROM promotions AS p, terminations AS t"),
            "1");
  EXPECT_EQ(count("SELECT min(seen) FROM promotions"), "100");
  const Finished replayed = firesweep({"replay", "1"});
  EXPECT_EQ(replayed.code, 0) << replayed.out;
  EXPECT_EQ(replayed.out, "sweep 1: 100 terminations computed again, each as stored\n");
}

TEST_F(Search, PreviewAndExplainSayWhatToExpect) {
  const Finished preview = firesweep({"preview", gallery("tpe"), "--no-probe"});
  EXPECT_EQ(preview.code, 0) << preview.err;
  EXPECT_NE(preview.out.find("tpe proposes each point when a worker asks for it: the first 10 at "
                             "random"),
            std::string::npos)
      << preview.out;
  EXPECT_NE(preview.out.find("tpe: 60 trials"), std::string::npos) << preview.out;
  const Finished explained = firesweep({"explain", "tpe"});
  EXPECT_EQ(explained.code, 0);
  EXPECT_NE(explained.out.find("run_cap 30 is the least"), std::string::npos) << explained.out;
}

}  // namespace
}  // namespace firesweep::e2e
