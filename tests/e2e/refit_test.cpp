// A chosen trial trained again on all images: Fashion-MNIST from Debian's package, a network small
// enough for all 60,000 of them.
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sweeps.h"

namespace firesweep::e2e {
namespace {

constexpr const char* kTiny = R"({"format": 1, "name": "tiny", "input": [3, 32, 32], "blocks": [
  {"conv_bn_relu": 4, "stride": 4}, "global_avg_pool", {"linear": "classes"}]})";

std::string sweep(const std::string& metric, const std::string& parameters) {
  return R"({"name": "real", "method": "grid", "dataset": "fashion_mnist",
 "metric": {"name": ")" +
         metric + R"(", "goal": "maximize"},
 "parameters": {"variant": {"value": "tiny"}, "batch_size": {"value": 32}, )" +
         parameters + "}}";
}

class Refit : public ::testing::Test {
 protected:
  Refit() {
    std::filesystem::create_directories(folder_ / "architectures");
    write(folder_ / "architectures/tiny.json", kTiny);
    write(folder_ / "s.json", sweep("val_accuracy", R"("lr": {"values": [0.003, 0.01]},
      "epochs": {"value": 2}, "train_size": {"value": 256}, "val_size": {"value": 200},
      "test_size": {"value": 200}, "select": {"value": "best"})"));
  }

  Finished firesweep(std::vector<std::string> words) {
    words.insert(words.end(), {"--db", "a.db"});
    return run("firesweep", std::move(words), folder_.path());
  }
  Finished here(std::vector<std::string> words) {
    words.insert(words.end(), {"--workers", "1", "--threads", "1"});
    return firesweep(std::move(words));
  }

  TempFolder folder_;
};

TEST_F(Refit, TrainsTheChosenConfigOnAllImagesWithFreshSeedsAndRanksApart) {
  const Finished ran = here({"run", "s.json"});
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  write(folder_ / "architectures/tiny.json", R"({"format": 1, "name": "tiny", "input": [3, 32, 32],
    "blocks": ["global_avg_pool", {"linear": "classes"}]})");  // the sweep's own content counts

  const Finished refit = here({"refit", "1/1", "--seeds", "11,12", "--epochs", "1"});
  ASSERT_EQ(refit.code, 0) << refit.out << refit.err;
  EXPECT_NE(refit.out.find("note: the trial used a subset of the images"), std::string::npos)
      << refit.out;
  EXPECT_NE(refit.out.find("protocol refit (test accuracy), 1 epoch"), std::string::npos)
      << refit.out;
  EXPECT_NE(refit.out.find("Over the seeds"), std::string::npos);
  const auto rows = [&](const std::string& columns) {
    return ask(folder_ / "a.db",
               "SELECT group_concat(" + columns + ", '; ') FROM leaderboard WHERE sweep = 2");
  };
  EXPECT_EQ(rows("protocol || ' ' || sweep_name"), "refit refit-of-1-1; refit refit-of-1-1");
  EXPECT_EQ(ask(folder_ / "a.db",
                "SELECT group_concat(seed, ' ') FROM (SELECT seed FROM "
                "leaderboard WHERE sweep = 2 ORDER BY seed)"),
            "11 12");
  EXPECT_EQ(rows("train_macs = 3 * macs * 60000"), "1; 1") << "every training image, once an epoch";
  EXPECT_EQ(rows("lr || ' ' || val_size || ' ' || test_size || ' ' || epochs"),
            "0.01 0.0 0 1; 0.01 0.0 0 1");
  EXPECT_EQ(ask(folder_ / "a.db",
                "SELECT count(*) FROM leaderboard WHERE sweep = 2 AND "
                "val_accuracy IS NULL AND test_accuracy > 0.15"),
            "2");
  EXPECT_EQ(ask(folder_ / "a.db",
                "SELECT count(*) FROM epochs JOIN trials USING (trial_id) WHERE "
                "sweep_id = 2 AND test_accuracy IS NOT NULL"),
            "0")
      << "one look, after the last epoch";
  EXPECT_EQ(ask(folder_ / "a.db", "SELECT count(DISTINCT params) FROM leaderboard"), "1");
  EXPECT_EQ(ask(folder_ / "a.db", "SELECT count(DISTINCT board) FROM leaderboard"), "2");
  EXPECT_EQ(ask(folder_ / "a.db", "SELECT count(DISTINCT board) FROM pareto_front"), "2");

