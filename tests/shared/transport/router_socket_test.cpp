#include "shared/transport/router_socket.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <thread>
#include <zmq.hpp>

#include "shared/wire/codec.h"
#include "tests/shared/transport/exchange.h"
#include "tests/shared/transport/folder.h"
#include "tests/shared/transport/keyed.h"
#include "tests/shared/transport/tcp.h"

namespace firesweep {
namespace {

RouterSocket bound(const std::string& address, RouterOptions options = {}) {
  options.linger = std::chrono::milliseconds(0);
  auto socket = RouterSocket::bind(address, with_door(options));
  if (!socket) throw std::runtime_error(to_string(socket.error()));
  return std::move(*socket);
}

DealerSocket connected(const std::string& address) {
  auto socket = DealerSocket::connect(address, caller_keys());
  if (!socket) throw std::runtime_error(to_string(socket.error()));
  return std::move(*socket);
}

int port_of(const std::string& endpoint) {
  return std::stoi(endpoint.substr(endpoint.rfind(':') + 1));
}

void expect_exchange(const std::string& address) {
  RouterSocket router = bound(address);
  DealerSocket dealer = connected(router.last_endpoint());
  ASSERT_TRUE(send_when_connected(dealer, std::string_view("ping\0pong", 9)));
  const auto message = next(router);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->second, std::string("ping\0pong", 9));
  EXPECT_TRUE(router.send(message->first, "answer"));
  EXPECT_EQ(next(dealer), "answer");
}

TEST(RouterSocket, ExchangesMessagesOverIpc) {
  const Folder folder;
  expect_exchange(folder.address());
}

TEST(RouterSocket, ExchangesMessagesOverTcp) {
  expect_exchange("tcp://127.0.0.1:*");
  expect_exchange("tcp://localhost:0");
}

TEST(RouterSocket, LastEndpointHasTheRealPort) {
  EXPECT_GT(port_of(bound("tcp://127.0.0.1:*").last_endpoint()), 0);
}

TEST(RouterSocket, APortInUseIsAConflictThatNamesIt) {
  const RouterSocket first = bound("tcp://127.0.0.1:*");
  const auto second = RouterSocket::bind(first.last_endpoint(), with_door());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_EQ(second.error().where, first.last_endpoint());
  EXPECT_NE(second.error().what.find("in use"), std::string::npos);
  EXPECT_FALSE(second.error().hint.empty());
}

TEST(RouterSocket, ALiveIpcSocketIsNeverTakenOver) {
  const Folder folder;
  RouterSocket first = bound(folder.address());
  const auto second = RouterSocket::bind(folder.address());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  DealerSocket dealer = connected(folder.address());
  ASSERT_TRUE(send_when_connected(dealer, "still there?"));
  EXPECT_TRUE(next(first));
}

TEST(RouterSocket, AStaleIpcSocketIsReplaced) {
  const Folder folder;
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, folder.file("socket").c_str(), sizeof name.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  ::close(fd);
  ASSERT_TRUE(std::filesystem::exists(folder.file("socket")));
  EXPECT_TRUE(RouterSocket::bind(folder.address()));
}

TEST(RouterSocket, AFileThatIsNoSocketIsNeverReplaced) {
  const Folder folder;
  std::ofstream(folder.file("socket")) << "precious";
  const auto socket = RouterSocket::bind(folder.address());
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, ErrorCode::kBadInput);
  std::string content;
  std::ifstream(folder.file("socket")) >> content;
  EXPECT_EQ(content, "precious");
}

TEST(RouterSocket, AMissingFolderIsNamed) {
  const Folder folder;
  const auto socket = RouterSocket::bind("ipc://" + folder.file("missing/socket"));
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, ErrorCode::kIo);
  EXPECT_NE(socket.error().what.find("does not exist"), std::string::npos) << socket.error().what;
}

TEST(RouterSocket, TcpNeedsADoorOrInsecure) {
  for (const char* address :
       {"tcp://*:0", "tcp://0.0.0.0:0", "tcp://[::]:0", "tcp://127.0.0.1:0", "tcp://localhost:0"}) {
    const auto refused = RouterSocket::bind(address);
    ASSERT_FALSE(refused) << address;
    EXPECT_EQ(refused.error().code, ErrorCode::kBadInput);
    EXPECT_NE(refused.error().hint.find("--insecure"), std::string::npos);
  }
  const auto open = RouterSocket::bind("tcp://*:0", {.insecure = true});
  ASSERT_TRUE(open);
  EXPECT_TRUE(open->last_endpoint().starts_with("insecure-tcp://")) << open->last_endpoint();
  EXPECT_FALSE(RouterSocket::bind("insecure-tcp://127.0.0.1:0", with_door()));
}

