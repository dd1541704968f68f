#include "shared/transport/dealer_socket.h"

#include <gtest/gtest.h>

#include "tests/shared/transport/exchange.h"
#include "tests/shared/transport/folder.h"
#include "tests/shared/transport/keyed.h"

namespace firesweep {
namespace {

TEST(DealerSocket, QueuesNothingWithoutAConnection) {
  const Folder folder;
  auto dealer = DealerSocket::connect(folder.address());
  ASSERT_TRUE(dealer);
  EXPECT_FALSE(dealer->send("into the void"));
  EXPECT_FALSE(dealer->poll_send(std::chrono::milliseconds(0)));
  auto router = RouterSocket::bind(folder.address());
  ASSERT_TRUE(router);
  ASSERT_TRUE(send_when_connected(*dealer, "hello"));
  EXPECT_EQ(next(*router)->second, "hello");
}

TEST(DealerSocket, FindsACoordinatorThatCameBack) {
  const Folder folder;
  auto dealer = DealerSocket::connect(folder.address());
  ASSERT_TRUE(dealer);
  {
    auto router = RouterSocket::bind(folder.address(), {.linger = std::chrono::milliseconds(0)});
    ASSERT_TRUE(router);
    ASSERT_TRUE(send_when_connected(*dealer, "first"));
    ASSERT_TRUE(next(*router));
  }
  auto router = RouterSocket::bind(folder.address());
  ASSERT_TRUE(router);
  // What is handed over while the old connection dies may be lost with it.
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  bool arrived = false;
  while (!arrived && std::chrono::steady_clock::now() < deadline) {
    dealer->send("again");
    arrived = router->poll(std::chrono::milliseconds(20));
  }
  EXPECT_TRUE(arrived);
}

TEST(DealerSocket, AFreshSocketIsAnotherPeer) {
  auto router = RouterSocket::bind("tcp://127.0.0.1:*", with_door());
  ASSERT_TRUE(router);
  auto dealer = DealerSocket::connect(router->last_endpoint(), caller_keys());
  ASSERT_TRUE(dealer);
  ASSERT_TRUE(send_when_connected(*dealer, "one"));
  const auto before = next(*router);
  dealer->reconnect();
  ASSERT_TRUE(send_when_connected(*dealer, "two"));
  const auto after = next(*router);
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->second, "two");
  EXPECT_NE(before->first, after->first);
}

TEST(DealerSocket, ClosingWithLingerDeliversTheLastWord) {
  auto router = RouterSocket::bind("tcp://127.0.0.1:*", with_door());
  ASSERT_TRUE(router);
  {
    auto dealer = DealerSocket::connect(router->last_endpoint(), caller_keys());
    ASSERT_TRUE(dealer);
    ASSERT_TRUE(send_when_connected(*dealer, "goodbye"));
    dealer->close(kLong);
  }
  EXPECT_EQ(next(*router)->second, "goodbye");
}

TEST(DealerSocket, RefusesWhatIsNoAddress) {
  const auto dealer = DealerSocket::connect("somewhere");
  ASSERT_FALSE(dealer);
  EXPECT_EQ(dealer.error().code, ErrorCode::kBadInput);
}

}  // namespace
}  // namespace firesweep
