// Real networks on real images: Fashion-MNIST from Debian's package, some of its images.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "tests/e2e/process.h"

namespace firesweep::e2e {
namespace {

constexpr int kTrainSize = 80;  // the last of three batches is partial

std::string sweep(const std::string& variants, int epochs, int train_size) {
  return R"({"name": "real", "method": "grid", "dataset": "fashion_mnist",
 "metric": {"name": "val_accuracy", "goal": "maximize"},
 "parameters": {"variant": {"values": [)" +
         variants + R"(]}, "lr": {"value": 0.003}, "batch_size": {"value": 32},
   "epochs": {"value": )" +
         std::to_string(epochs) + R"(}, "train_size": {"value": )" + std::to_string(train_size) +
         R"(}, "val_size": {"value": 64}, "test_size": {"value": 64}}})";
}

class RealTraining : public ::testing::Test {
 protected:
  TempFolder folder_;
};

TEST_F(RealTraining, SweepTrainsRanksAndRepeatsBitForBit) {
  const std::string file = write(folder_ / "s.json", sweep(R"("v2", "v3")", 2, kTrainSize));
  for (const char* db : {"a.db", "b.db"}) {
    const Finished ran = run(
        "firesweep", {"run", file, "--workers", "1", "--threads", "1", "--db", db}, folder_.path());
    ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  }
  const std::string facts =
      "SELECT group_concat(c.variant || ' ' || c.params || ' ' || r.params || ' ' || "
      "r.val_accuracy || ' ' ||"
      " r.test_accuracy || ' ' || r.train_loss, '; ') FROM results r JOIN trial_configs c USING "
      "(trial_id)";
  const std::string first = ask(folder_ / "a.db", facts);
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(first, ask(folder_ / "b.db", facts));
  EXPECT_EQ(ask(folder_ / "a.db", "SELECT count(*) FROM epochs"), "4");
  EXPECT_EQ(ask(folder_ / "a.db", "SELECT dataset FROM leaderboard"), "fashion_mnist");
  EXPECT_EQ(ask(folder_ / "a.db",
                "SELECT count(*) FROM results r JOIN trial_configs c USING (trial_id)"
                " WHERE r.params = c.params"),
            "2")
      << "analytic and real parameter counts agree";
}

// A constant schedule: the longer trial goes on from the shorter one's checkpoint.
TEST_F(RealTraining, MoreEpochsGoOnFromTheCheckpointToTheSameResult) {
  const auto file = [&](const char* name, int epochs) {
    std::string text = sweep(R"("v3")", epochs, kTrainSize);
    text.insert(text.find(R"("lr")"), R"("schedule": {"value": "constant"}, )");
    return write(folder_ / name, text);
  };
  const std::string shorter = file("shorter.json", 2);
  const std::string longer = file("longer.json", 4);
  const auto train = [&](const std::string& one, const char* db) {
    const Finished ran = run(
        "firesweep", {"run", one, "--workers", "1", "--threads", "1", "--db", db}, folder_.path());
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  };
  train(longer, "whole.db");
  train(shorter, "grown.db");
  const Finished extended =
      run("firesweep", {"extend", "1", longer, "--db", "grown.db"}, folder_.path());
  ASSERT_EQ(extended.code, 0) << extended.err;
  EXPECT_NE(extended.out.find("1 of them train longer what the sweep has: they go on"),
            std::string::npos)
      << extended.out;
  train(longer, "grown.db");
  const std::string facts =
      "SELECT val_accuracy || ' ' || val_loss || ' ' || test_accuracy || ' ' || test_loss || ' ' "
      "|| "
      "train_loss FROM leaderboard WHERE epochs = 4";
  EXPECT_EQ(ask(folder_ / "grown.db", facts), ask(folder_ / "whole.db", facts));
  EXPECT_EQ(ask(folder_ / "grown.db",
                "SELECT resumed_from_epoch FROM attempts ORDER BY trial_id DESC LIMIT 1"),
            "2");
  EXPECT_EQ(ask(folder_ / "grown.db", "SELECT count(*) FROM results"), "2")
      << "the finished trial keeps its one result";
}

// A cooldown added: the longer trial goes on from the constant one, or from nothing where it cools
// down before that ends.
TEST_F(RealTraining, ACooldownGoesOnFromTheConstantTrialToTheSameResult) {
  const auto file = [&](const std::string& name, int epochs, int cooldown) {
    std::string text = sweep(R"("v3")", epochs, kTrainSize);
    text.insert(text.find(R"("lr")"),
                R"("schedule": {"value": "constant"}, "cooldown_epochs": {"value": )" +
                    std::to_string(cooldown) + "}, ");
    return write(folder_ / (name + ".json"), text);
  };
  const auto train = [&](const std::string& one, const std::string& db) {
    const Finished ran = run(
        "firesweep", {"run", one, "--workers", "1", "--threads", "1", "--db", db}, folder_.path());
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  };
  const std::string facts =
      "SELECT val_accuracy || ' ' || val_loss || ' ' || test_loss || ' ' || train_loss"
      " FROM leaderboard WHERE epochs = 4 AND cooldown_epochs = ";
  train(file("constant", 2, 0), "grown.db");
  for (const auto& [cooldown, from, said] :
       {std::tuple{2, "2", "they go on"}, std::tuple{3, "0", "begin from nothing"}}) {
    const std::string name = "cooled" + std::to_string(cooldown);
    const std::string cooled = file(name, 4, cooldown);
    train(cooled, name + ".db");
    const Finished extended =
        run("firesweep", {"extend", "1", cooled, "--db", "grown.db"}, folder_.path());
    ASSERT_EQ(extended.code, 0) << extended.err;
    EXPECT_NE(extended.out.find(said), std::string::npos) << extended.out;
    train(cooled, "grown.db");
    const std::string whole = ask(folder_ / (name + ".db"), facts + std::to_string(cooldown));
    EXPECT_FALSE(whole.empty());
    EXPECT_EQ(ask(folder_ / "grown.db", facts + std::to_string(cooldown)), whole);
    EXPECT_EQ(ask(folder_ / "grown.db",
                  "SELECT resumed_from_epoch FROM attempts ORDER BY trial_id DESC LIMIT 1"),
              from);
  }
}

TEST_F(RealTraining, KilledSlotResumesFromItsCheckpointToTheSameResult) {
  const std::string file = write(folder_ / "s.json", sweep(R"("v3")", 4, 160));
  const Finished whole =
      run("firesweep", {"run", file, "--workers", "1", "--threads", "1", "--db", "whole.db"},
          folder_.path());
  ASSERT_EQ(whole.code, 0) << whole.err;

  Process killed("firesweep",
                 {"run", file, "--workers", "1", "--threads", "1", "--db", "killed.db"},
                 folder_.path());
  ASSERT_TRUE(eventually([&] {
    const std::string epochs = ask(folder_ / "killed.db", "SELECT count(*) FROM epochs");
    return !epochs.empty() && std::stoi(epochs) >= 1;
  }));
  const std::vector<pid_t> own = processes_with("killed.db.checkpoints");
  int victims = 0;
  for (const pid_t slot : processes_with("--slot 0")) {
    if (std::find(own.begin(), own.end(), slot) == own.end()) continue;
    ::kill(slot, SIGKILL);
    ++victims;
  }
  ASSERT_EQ(victims, 1);
  EXPECT_EQ(killed.wait(std::chrono::minutes(2)), 0) << killed.err();
  EXPECT_EQ(ask(folder_ / "killed.db", "SELECT count(*) FROM attempts"), "2");
  EXPECT_NE(
      ask(folder_ / "killed.db", "SELECT resumed_from_epoch FROM attempts WHERE attempt_no = 2"),
      "0");
  const std::string facts =
      "SELECT val_accuracy || ' ' || test_accuracy || ' ' || train_loss FROM results";
  EXPECT_EQ(ask(folder_ / "whole.db", facts), ask(folder_ / "killed.db", facts));
}

TEST_F(RealTraining, FinishedTrialIsExportedForPython) {
  const std::string file = write(folder_ / "s.json", sweep(R"("v2")", 1, 64));
  const Finished ran =
      run("firesweep", {"run", file, "--workers", "1", "--threads", "1", "--db", "a.db"},
          folder_.path());
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  const Finished exported =
      run("firesweep", {"export-model", "1/0", "--db", "a.db", "-o", "out/model"}, folder_.path());
  ASSERT_EQ(exported.code, 0) << exported.out << exported.err;
  for (const char* name : {"model.safetensors", "model.py", "model.json"}) {
    EXPECT_GT(std::filesystem::file_size(folder_ / ("out/model/" + std::string(name))), 1000U)
        << name;
    EXPECT_NE(exported.out.find(std::string("out/model/") + name), std::string::npos);
  }

  const Finished unknown =
      run("firesweep", {"export-model", "1/9", "--db", "a.db"}, folder_.path());
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.err.find("trial 1/9: there is no such trial"), std::string::npos)
      << unknown.err;
  std::filesystem::remove_all(folder_ / "a.db.checkpoints");
  const Finished elsewhere =
      run("firesweep", {"export-model", "1/0", "--db", "a.db"}, folder_.path());
  EXPECT_NE(elsewhere.code, 0);
  EXPECT_NE(elsewhere.err.find("its weights are not on this host"), std::string::npos)
      << elsewhere.err;
  EXPECT_NE(elsewhere.err.find("a.db.checkpoints"), std::string::npos) << "where it looked";
}

TEST_F(RealTraining, CheckpointRulesOfTheSweepAreObeyed) {
  std::string text = sweep(R"("v2", "v3")", 3, 64);
  text.insert(1, R"("checkpoint": {"every": "2 epochs", "keep": "best"}, )");
  const std::string file = write(folder_ / "s.json", text);
  const Finished preview = run("firesweep", {"preview", file}, folder_.path());
  EXPECT_NE(preview.out.find("checkpoints: up to "), std::string::npos) << preview.out;
  const Finished ran =
      run("firesweep", {"run", file, "--workers", "1", "--threads", "1", "--db", "a.db"},
          folder_.path());
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  int weights = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder_ / "a.db.checkpoints")) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("last.")) << entry.path();
    if (entry.path().filename() == "selected.safetensors") ++weights;
  }
  EXPECT_EQ(weights, 1) << "the best trial's alone";
  const std::string best = ask(folder_ / "a.db", "SELECT trial FROM leaderboard WHERE rank = 1");
  const Finished exported =
      run("firesweep", {"export-model", best, "--db", "a.db", "-o", "out"}, folder_.path());
  EXPECT_EQ(exported.code, 0) << exported.err;
}

