#include "worker/runtime/supervisor/host_info.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace firesweep
