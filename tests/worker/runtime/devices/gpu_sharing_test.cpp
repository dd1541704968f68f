#include "worker/runtime/devices/gpu_sharing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <map>

#include "tests/worker/runtime/devices/fake_mps.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class GpuSharingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    variables_ = {{"PATH", fake_.program.parent_path().string()},
                  {"XDG_RUNTIME_DIR", fake_.run().string()},
                  {"CUDA_MPS_PIPE_DIRECTORY", (fake_.folder / "elsewhere").string()}};
  }
  void TearDown() override { ::unsetenv("CUDA_MPS_PIPE_DIRECTORY"); }

  Environment environment() const {
    return [this](const char* name) {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
  }
  std::string inherited() const {
    return process_environment("CUDA_MPS_PIPE_DIRECTORY").value_or("none");
  }

  FakeMps fake_;
  std::map<std::string, std::string> variables_;
};

TEST_F(GpuSharingTest, SlotsThatShareGetADaemonForAsLongAsItLives) {
  {
    const GpuSharing sharing(8, 1, true, environment(), {});
    EXPECT_TRUE(sharing.mps().runs);
    EXPECT_TRUE(sharing.mps().started) << sharing.mps().why;
    EXPECT_THAT(sharing_line(8, 1, sharing.mps()), HasSubstr("by=mps started=yes"));
    EXPECT_THAT(inherited(), HasSubstr(fake_.run().string() + "/firesweep/mps-"));
    EXPECT_TRUE(process_environment("CUDA_MPS_LOG_DIRECTORY"));
  }
  EXPECT_THAT(fake_.calls(), HasSubstr("told quit"));
  EXPECT_EQ(inherited(), "none");
}

TEST_F(GpuSharingTest, ASlotForEachGpuNeedsNone) {
  const GpuSharing sharing(2, 2, true, environment(), {});
  EXPECT_FALSE(sharing.mps().runs);
  EXPECT_EQ(fake_.calls(), "");
}

TEST_F(GpuSharingTest, OffStartsNone) {
  const GpuSharing sharing(8, 1, false, environment(), {});
  EXPECT_FALSE(sharing.mps().runs);
  EXPECT_THAT(sharing_line(8, 1, sharing.mps()), HasSubstr("by=time_slicing started=no"));
  EXPECT_THAT(sharing.mps().why, HasSubstr("none started: --mps off"));
  EXPECT_EQ(fake_.calls(), "");
}

TEST_F(GpuSharingTest, WhatIsNotInstalledIsSaid) {
  variables_.erase("PATH");
  const GpuSharing sharing(8, 1, true, environment(), {});
  EXPECT_FALSE(sharing.mps().runs);
  EXPECT_THAT(sharing.mps().why, HasSubstr("nvidia-cuda-mps-control is not installed"));
}

TEST_F(GpuSharingTest, AStartThatFailsIsSaidAndSlotsTakeTurns) {
  fake_.is("broken");
  const GpuSharing sharing(8, 1, true, environment(), {});
  EXPECT_FALSE(sharing.mps().runs);
  EXPECT_THAT(sharing.mps().why, HasSubstr("exit code 3: no device found"));
  EXPECT_EQ(inherited(), "none");
}

TEST_F(GpuSharingTest, MoreSlotsThanAServerTakesStartNone) {
  const GpuSharing sharing(97, 2, true, environment(), {});
  EXPECT_FALSE(sharing.mps().runs);
  EXPECT_THAT(sharing.mps().why, HasSubstr("takes 48 slots"));
}

TEST_F(GpuSharingTest, ADaemonThatAnswersIsUsedThoughItsProcessIsOutOfSight) {
  fs::create_directories(fake_.folder / "elsewhere");
  std::ofstream(fake_.folder / "elsewhere" / "control") << "";
  const GpuSharing sharing(8, 1, true, environment(), {});
  EXPECT_TRUE(sharing.mps().runs);
  EXPECT_FALSE(sharing.mps().started);
  EXPECT_EQ(fake_.calls(), "told get_server_list\n");
}

TEST_F(GpuSharingTest, ADaemonThatDiesIsForgottenForNewSlots) {
  GpuSharing sharing(8, 1, true, environment(), {});
  ASSERT_TRUE(sharing.mps().started) << sharing.mps().why;
  sharing.child_ended();
  EXPECT_TRUE(sharing.mps().runs) << "another child";
  int pid = 0;
  std::ifstream(fs::path(inherited()) / "nvidia-cuda-mps-control.pid") >> pid;
  ASSERT_GT(pid, 0);
  ::kill(pid, SIGKILL);
  ASSERT_TRUE(FakeMps::comes_true([&] {
    sharing.child_ended();
    return !sharing.mps().runs;
  }));
  EXPECT_EQ(inherited(), "none");
}

}  // namespace
}  // namespace firesweep
