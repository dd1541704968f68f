#include "shared/wire/join.h"

#include <gtest/gtest.h>

#include "shared/wire/codec.h"

namespace firesweep {
namespace {

const std::string kToken("\0\x01\xff token bytes", 16);

TEST(Join, ReadsBack) {
  ASSERT_EQ(kToken.size(), kTokenBytes);
  for (const std::string& name : {std::string(), std::string("node7"), std::string(64, 'n')}) {
    const JoinRequest request{kToken, name};
    EXPECT_EQ(decode_join(encode(request)), request);
  }
  EXPECT_EQ(decode_join(encode(JoinRequest{kToken, std::string(65, 'n')}))->name.size(), 64U);
  EXPECT_TRUE(says_joined(joined_bytes()));
}

TEST(Join, NothingElseIsOne) {
  const std::string whole = encode(JoinRequest{kToken, std::string(64, 'n')});
  for (std::size_t size = 0; size < 32; ++size) {
    EXPECT_FALSE(decode_join(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_join(whole + "n"));
  for (std::size_t at = 0; at < 16; ++at) {
    std::string other = whole;
    other[at] ^= 1;
    EXPECT_FALSE(decode_join(other)) << at;
  }
  EXPECT_FALSE(
      decode_join(encode(InboundFrame(ClientRequest{kProtocolVersion, request::Status{}}))));
  EXPECT_FALSE(decode_join(std::string(8 << 20, 'f')));
  EXPECT_FALSE(says_joined(""));
  EXPECT_FALSE(says_joined(joined_bytes() + " "));
}

// The two kinds of bytes are never taken for one another.
TEST(Join, IsNoFrame) {
  EXPECT_FALSE(decode_inbound(encode(JoinRequest{kToken, "node7"})));
  EXPECT_FALSE(decode_outbound(joined_bytes()));
}

}  // namespace
}  // namespace firesweep