// A network that trains in no time, beside the sweep file.
void write_tiny(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "architectures");
  write(folder / "architectures/tiny.json",
        R"({"format": 1, "name": "tiny", "input": [3, 32, 32], "blocks": [
    {"conv_bn_relu": 8, "stride": 2}, "global_avg_pool", {"linear": "classes"}]})");
}

TEST_F(RealTraining, BenchMeasuresThisHostAndThePreviewPlansByIt) {
  write_tiny(folder_.path());
  const Finished bench = run("firesweep-worker",
                             {"bench", (folder_ / "architectures/tiny.json").string(), "--seconds",
                              "0.2", "--batch-size", "16", "-o", "table"},
                             folder_.path());
  EXPECT_EQ(bench.code, 0) << bench.out << bench.err;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "table/variants_on_this_host.csv"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "table/variants_on_this_host.md"));
  const std::string file = write(folder_ / "s.json", sweep(R"("tiny")", 1, 0));
  const Finished preview = run("firesweep", {"preview", file}, folder_.path());
  EXPECT_EQ(preview.code, 0) << preview.err;
  EXPECT_NE(preview.out.find("(from `firesweep-worker bench` on this host)"), std::string::npos)
      << preview.out;
}

TEST_F(RealTraining, AnUnknownHostIsProbedOnceAndTrainingTeachesMore) {
  write_tiny(folder_.path());
  const std::string file = write(folder_ / "s.json", sweep(R"("tiny")", 3, 256));
  const auto preview = [&](std::vector<std::string> more = {}) {
    std::vector<std::string> words{"preview", file};
    words.insert(words.end(), more.begin(), more.end());
    const Finished seen = run("firesweep", words, folder_.path());
    EXPECT_EQ(seen.code, 0) << seen.err;
    EXPECT_EQ(seen.err, "") << "nothing but into a terminal";
    return seen.out;
  };
  const std::string assumed = preview({"--no-probe"});
  EXPECT_NE(assumed.find("of average speed; --no-probe was given)"), std::string::npos) << assumed;
  const std::string probed = preview();
  EXPECT_NE(probed.find("(from a probe of "), std::string::npos) << probed;
  const std::string again = preview();
  EXPECT_NE(again.find("(from an earlier probe of this host)"), std::string::npos) << again;
  const Finished ran =
      run("firesweep", {"run", file, "--workers", "1", "--db", "a.db"}, folder_.path());
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  const std::string taught = preview();
  EXPECT_NE(taught.find("(from 3 epochs trained on this host)"), std::string::npos) << taught;
}

}  // namespace
}  // namespace firesweep::e2e
