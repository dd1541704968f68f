#include "worker/runtime/host_info.h"

#include <gtest/gtest.h>

#include <thread>

namespace firesweep {
namespace {

TEST(HostInfo, SessionsAreNeverZeroAndNeverRepeat) {
  const SessionId first = random_session(), second = random_session();
  EXPECT_NE(first, SessionId{});
  EXPECT_NE(first, second);
}

TEST(HostInfo, NameCanStandBeforeASlash) {
  EXPECT_FALSE(host_name().empty());
  EXPECT_EQ(host_name().find('/'), std::string::npos);
}

TEST(HostInfo, CoresAreNoMoreThanTheMachineHas) {
  EXPECT_GE(usable_cores(), 1);
  EXPECT_LE(usable_cores(), static_cast<int>(std::thread::hardware_concurrency()));
}

TEST(HostInfo, MemoryIsKnown) { EXPECT_GT(usable_memory_bytes(), 1 << 20); }

}  // namespace
}  // namespace firesweep
