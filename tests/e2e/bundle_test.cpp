// What tools/package.sh makes of this build, unpacked elsewhere: it is small, asks nothing of the
// host that glibc 2.34 lacks, and runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <optional>
#include <regex>
#include <set>
#include <sstream>

#include "tests/e2e/process.h"
#include "tests/places.h"

namespace firesweep::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::uintmax_t kMaxBytes = 25'000'000;

const std::set<std::string> kOfTheHost{"libc.so.6",     "libm.so.6",    "libpthread.so.0",
                                       "libdl.so.2",    "librt.so.1",   "libresolv.so.2",
                                       "libgcc_s.so.1", "libutil.so.1", "ld-linux-x86-64.so.2"};
const std::set<std::string> kOfLibTorch{"libtorch.so", "libtorch_cpu.so", "libtorch_cuda.so",
                                        "libc10.so", "libc10_cuda.so"};

std::string shell(const std::string& command) {
  const TempFolder folder;
  const Finished ran = run("/bin/sh", {"-c", command}, folder.path());
  EXPECT_EQ(ran.code, 0) << command << "\n" << ran.out << ran.err;
  return ran.out;
}

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match)
    found.push_back((*match)[1]);
  return found;
}

// Numbers of a version such as "3.4.30"; none where it is no row of numbers (GLIBC_PRIVATE).
std::vector<int> numbers(const std::string& version) {
  std::vector<int> found;
  std::istringstream parts(version);
  for (std::string part; std::getline(parts, part, '.');) {
    if (part.empty() || part.find_first_not_of("0123456789") != std::string::npos) return {};
    found.push_back(std::stoi(part));
  }
  return found;
}

// Versions "2.34" of names such as GLIBC_2.34 that this file needs of others, or defines.
std::vector<std::string> versions(const fs::path& file, const std::string& prefix) {
  return matches(shell("readelf -W -V '" + file.string() + "'"), "Name: " + prefix + "_(\\S+)");
}

// Symbols of the C++ library, "_ZN…@GLIBCXX_3.4.11", that a file asks for or defines.
std::set<std::string> standard_symbols(const fs::path& file, const std::string& which) {
  const std::string text = shell("nm -D --" + which + " '" + file.string() + "'");
  std::set<std::string> found;
  for (std::string symbol : matches(text, "(\\S+@(?:GLIBCXX|CXXABI)_\\S+)")) {
    const std::size_t twice = symbol.find("@@");  // of the default version
    found.insert(twice == std::string::npos ? symbol : symbol.erase(twice, 1));
  }
  return found;
}

// The bundle, made once for all tests and unpacked in a folder with a space in its name.
class Bundle : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_.emplace();
    packed_ = *shared_ / "b.tar.zst";
    const fs::path build = program_dir().parent_path();
    const Finished made = run((source_dir() / "tools/package.sh").string(),
                              {"--build", build.string(), "-o", packed_.string()}, shared_->path());
    ASSERT_EQ(made.code, 0) << made.out << made.err;
    const fs::path place = *shared_ / "un packed";
    fs::create_directory(place);
    shell("tar -xf '" + packed_.string() + "' -C '" + place.string() + "'");
    for (const auto& entry : fs::directory_iterator(place)) bundle_ = entry.path();
    ASSERT_TRUE(bundle_.filename().string().starts_with("firesweep-")) << bundle_;
  }
  static void TearDownTestSuite() { shared_.reset(); }
  void SetUp() override { ::setenv("LIBTORCH_ROOT", FIRESWEEP_LIBTORCH_FOLDER, 1); }

  std::string program(const std::string& name) const { return (bundle_ / "bin" / name).string(); }

  std::vector<fs::path> binaries() const {
    std::vector<fs::path> found;
    for (const char* folder : {"bin", "lib", "libexec"})
      for (const auto& entry : fs::directory_iterator(bundle_ / folder))
        found.push_back(entry.path());
    return found;
  }

  static inline std::optional<TempFolder> shared_;
  static inline fs::path packed_, bundle_;
  TempFolder folder_;
};

