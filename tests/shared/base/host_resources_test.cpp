#include "shared/base/host_resources.h"

#include <gtest/gtest.h>

#include <thread>

namespace firesweep {
namespace {

TEST(HostResources, CoresAreNoMoreThanTheMachineHas) {
  EXPECT_GE(usable_cores(), 1);
  EXPECT_LE(usable_cores(), static_cast<int>(std::thread::hardware_concurrency()));
}

TEST(HostResources, MemoryIsKnown) { EXPECT_GT(usable_memory_bytes(), 1 << 20); }

}  // namespace
}  // namespace firesweep
