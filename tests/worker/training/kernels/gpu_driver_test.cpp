#include "worker/training/kernels/gpu_driver.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace firesweep {
namespace {

// The loader takes a library of that name that is there already for the one that is asked for.
class GpuDriver : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::dlopen(FAKE_CUDA, RTLD_NOW | RTLD_LOCAL), nullptr); }
};

TEST_F(GpuDriver, TellsWhatADeviceIs) {
  const auto facts = ask_gpu_driver(0);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->name, "NVIDIA Test 9000");
  EXPECT_EQ(facts->capability, 95);
  EXPECT_EQ(facts->multiprocessors, 132);
  EXPECT_EQ(facts->uuid, "GPU-00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(facts->memory_bytes, std::int64_t{80} << 30);
}

TEST_F(GpuDriver, ADeviceThatIsNotThereOrDoesNotAnswerHasNoFacts) {
  EXPECT_FALSE(ask_gpu_driver(1));
  EXPECT_FALSE(ask_gpu_driver(2));
}

}  // namespace
}  // namespace firesweep
