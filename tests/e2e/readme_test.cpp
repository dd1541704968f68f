// Every command in README and in docs/migrating.md exists, every help text keeps its width, and
// every sweep file loads.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "shared/base/utf8.h"
#include "tests/e2e/process.h"
#include "tests/places.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;

std::vector<std::vector<std::string>> commands_of(const std::string& page) {
  std::ifstream readme(source_dir() / page);
  std::vector<std::vector<std::string>> commands;
  std::string line;
  bool in_shell = false;
  while (std::getline(readme, line)) {
    if (line.starts_with("```")) {
      in_shell = line == "```sh";
      continue;
    }
    if (!in_shell) continue;
    std::istringstream words(line.substr(0, line.find('#')));
    std::vector<std::string> command{std::istream_iterator<std::string>(words), {}};
    if (!command.empty()) commands.push_back(command);
  }
  return commands;
}

class Commands : public ::testing::TestWithParam<const char*> {};

TEST_P(Commands, Exist) {
  const TempFolder folder;
  const std::set<std::string> programs{"firesweep", "firesweep-worker", "sqlite3",
                                       "tools/quickstart.sh", "tools/test.sh"};
  const auto commands = commands_of(GetParam());
  EXPECT_GE(commands.size(), 7u);
  for (const auto& command : commands) {
    EXPECT_TRUE(programs.contains(command[0])) << command[0];
    if (command[0].starts_with("tools/")) {
      EXPECT_TRUE(fs::exists(source_dir() / command[0])) << command[0];
    }
    if (!command[0].starts_with("firesweep")) continue;
    std::vector<std::string> help(command.begin() + 1, command.end());
    if (command[0] == "firesweep") help.resize(1);
    if (command[0] == "firesweep-worker") help.clear();
    help.push_back("--help");
    const Finished ran = run(command[0], help, folder.path());
    EXPECT_EQ(ran.code, 0) << command[0] << ran.err;
    for (const std::string& word : command) {
      if (!word.starts_with("--")) continue;
      EXPECT_NE(ran.out.find(word), std::string::npos) << command[1] << " has no " << word;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OfPages, Commands, ::testing::Values("README.md", "docs/migrating.md"));

// The text of a page's only block of JSON that names a sweep.
std::string sweep_of(const std::string& page) {
  std::ifstream file(source_dir() / page);
  std::string line, text;
  bool inside = false;
  while (std::getline(file, line)) {
    if (inside && line == "```") break;
    if (inside) text += line + "\n";
    inside = inside || line == "```jsonc";
  }
  return text;
}

TEST(Migrating, ItsSweepIsPreviewed) {
  const TempFolder folder;
  const std::string sweep = write(folder / "sweep.json", sweep_of("docs/migrating.md"));
  const Finished ran = run("firesweep", {"preview", sweep, "--no-probe"}, folder.path());
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("24 trials"), std::string::npos) << ran.out;
}

// The first words of the lines that list verbs in `firesweep --help`.
std::vector<std::string> verbs_of(const std::string& help) {
  std::vector<std::string> verbs;
  std::istringstream lines(help);
  std::string line;
  while (std::getline(lines, line) && !line.starts_with("First steps")) {
    if (line.starts_with("  ")) verbs.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return verbs;
}

void expect_width(const std::string& program, const std::vector<std::string>& words,
                  const fs::path& folder) {
  const Finished help = run(program, words, folder);
  EXPECT_EQ(help.code, 0) << program << help.err;
  std::istringstream lines(help.out);
  std::string line;
  while (std::getline(lines, line)) {
    EXPECT_LE(character_count(line), 120u) << program << ' ' << words.front() << ": " << line;
  }
}

TEST(Help, EveryTextKeepsTheWidthOfProse) {
  const TempFolder folder;
  const auto verbs = verbs_of(run("firesweep", {"--help"}, folder.path()).out);
  EXPECT_GE(verbs.size(), 20u);
  expect_width("firesweep", {"--help"}, folder.path());
  for (const std::string& verb : verbs) expect_width("firesweep", {verb, "--help"}, folder.path());
  expect_width("firesweep-worker", {"--help"}, folder.path());
  for (const char* verb : {"dataset", "export-model", "verify-resume", "bench"}) {
    expect_width("firesweep-worker", {verb, "--help"}, folder.path());
  }
}

TEST(Sweeps, EveryFileIsPreviewed) {
  const TempFolder folder;
  int files = 0;
  for (const auto& entry : fs::directory_iterator(source_dir() / "sweeps")) {
    const Finished ran =
        run("firesweep", {"preview", entry.path().string(), "--no-probe"}, folder.path());
    EXPECT_EQ(ran.code, 0) << entry.path() << ran.err;
    EXPECT_NE(ran.out.find("estimate: "), std::string::npos);
    ++files;
  }
  EXPECT_GE(files, 5);
}

TEST(Explain, TellsAFieldAndEachPresetByWhatItSets) {
  const TempFolder folder;
  EXPECT_NE(run("firesweep", {"explain", "lr"}, folder.path()).out.find("0.003"),
            std::string::npos);
  EXPECT_NE(run("firesweep", {"explain", "checkpoint"}, folder.path()).out.find("max_bytes"),
            std::string::npos);
  const Finished presets = run("firesweep", {"explain", "preset"}, folder.path());
  EXPECT_EQ(presets.code, 0);
  EXPECT_NE(presets.out.find("sgd       dropout 0, batch_size 64, optimizer sgd"),
            std::string::npos)
      << presets.out;
  const Finished typo = run("firesweep", {"explain", "presett"}, folder.path());
  EXPECT_EQ(typo.code, 2);
  EXPECT_NE(typo.err.find("did you mean \"preset\"?"), std::string::npos) << typo.err;
}

TEST(Architectures, EveryFileIsInspected) {
  const TempFolder folder;
  for (const auto& entry : fs::directory_iterator(source_dir() / "architectures")) {
    const Finished ran =
        run("firesweep", {"inspect", entry.path().string(), "--classes", "10"}, folder.path());
    EXPECT_EQ(ran.code, 0) << entry.path() << ran.err;
  }
}

}  // namespace
}  // namespace firesweep::e2e
