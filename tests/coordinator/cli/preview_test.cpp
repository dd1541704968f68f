// What `firesweep preview` tells of a sweep file.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "coordinator/cli/verbs.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

class Preview : public ::testing::Test {
 protected:
  ~Preview() override { fs::remove_all(folder_); }

  // What the verb prints of a file with this text.
  std::string preview(const std::string& name, const std::string& text,
                      const std::vector<std::string>& options = {}) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << text;
    const Words words = words_for(path, options);
    ::testing::internal::CaptureStdout();
    const int code = verb_preview(words);
    std::string printed = ::testing::internal::GetCapturedStdout();
    EXPECT_EQ(code, 0) << text;
    return printed;
  }

  // What it says of a file that it does not preview.
  std::string refused(const std::string& text, const std::vector<std::string>& options) {
    const std::string path = (folder_ / "x.json").string();
    std::ofstream(path) << text;
    ::testing::internal::CaptureStderr();
    const int code = verb_preview(words_for(path, options));
    std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(code, 2) << text;
    return said;
  }

 private:
  Words words_for(const std::string& path, const std::vector<std::string>& options) const {
    Words words{path, "--no-probe", "--db", (folder_ / "none.db").string()};
    words.insert(words.end(), options.begin(), options.end());
    return words;
  }

  fs::path folder_ = [] {
    std::string name = (fs::temp_directory_path() / "firesweep-preview-XXXXXX").string();
    return fs::path(::mkdtemp(name.data()));
  }();
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The lines that a preview proposes to paste, as they are.
std::string lines_to_paste(const std::string& printed) {
  std::istringstream lines(printed);
  std::string pasted;
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find_first_not_of(' ');
    if (begin != std::string::npos && line[begin] == '"') pasted += line + "\n";
  }
  return pasted;
}

TEST_F(Preview, LinesAgainstRepetitionsArePastedAsTheyStand) {
  const std::string json = R"("name": "x", "method": "grid", "dataset": "cifar100",
    "parameters": {"optimizer": {"values": ["sgd", "adamw"]}, "schedule": {"value": "cosine"},
                   "momentum": {"values": [0.8, 0.9]}}})";
  const std::string warned = preview("x.json", "{" + json);
  EXPECT_TRUE(says(warned, "warning: momentum does nothing where optimizer is adamw")) << warned;
  EXPECT_TRUE(says(warned, "warning: 3 different networks in 4 trials")) << warned;
  const std::string after = preview("x.json", "{\n" + lines_to_paste(warned) + json);
  EXPECT_FALSE(says(after, "warning: ")) << after;
  EXPECT_TRUE(says(after, "x: 3 trials")) << after;
}

TEST_F(Preview, LinesForYamlArePastedAsTheyStandToo) {
  const std::string yaml =
      "name: x\nmethod: grid\ndataset: cifar100\nparameters:\n  optimizer: {values: [sgd, adamw]}\n"
      "  schedule: {value: cosine}\n  momentum: {values: [0.8, 0.9]}\n";
  const std::string warned = preview("x.yaml", yaml);
  EXPECT_TRUE(says(warned, "3 different networks in 4 trials")) << warned;
  const std::string after = preview("x.yaml", lines_to_paste(warned) + yaml);
  EXPECT_FALSE(says(after, "warning: ")) << after;
  EXPECT_TRUE(says(after, "x: 3 trials")) << after;
}

TEST_F(Preview, SaysWhatRemovesHowManyTrialsAndWhy) {
  const std::string printed = preview("x.json", R"({"method": "grid", "dataset": "cifar100",
    "seeds": [1, 2], "exclude": [{"variant": "v4", "epochs": 5}, {"momentum": 0.7}],
    "conditions": {"momentum": {"optimizer": ["sgd", "muon"]}},
    "constraints": ["params <= 5_000_000", "epochs <= 10"], "run_cap": 8,
    "parameters": {"variant": {"values": ["v1", "v4"]}, "epochs": {"values": [5, 10, 15]},
                   "optimizer": {"values": ["adamw", "sgd", "muon"]}, "lr": {"value": 0.01},
                   "schedule": {"value": "cosine"}, "momentum": {"values": [0.7, 0.8, 0.9]}}})");
  EXPECT_TRUE(says(printed, "x: 8 trials on cifar100")) << printed;
  EXPECT_TRUE(says(printed, "  108 combinations, seeds included, without:")) << printed;
  EXPECT_TRUE(
      says(printed, "   24  conditions: momentum exists only where optimizer is sgd or muon"))
      << printed;
  EXPECT_TRUE(says(printed, "   14  exclude: where epochs is 5, variant is v4")) << printed;
  EXPECT_TRUE(says(printed, "   20  exclude: where momentum is 0.7")) << printed;
  EXPECT_TRUE(says(printed, "   30  constraint: params <= 5_000_000")) << printed;
  EXPECT_TRUE(says(printed, "   10  constraint: epochs <= 10")) << printed;
  EXPECT_TRUE(says(printed, "    2  run_cap: the first 8 in number order run")) << printed;
}

TEST_F(Preview, SaysHowManyPointsAMethodThatLearnsMayNotPropose) {
  const std::string printed = preview("x.json", R"({"method": "tpe", "dataset": "cifar100",
    "seeds": [1, 2], "run_cap": 4, "exclude": [{"lr": 0.02}], "parameters": {
    "lr": {"values": [0.01, 0.02]}, "epochs": {"values": [5, 10, 15]}}})");
  EXPECT_TRUE(says(printed, "exclude and constraints remove 3 of 6 points")) << printed;
}

