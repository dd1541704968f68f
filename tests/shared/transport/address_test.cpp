#include "shared/transport/address.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

bool local(const std::string& text) {
  const auto address = parse_address(text, true);
  EXPECT_TRUE(address) << text;
  return address && address->local();
}

TEST(Address, IpcAndLoopbackAreLocal) {
  for (const char* text :
       {"ipc:///tmp/x.sock", "ipc://*", "tcp://127.0.0.1:5555", "tcp://127.8.9.10:1",
        "tcp://[::1]:5555", "tcp://localhost:0", "tcp://ip6-localhost:5555"}) {
    EXPECT_TRUE(local(text)) << text;
  }
}

TEST(Address, AnythingElseIsNotLocal) {
  for (const char* text :
       {"tcp://*:5555", "tcp://0.0.0.0:5555", "tcp://192.168.1.7:5555", "tcp://[::]:5555",
        "tcp://127.evil.example:5555", "tcp://localhost.example:5555", "tcp://eth0:5555"}) {
    EXPECT_FALSE(local(text)) << text;
  }
}

TEST(Address, WhatIsNoneIsRefusedWithAnExample) {
  for (const char* text :
       {"", "5555", "localhost:5555", "http://localhost:5555", "tcp://", "tcp://host",
        "tcp://host:", "tcp://host:port", "tcp://host:65536", "tcp://host:-1", "tcp://:5555",
        "tcp://ho st:5555", "tcp://[nonsense]:5555", "tcp://[::1]", "ipc://", "ipc://@abstract",
        "inproc://x"}) {
    const auto address = parse_address(text, true);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::kBadInput);
    EXPECT_EQ(address.error().where, text);
    EXPECT_NE(address.error().hint.find("tcp://127.0.0.1:5555"), std::string::npos);
  }
}

TEST(Address, WildcardsAreOnlyForBinding) {
  for (const char* text : {"tcp://*:5555", "tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "ipc://*"}) {
    EXPECT_TRUE(parse_address(text, true)) << text;
    EXPECT_FALSE(parse_address(text, false)) << text;
  }
}

TEST(Address, AnIpcPathHasAtMost107Bytes) {
  EXPECT_TRUE(parse_address("ipc://" + std::string(107, 'a'), true));
  const auto refused = parse_address("ipc://" + std::string(108, 'a'), true);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("108 bytes"), std::string::npos) << refused.error().what;
}

}  // namespace
}  // namespace firesweep
