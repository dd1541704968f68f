// What `firesweep preview` tells of a sweep file.
#include <gtest/gtest.h>

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
    Words words{path, "--no-probe", "--db", (folder_ / "none.db").string()};
    words.insert(words.end(), options.begin(), options.end());
    ::testing::internal::CaptureStdout();
    const int code = verb_preview(words);
    std::string printed = ::testing::internal::GetCapturedStdout();
    EXPECT_EQ(code, 0) << text;
    return printed;
  }

 private:
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

}  // namespace
}  // namespace firesweep
