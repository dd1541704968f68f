// Issue 13, kind 11: names with AAAA records are as good as names with A records, to bind and to
// connect to.
#include "shared/transport/family.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace firesweep {
namespace {

bool wanted(const std::string& text, bool has_ipv4, bool has_ipv6) {
  const auto address = parse_address(text, true);
  EXPECT_TRUE(address) << text;
  return wants_ipv6(*address, [&](const std::string& host, int family) {
    EXPECT_EQ(host, "six.example");
    return family == AF_INET ? has_ipv4 : has_ipv6;
  });
}

TEST(Family, ANameWithIpv6AddressesAloneIsAskedForThose) {
  EXPECT_TRUE(wanted("tcp://six.example:5555", false, true));
  EXPECT_FALSE(wanted("tcp://six.example:5555", true, true));
  EXPECT_FALSE(wanted("tcp://six.example:5555", true, false));
  EXPECT_FALSE(wanted("tcp://six.example:5555", false, false)) << "libzmq says that it is unknown";
}

TEST(Family, AddressesAreNotLookedUp) {
  const auto never = [](const std::string& host, int) {
    ADD_FAILURE() << host << " was looked up";
    return false;
  };
  EXPECT_TRUE(wants_ipv6(*parse_address("tcp://[::1]:5555", true), never));
  EXPECT_FALSE(wants_ipv6(*parse_address("tcp://*:5555", true), never));
  EXPECT_FALSE(wants_ipv6(*parse_address("ipc:///tmp/x", true), never));
}

TEST(Family, TheSystemKnowsAddresses) {
  EXPECT_TRUE(resolves("127.0.0.1", AF_INET));
  EXPECT_FALSE(resolves("127.0.0.1", AF_INET6));
  EXPECT_TRUE(resolves("::1", AF_INET6));
}

}  // namespace
}  // namespace firesweep
