#include "worker/runtime/devices/mps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class MpsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "firesweep-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    fs::create_directories(folder_ / "pipes");
    fs::create_directories(folder_ / "proc" / "4711");
  }
  void TearDown() override { fs::remove_all(folder_); }

  // What nvidia-cuda-mps-control leaves in its folder, and a process under the pid it wrote.
  void daemon(const std::string& name) const {
    std::ofstream(folder_ / "pipes" / "control") << "";
    std::ofstream(folder_ / "pipes" / "nvidia-cuda-mps-control.pid") << "4711\n";
    std::ofstream(folder_ / "proc" / "4711" / "comm") << name << "\n";
  }
  Mps find() const { return find_mps(folder_ / "pipes", folder_ / "proc"); }

  fs::path folder_;
};

TEST_F(MpsTest, WithoutAPipeThereIsNone) {
  EXPECT_FALSE(find().runs);
  EXPECT_THAT(find().why, HasSubstr("no MPS control pipe at " + folder_.string()));
  EXPECT_FALSE(find_mps(folder_ / "nowhere").runs);
}

TEST_F(MpsTest, PipeAndLivingDaemonAreMps) {
  daemon("nvidia-cuda-mps");
  EXPECT_TRUE(find().runs);
  EXPECT_THAT(find().why, HasSubstr("4711"));
}

TEST_F(MpsTest, APipeThatOutlivedItsDaemonIsNone) {
  daemon("nvidia-cuda-mps");
  fs::remove(folder_ / "pipes" / "nvidia-cuda-mps-control.pid");
  EXPECT_FALSE(find().runs);
  EXPECT_THAT(find().why, HasSubstr("no daemon of it in sight"));
}

TEST_F(MpsTest, ADeadPidAndAnothersPidAreNoDaemon) {
  daemon("bash");
  EXPECT_FALSE(find().runs);
  fs::remove_all(folder_ / "proc" / "4711");
  EXPECT_FALSE(find().runs);
}

TEST_F(MpsTest, TheFolderIsTheEnvironmentsOrNvidiasOwn) {
  EXPECT_EQ(mps_folder([](const char*) { return std::nullopt; }), "/tmp/nvidia-mps");
  EXPECT_EQ(mps_folder([](const char* name) {
              return std::string(name) == "CUDA_MPS_PIPE_DIRECTORY"
                         ? std::optional<std::string>("/p")
                         : std::nullopt;
            }),
            "/p");
}

TEST(SharingLine, SaysWhatSharingMeans) {
  const Mps none{false, "no pipe", false}, runs{true, "daemon 1", false};
  EXPECT_THAT(sharing_line(2, 2, none), HasSubstr("each slot has a GPU to itself"));
  EXPECT_THAT(sharing_line(3, 2, none), HasSubstr("by=time_slicing started=no why=\"no pipe\""));
  EXPECT_THAT(sharing_line(3, 2, none), HasSubstr("take turns"));
  EXPECT_THAT(sharing_line(3, 2, runs), HasSubstr("by=mps started=no why=\"daemon 1\""));
  EXPECT_THAT(sharing_line(3, 2, runs), HasSubstr("at the same time"));
}

}  // namespace
}  // namespace firesweep
