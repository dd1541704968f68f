// Folders of sweeps that somebody else has made.
#include "coordinator/cli/sweep_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/bounded.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

class SweepFiles : public ::testing::Test {
 protected:
  SweepFiles() {
    std::string name = (fs::temp_directory_path() / "firesweep-files-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    fs::create_directory(folder_ / "architectures");
    std::ofstream(folder_ / "s.json") << "{}";
    std::ofstream(folder_ / "architectures" / "v1.json") << "{}";
  }
  ~SweepFiles() override { fs::remove_all(folder_); }

  std::string outcome() const {
    return testing::bounded([&] {
      const auto read = read_submission(folder_ / "s.json", (folder_ / "architectures").string());
      return read ? "read " + std::to_string(read->architectures.size()) : to_string(read.error());
    });
  }

  fs::path folder_;
};

TEST_F(SweepFiles, AFolderOfFilesAndLinksToFilesIsRead) {
  std::ofstream(folder_ / "v2") << "{}";
  fs::create_symlink(folder_ / "v2", folder_ / "architectures" / "v2.json");
  EXPECT_EQ(outcome(), "read 2");
}

TEST_F(SweepFiles, AnArchitectureThatIsAPipeIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo((folder_ / "architectures" / "v2.json").c_str(), 0600), 0);
  EXPECT_NE(outcome().find("v2.json: is neither a file nor a link to one"), std::string::npos)
      << outcome();
}

TEST_F(SweepFiles, AnArchitectureThatIsADeviceIsNotReadForEver) {
  fs::create_symlink("/dev/zero", folder_ / "architectures" / "v2.json");
  EXPECT_NE(outcome().find("v2.json: is neither a file nor a link to one"), std::string::npos)
      << outcome();
}

TEST_F(SweepFiles, ASweepThatIsADeviceIsNotReadForEver) {
  fs::remove(folder_ / "s.json");
  fs::create_symlink("/dev/zero", folder_ / "s.json");
  EXPECT_NE(outcome().find("s.json: found more than 4 MiB"), std::string::npos) << outcome();
}

TEST_F(SweepFiles, VeryManyArchitecturesAreRefused) {
  for (int i = 0; i < 40; ++i) {
    std::ofstream(folder_ / "architectures" / ("w" + std::to_string(i) + ".json"))
        << std::string(std::size_t{2} << 20, ' ');
  }
  EXPECT_NE(outcome().find("more than 64 MiB of architecture files"), std::string::npos)
      << outcome();
}

}  // namespace
}  // namespace firesweep