TEST_F(Preview, SaysHowManyPointsTrainTheSameInOtherWords) {
  const std::string file = R"({"dataset": "cifar100", "seeds": [1, 2], "run_cap": 8, "parameters": {
    "val_size": {"values": [5000, 0.1]}, "epochs": {"value": 2},
    "schedule_epochs": {"values": [0, 2]}}, "method": )";
  const std::string printed = preview("x.json", file + R"("grid"})");
  EXPECT_TRUE(says(printed, "x: 2 trials on cifar100")) << printed;
  EXPECT_TRUE(says(printed,
                   "  8 combinations, seeds included, without:\n"
                   "  6  merged: points that train the same as one before "
                   "(val_size, schedule_epochs)"))
      << printed;
  const std::string learnt = preview("x.json", file + R"("tpe"})");
  EXPECT_TRUE(says(learnt, "tpe points: 1 of 1 possible")) << learnt;
  EXPECT_TRUE(says(learnt, "  3 merged: points that train the same as one before")) << learnt;
}

TEST_F(Preview, SaysTheRangeOfParamsAndTheRoomForCheckpoints) {
  const std::string printed = preview("x.json", R"({"method": "grid", "dataset": "cifar100",
    "parameters": {"variant": {"values": ["v1", "v2"]}, "lr": {"values": [0.01, 0.02]}}})");
  EXPECT_TRUE(says(printed, "params: 1,283,684 to 7,856,868\n")) << printed;
  // Twice 4 bytes for each of 9,140,552 parameters.
  EXPECT_TRUE(says(printed, "checkpoints: up to 73.1 MB for finished trials' weights")) << printed;
  const std::string simulated = preview("x.json", R"({"method": "grid", "trainer": "simulated",
    "parameters": {"variant": {"value": "v1"}}})");
  EXPECT_TRUE(says(simulated, "params: 7,856,868\n")) << simulated;
  EXPECT_FALSE(says(simulated, "checkpoints")) << simulated;
}

const std::string kFour = R"({"method": "grid", "dataset": "cifar100", "seeds": [7],
    "parameters": {"variant": {"values": ["v2", "v3"]}, "lr": {"values": [0.01, 0.02]}}})";

TEST_F(Preview, ShowsWhatBeginsFirst) {
  const std::string printed = preview("x.json", kFour);
  const auto begins = printed.find("begins with:");
  ASSERT_NE(begins, std::string::npos) << printed;
  EXPECT_LT(printed.find(" v2 ", begins), printed.find(" v3 ", begins)) << "v2 takes longer";
  EXPECT_FALSE(says(printed, "more; `firesweep preview --list`")) << "four are all";
  const std::string learning = preview("x.json", R"({"method": "tpe", "run_cap": 20,
    "dataset": "cifar100", "parameters": {"lr": {"min": 0.01, "max": 0.02}}})");
  EXPECT_FALSE(says(learning, "begins with:")) << "its points are not known yet";
}

TEST_F(Preview, ListsEveryTrialInEachFormat) {
  EXPECT_EQ(preview("x.json", kFour, {"--list", "-f", "csv"}),
            "trial,variant,lr,seed,params,macs\r\n"
            "0,v2,0.01,7,1283684,85805056\r\n1,v2,0.02,7,1283684,85805056\r\n"
            "2,v3,0.01,7,2755732,53757952\r\n3,v3,0.02,7,2755732,53757952\r\n");
  const std::string json = preview("x.json", kFour, {"--list", "-f", "json"});
  EXPECT_TRUE(says(json, R"({"trial": 1, "variant": "v2", "lr": 0.02, "seed": 7, )"
                         R"("params": 1283684, "macs": 85805056})"))
      << json;
  const std::string table = preview("x.json", kFour, {"--list"});
  EXPECT_EQ(std::ranges::count(table, '\n'), 5) << table;
  EXPECT_TRUE(says(table, "trial  variant    lr  seed  params    macs\n")) << table;
  EXPECT_TRUE(says(table, "    3  v3       0.02     7  2.76 M  53.8 M\n")) << table;
}

TEST_F(Preview, ListsWhatRemovalsLeaveAndParametersOfArchitectures) {
  EXPECT_EQ(preview("x.json", R"({"method": "grid", "dataset": "cifar100",
    "exclude": [{"arch.head_dropout": 0.3}], "parameters": {"variant": {"value": "v2"},
    "arch.head_dropout": {"values": [0.0, 0.3, 0.5]}}})",
                    {"-l", "-f", "csv"}),
            "trial,variant,arch.head_dropout,seed,params,macs\r\n"
            "0,v2,0,1,1283684,85805056\r\n2,v2,0.5,1,1283684,85805056\r\n");
}

TEST_F(Preview, OfAMethodThatLearnsIsNoList) {
  EXPECT_TRUE(says(refused(R"({"method": "tpe", "run_cap": 20, "dataset": "cifar100",
    "parameters": {"lr": {"min": 0.01, "max": 0.02}}})",
                           {"--list"}),
                   "found method tpe, which proposes points from results"));
  EXPECT_TRUE(says(refused(kFour, {"-f", "csv"}), "write --list, too"));
  EXPECT_TRUE(says(refused(kFour, {"--list", "-f", "svg"}), "table"));
}

}  // namespace
}  // namespace firesweep