TEST(RouterSocket, AnIpcPathThatOthersCanEnterIsRefused) {
  const Folder folder;
  std::filesystem::permissions(folder.file(""), std::filesystem::perms(0750));
  const auto refused = RouterSocket::bind(folder.address());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBadInput);
  EXPECT_NE(refused.error().hint.find("0700"), std::string::npos) << to_string(refused.error());
}

TEST(RouterSocket, AnAddressOfAnotherMachineIsRefused) {
  const auto refused = RouterSocket::bind("tcp://192.0.2.1:5555", with_door());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBadInput);
  EXPECT_NE(refused.error().what.find("192.0.2.1"), std::string::npos) << refused.error().what;
}

TEST(RouterSocket, SendingToAnUnknownPeerIsALoss) {
  RouterSocket router = bound("tcp://127.0.0.1:*");
  EXPECT_FALSE(router.send("nobody", "hello"));
}

TEST(RouterSocket, SendingToAPeerThatLeftIsALoss) {
  const Folder folder;
  RouterSocket router = bound(folder.address());
  std::string peer;
  {
    DealerSocket dealer = connected(folder.address());
    ASSERT_TRUE(send_when_connected(dealer, "hello"));
    peer = next(router)->first;
  }
  // The peer's end is noticed by libzmq's thread: until then messages go into a queue that nobody
  // reads.
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  bool sent = true;
  while (sent && std::chrono::steady_clock::now() < deadline) {
    router.poll(std::chrono::milliseconds(1));
    sent = router.send(peer, "are you there?");
  }
  EXPECT_FALSE(sent);
}

TEST(RouterSocket, AMessageOfManyFramesArrivesWithoutItsBytes) {
  RouterSocket router = bound("tcp://127.0.0.1:*");
  zmq::context_t context;
  zmq::socket_t peer(context, zmq::socket_type::dealer);
  peer.set(zmq::sockopt::linger, 0);
  peer.set(zmq::sockopt::curve_serverkey, zmq::buffer(caller_keys().coordinator.bytes));
  peer.set(zmq::sockopt::curve_publickey, zmq::buffer(caller_keys().own.public_key.bytes));
  peer.set(zmq::sockopt::curve_secretkey, zmq::buffer(caller_keys().own.secret.bytes));
  peer.connect(router.last_endpoint());
  peer.send(zmq::str_buffer("one"), zmq::send_flags::sndmore);
  peer.send(zmq::str_buffer("two"), zmq::send_flags::none);
  peer.send(zmq::str_buffer("good"), zmq::send_flags::none);
  std::vector<Arrival> arrivals;
  while (arrivals.size() < 2) {
    ASSERT_TRUE(router.poll(kLong));
    for (Arrival& arrival : router.receive()) arrivals.push_back(std::move(arrival));
  }
  EXPECT_FALSE(arrivals[0].whole);
  EXPECT_EQ(arrivals[0].bytes, "");
  EXPECT_EQ(arrivals[0].peer, arrivals[1].peer);
  EXPECT_EQ(arrivals[1].bytes, "good");
  EXPECT_TRUE(arrivals[1].whole);
}

TEST(RouterSocket, ShowsWhoSent) {
  const Folder folder;
  const auto sender_over = [](const std::string& address, const RouterOptions& options) {
    RouterSocket router = RouterSocket::bind(address, options).value();
    DealerSocket dealer = DealerSocket::connect(router.last_endpoint(), caller_keys()).value();
    EXPECT_TRUE(send_when_connected(dealer, "hello"));
    EXPECT_TRUE(router.poll(kLong));
    return router.receive(1).at(0).sender;
  };
  EXPECT_EQ(sender_over("tcp://127.0.0.1:0", with_door()),
            "key " + to_string(caller_keys().own.public_key).substr(0, 16));
  EXPECT_EQ(sender_over("tcp://127.0.0.1:0", {.insecure = true}), "127.0.0.1");
  EXPECT_EQ(sender_over(folder.address(), {}), "process " + std::to_string(::getpid()));
}

TEST(RouterSocket, AnOversizedMessageNeverArrives) {
  RouterSocket router = bound("tcp://127.0.0.1:*", {.max_message_bytes = 1000});
  DealerSocket big = connected(router.last_endpoint());
  ASSERT_TRUE(send_when_connected(big, std::string(1001, 'x')));
  DealerSocket good = connected(router.last_endpoint());
  ASSERT_TRUE(send_when_connected(good, std::string(1000, 'y')));
  const auto message = next(router);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->second, std::string(1000, 'y'));
}