  const Finished again = here({"refit", "1/1", "--seeds", "11,12", "--epochs", "1", "--quiet"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(ask(folder_ / "a.db", "SELECT count(*) FROM sweeps"), "2") << "the same refit resumes";

  const Finished exported = firesweep({"export-model", "2/0", "-o", "out"});
  EXPECT_EQ(exported.code, 0) << exported.err;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "out/model.safetensors"));
}

TEST_F(Refit, ASweepFileMayHaveItsProtocol) {
  const std::string file =
      write(folder_ / "r.json",
            sweep("test_accuracy", R"("protocol": {"value": "refit"}, "val_size": {"value": 0},
      "train_size": {"value": 256}, "test_size": {"value": 200}, "epochs": {"value": 1})"));
  const Finished ran = here({"run", file});
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_EQ(ask(folder_ / "a.db",
                "SELECT rank || ' ' || protocol || ' ' || (score = test_accuracy)"
                " || ' ' || (train_macs = 3 * macs * 256) FROM leaderboard"),
            "1 refit 1 1");
}

TEST_F(Refit, GoesToACoordinatorWhereOneIsNamed) {
  ASSERT_EQ(here({"run", "s.json"}).code, 0);
  Process serve("firesweep", {"serve", "--db", "a.db", "--listen", "tcp://127.0.0.1:0"},
                folder_.path());
  const std::string address = endpoint_of(serve);
  const Finished refit =
      run("firesweep", {"refit", "1/0", "--coordinator", address}, folder_.path());
  EXPECT_EQ(refit.code, 0) << refit.err;
  EXPECT_NE(refit.out.find("submitted sweep 2 (refit-of-1-0), 3 trials"), std::string::npos)
      << refit.out;
  EXPECT_NE(refit.out.find("firesweep leaderboard 2 --coordinator " + address), std::string::npos);
  const Finished served = firesweep({"refit", "1/0"});
  EXPECT_NE(served.out.find("resumed sweep 2"), std::string::npos) << served.out << served.err;
  const Finished both = here({"refit", "1/0"});
  EXPECT_EQ(both.code, 2);
  EXPECT_NE(both.err.find("--workers: found this option, but a coordinator's workers"),
            std::string::npos)
      << both.err;
}

TEST_F(Refit, MistakesAreNamedAndNothingBegins) {
  ASSERT_EQ(here({"run", "s.json"}).code, 0);
  const auto refused = [&](std::vector<std::string> words, const std::string& why) {
    const Finished ran = firesweep(std::move(words));
    EXPECT_EQ(ran.code, 2) << why;
    EXPECT_NE(ran.err.find(why), std::string::npos) << ran.err;
  };
  refused({"refit", "1/9"}, "trial 1/9: there is no such trial");
  refused({"refit", "1"}, "TRIAL: found \"1\", expected SWEEP/NUMBER");
  refused({"refit", "1/0", "--seeds", "11,1"},
          "--seeds: found 1, expected fresh seeds: trial 1/0 was chosen with 1");
  refused({"refit", "1/0", "--seeds", "11,,12"}, "--seeds: found \"11,,12\"");
  refused({"refit", "1/0", "--epochs", "0"}, "/parameters/epochs/value: found 0");
  write(folder_ / "sim.json", simulated_sweep("sim", 1, 2, 0));
  ASSERT_EQ(here({"run", "sim.json"}).code, 0);
  refused({"refit", "2/0"}, "trial 2/0: was simulated");
  EXPECT_EQ(ask(folder_ / "a.db", "SELECT count(*) FROM sweeps"), "2");
}

}  // namespace
}  // namespace firesweep::e2e
