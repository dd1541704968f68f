#include "shared/transport/client.h"

#include <gtest/gtest.h>

#include <thread>

#include "shared/wire/codec.h"
#include "tests/shared/transport/exchange.h"
#include "tests/shared/transport/folder.h"
#include "tests/shared/transport/keyed.h"

namespace firesweep {
namespace {

const ClientRequest kStatus{kClientProtocolVersion, request::Status{}};

TEST(ClientConnection, BringsTheReply) {
  auto router = RouterSocket::bind("tcp://127.0.0.1:*", with_door());
  ASSERT_TRUE(router);
  const ClientReply answer = reply::Rendered{"{}"};
  std::thread coordinator([&] {
    const auto message = next(*router);
    if (message && decode_inbound(message->second)) {
      router->send(message->first, encode(OutboundFrame(answer)));
    }
  });
  auto client = ClientConnection::open(router->last_endpoint(), caller_keys());
  ASSERT_TRUE(client);
  const auto reply = client->request(kStatus, kLong);
  coordinator.join();
  ASSERT_TRUE(reply) << to_string(reply.error());
  EXPECT_EQ(reply, answer);
}

TEST(ClientConnection, NobodyThereIsUnavailableAndNamesTheEndpoint) {
  const Folder folder;
  auto client = ClientConnection::open(folder.address());
  ASSERT_TRUE(client);
  const auto reply = client->request(kStatus, std::chrono::milliseconds(20));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(reply.error().where, folder.address());
  EXPECT_NE(reply.error().hint.find("firesweep serve"), std::string::npos);
}

TEST(ClientConnection, SilenceIsUnavailableAndALateReplyIsNotTheNextOne) {
  auto router = RouterSocket::bind("tcp://127.0.0.1:*", with_door());
  ASSERT_TRUE(router);
  auto client = ClientConnection::open(router->last_endpoint(), caller_keys());
  ASSERT_TRUE(client);
  std::optional<Arrival> first;
  ClientReply reply;
  // Until the request arrived, so that it is silence that ends it and not the want of a connection.
  for (int attempt = 0; attempt < 100 && !first; ++attempt) {
    reply = client->request(kStatus, std::chrono::milliseconds(200));
    ASSERT_FALSE(reply);
    auto arrived = router->receive(100);
    if (!arrived.empty()) first = arrived.back();
  }
  ASSERT_TRUE(first);
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
  const ClientReply late = reply::Rendered{"late"};
  router->send(first->peer, encode(OutboundFrame(late)));
  std::thread coordinator([&] {
    const auto second = next(*router);
    const ClientReply right = reply::Rendered{"right"};
    if (second) router->send(second->first, encode(OutboundFrame(right)));
  });
  reply = client->request(kStatus, kLong);
  coordinator.join();
  ASSERT_TRUE(reply) << to_string(reply.error());
  EXPECT_EQ(reply, ClientReply(reply::Rendered{"right"}));
}

TEST(ClientConnection, ARequestBeyondItsBoundsIsNotSent) {
  auto client = ClientConnection::open("tcp://127.0.0.1:1", caller_keys());
  ASSERT_TRUE(client);
  const ClientRequest huge{kClientProtocolVersion,
                           request::Submit{"x", std::string(9 << 20, ' '), {}}};
  const auto reply = client->request(huge, kLong);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kBadInput);
  EXPECT_NE(reply.error().what.find("8388608"), std::string::npos) << reply.error().what;
}

TEST(ClientConnection, AnAnswerThatIsNoneIsAnError) {
  auto router = RouterSocket::bind("tcp://127.0.0.1:*", with_door());
  ASSERT_TRUE(router);
  std::thread impostor([&] {
    const auto message = next(*router);
    if (message) router->send(message->first, "220 mail ready");
  });
  auto client = ClientConnection::open(router->last_endpoint(), caller_keys());
  ASSERT_TRUE(client);
  const auto reply = client->request(kStatus, kLong);
  impostor.join();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(reply.error().where, router->last_endpoint());
}

}  // namespace
}  // namespace firesweep