TEST_F(Bundle, IsSmallAndNeedsNothingNewerThanGlibc234) {
  EXPECT_LE(fs::file_size(packed_), kMaxBytes);
  const auto newest = [](const std::vector<std::string>& all) {
    std::vector<int> highest{0};
    for (const std::string& one : all) highest = std::max(highest, numbers(one));
    return highest;
  };
  const std::vector<int> standard = newest(versions(bundle_ / "lib/libstdc++.so.6", "GLIBCXX"));
  for (const fs::path& file : binaries()) {
    SCOPED_TRACE(file.string());
    for (const std::string& version : versions(file, "GLIBC")) {
      const std::vector<int> found = numbers(version);
      EXPECT_TRUE(!found.empty() && found <= std::vector<int>({2, 34})) << "GLIBC_" << version;
    }
    EXPECT_LE(newest(versions(file, "GLIBCXX")), standard);
    EXPECT_LE(newest(versions(file, "GCC")), std::vector<int>({7, 0, 0}));
    const auto needed =
        matches(shell("readelf -W -d '" + file.string() + "'"), "NEEDED\\).*\\[(.*)\\]");
    for (const std::string& library : needed) {
      EXPECT_TRUE(fs::exists(bundle_ / "lib" / library) || kOfTheHost.contains(library) ||
                  (kOfLibTorch.contains(library) && file.parent_path().filename() == "libexec"))
          << library;
    }
  }
  for (const std::string& library : kOfLibTorch) {
    const fs::path file = fs::path(FIRESWEEP_LIBTORCH_FOLDER) / "lib" / library;
    if (!fs::exists(file)) continue;
    EXPECT_LE(newest(versions(file, "GLIBCXX")), standard) << file;
  }
}

TEST_F(Bundle, ItsStandardLibraryHasWhatLibTorchAsksFor) {
  const auto has = standard_symbols(bundle_ / "lib/libstdc++.so.6", "defined-only");
  for (const auto& entry : fs::directory_iterator(fs::path(FIRESWEEP_LIBTORCH_FOLDER) / "lib")) {
    if (entry.path().string().find(".so") == std::string::npos) continue;
    for (const std::string& symbol : standard_symbols(entry.path(), "undefined-only"))
      EXPECT_TRUE(has.contains(symbol)) << entry.path() << " asks for " << symbol;
  }
}

TEST_F(Bundle, RunsWhereverItLies) {
  const fs::path here = folder_ / "work ing";
  fs::create_directory(here);
  ::unsetenv("LIBTORCH_ROOT");
  EXPECT_THAT(run(program("firesweep"), {"--help"}, here).out, HasSubstr("Usage: firesweep"));
  // A name that only the bundle's own folder knows.
  fs::copy(bundle_ / "architectures/v5.json", bundle_ / "architectures/only_here.json");
  EXPECT_THAT(run(program("firesweep"), {"inspect", "only_here"}, here).out, HasSubstr("Conv2d"));
  const Finished preview =
      run(program("firesweep"), {"preview", (bundle_ / "sweeps/quickstart.json").string()}, here);
  EXPECT_EQ(preview.code, 0) << preview.err;

  ::setenv("LIBTORCH_ROOT", FIRESWEEP_LIBTORCH_FOLDER, 1);
  const std::string sweep = write(here / "sim.json", R"({
    "name": "simulated", "trainer": "simulated", "method": "grid",
    "metric": {"name": "val_accuracy", "goal": "maximize"}, "dataset": "cifar100",
    "parameters": {"variant": {"values": ["v1", "v2"]}, "epochs": {"value": 2}}, "seeds": [1]})");
  const Finished ran = run(program("firesweep"), {"run", sweep, "--workers", "2"}, here);
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_EQ(ask(here / "sweeps.db", "SELECT count(*) FROM leaderboard WHERE state = 'COMPLETE'"),
            "2");
  const Finished board = run(program("firesweep"), {"leaderboard", "-f", "csv"}, here);
  EXPECT_EQ(board.code, 0) << board.err;
  EXPECT_THAT(board.out, HasSubstr("v2"));

  const Finished fetch = run(program("firesweep-worker"), {"dataset", "fetch", "cifar100"}, here);
  EXPECT_EQ(fetch.code, 2) << fetch.out;
  EXPECT_THAT(fetch.err, HasSubstr("a build without downloads"));

  const fs::path other = here / "other";
  fs::create_directories(other / "lib");
  write(other / "lib/libtorch.so", "");
  write(other / "version.py", "__version__ = '1.2.3+cu999'\n");
  ::setenv("LIBTORCH_ROOT", other.c_str(), 1);
  const Finished refused = run(program("firesweep-worker"), {"--help"}, here);
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("found LibTorch 1.2.3+cu999, expected "));
}

TEST_F(Bundle, ItsWorkersDieWithTheRunThatStartedThem) {
  const std::string sweep = write(folder_ / "slow.json", R"({
    "name": "slow", "trainer": "simulated", "method": "grid",
    "metric": {"name": "val_accuracy", "goal": "maximize"}, "dataset": "cifar100",
    "parameters": {"variant": {"values": ["v1", "v2"]}, "epochs": {"value": 100},
                   "simulated_seconds": {"value": 10}}, "seeds": [1]})");
  Process running(program("firesweep"), {"run", sweep, "--workers", "2"}, folder_.path());
  const std::string slots = (bundle_ / "libexec/firesweep-worker").string();
  EXPECT_TRUE(eventually([&] { return processes_with(slots).size() == 2; })) << running.err();
  running.signal(SIGKILL);
  EXPECT_TRUE(eventually([&] { return processes_with(bundle_.string()).empty(); }));
}

}  // namespace
}  // namespace firesweep::e2e