// libzmq alone would hold a thousand messages for it, whatever their size.
TEST(RouterSocket, OfWhatAPeerDoesNotReadAFewMebibytesWait) {
  const Folder folder;
  RouterSocket router = bound(folder.address());
  zmq::context_t context;
  zmq::socket_t silent(context, zmq::socket_type::dealer);
  silent.set(zmq::sockopt::linger, 0);
  silent.set(zmq::sockopt::rcvhwm, 1);
  silent.connect(router.last_endpoint());
  silent.send(zmq::str_buffer("hello"), zmq::send_flags::none);
  const std::string peer = next(router)->first;
  EXPECT_TRUE(router.reads(peer));
  const std::string answer(1 << 20, 'x');
  int taken = 0;
  // libzmq moves a few into the kernel and to the peer's own queue.
  for (int tries = 0; tries < 200; ++tries) {
    if (router.send(peer, answer)) ++taken;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_GE(taken, 4);
  EXPECT_LE(taken, 16);
  DealerSocket other = connected(folder.address());
  ASSERT_TRUE(send_when_connected(other, "hello"));
  const std::string reader = next(router)->first;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(router.send(reader, answer)) << "others are sent to";
    EXPECT_EQ(next(other), answer);
  }
}

TEST(RouterSocket, ReceivesNoMoreThanAsked) {
  RouterSocket router = bound("tcp://127.0.0.1:*");
  DealerSocket dealer = connected(router.last_endpoint());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(send_when_connected(dealer, "x"));
  std::size_t got = 0;
  while (got < 5) {
    ASSERT_TRUE(router.poll(kLong));
    const auto messages = router.receive(2);
    EXPECT_LE(messages.size(), 2U);
    got += messages.size();
  }
  EXPECT_TRUE(router.receive(2).empty());
}

// Connects, says garbage and leaves; false if nobody accepts within a moment.
bool knocks(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  static_cast<void>(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  pollfd waits{fd, POLLOUT, 0};
  const bool accepted = ::poll(&waits, 1, 100) > 0;
  static_cast<void>(::send(fd, "garbage", 7, MSG_NOSIGNAL));
  ::close(fd);
  return accepted;
}

TEST(RouterSocket, AFloodOfStrangersIsTurnedAwayAndWhoIsConnectedGoesOn) {
  RouterSocket router = bound("tcp://127.0.0.1:*");
  const int port = port_of(router.last_endpoint());
  DealerSocket dealer = connected(router.last_endpoint());
  ASSERT_TRUE(send_when_connected(dealer, "before"));
  EXPECT_EQ(next(router)->second, "before");
  int accepted = 0, turned_away = 0;
  while (accepted < 20'000 && turned_away < 3) ++(knocks(port) ? accepted : turned_away);
  EXPECT_EQ(turned_away, 3) << accepted << " were accepted";
  EXPECT_GE(accepted, 900) << "as many may come at once";
  ASSERT_TRUE(dealer.send("meanwhile"));
  EXPECT_EQ(next(router)->second, "meanwhile");
  DealerSocket newcomer = connected(router.last_endpoint());
  ASSERT_TRUE(send_when_connected(newcomer, "after")) << "it opens again";
  EXPECT_EQ(next(router)->second, "after");
}

TEST(RouterSocket, GarbageFromAStrangerChangesNothing) {
  RouterSocket router = bound("tcp://127.0.0.1:*");
  std::string every_byte;
  for (int i = 0; i < 4096; ++i) every_byte += static_cast<char>(i * 37 + i / 256);
  std::vector<UniqueFd> strangers;
  for (const std::string& garbage :
       {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), std::string(1000, '\0'),
        std::string(1000, '\xff'), every_byte, std::string("\x01\x00\x05\x00hello", 9),
        std::string("\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL", 16)}) {
    strangers.push_back(connected_to(router.last_endpoint()));
    const int stranger = strangers.back().get();
    static_cast<void>(::send(stranger, garbage.data(), garbage.size(), MSG_NOSIGNAL));
  }
  DealerSocket dealer = connected(router.last_endpoint());
  const std::string good = encode(InboundFrame(ClientRequest{1, request::Status{}}));
  ASSERT_TRUE(send_when_connected(dealer, good));
  int understood = 0;
  while (understood == 0) {
    const auto message = next(router);
    ASSERT_TRUE(message);
    if (decode_inbound(message->second)) ++understood;
  }
  EXPECT_EQ(understood, 1);
}

}  // namespace
}  // namespace firesweep
