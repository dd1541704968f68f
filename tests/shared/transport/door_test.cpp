// Who is let in, with real sockets: nobody without a key that the door admits, and nobody after it
// admits the key no more.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>
#include <zmq.hpp>

#include "tests/shared/transport/exchange.h"
#include "tests/shared/transport/folder.h"
#include "tests/shared/transport/keyed.h"
#include "tests/shared/transport/tcp.h"

namespace firesweep {
namespace {

using std::chrono::milliseconds;

// Long enough for a handshake on this machine many times over.
constexpr milliseconds kWhile{400};

// Why the socket is turned away; nothing if that does not happen within five seconds.
std::optional<Error> awaited_refusal(DealerSocket& socket) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < end) {
    if (auto refused = socket.refusal()) return refused;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return std::nullopt;
}

class ADoor : public ::testing::Test {
 protected:
  DealerSocket dealer(const CallerKeys& keys) {
    return std::move(*DealerSocket::connect(router_.last_endpoint(), keys));
  }
  // Whether anything reaches the coordinator, or comes back, within a while.
  bool gets_through(DealerSocket& socket) {
    const auto end = std::chrono::steady_clock::now() + kWhile;
    bool through = false;
    while (std::chrono::steady_clock::now() < end) {
      socket.send("let me in");
      through = through || !router_.receive().empty() || socket.receive().has_value();
      router_.poll(milliseconds(10));
    }
    return through;
  }

  std::atomic<bool> open_{true};
  RouterSocket router_ = [this] {
    RouterOptions options = with_door({.linger = milliseconds(0)});
    options.door->admits = [this](const PublicKey& key) {
      return open_ && key == caller_keys().own.public_key;
    };
    auto socket = RouterSocket::bind("tcp://127.0.0.1:*", options);
    if (!socket) throw std::runtime_error(to_string(socket.error()));
    return std::move(*socket);
  }();
};

TEST_F(ADoor, LetsInTheKeyItAdmitsAndSaysWhoseItIs) {
  DealerSocket caller = dealer(caller_keys());
  ASSERT_TRUE(send_when_connected(caller, "hello"));
  const auto message = next(router_);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->second, "hello");
  EXPECT_EQ(router_.key_of(message->first), caller_keys().own.public_key);
  EXPECT_TRUE(router_.send(message->first, "answer"));
  EXPECT_EQ(next(caller), "answer");
  EXPECT_FALSE(caller.refusal());
}

TEST_F(ADoor, TurnsAnUnknownKeyAway) {
  DealerSocket stranger = dealer({make_key_pair(), coordinator_pair().public_key});
  EXPECT_FALSE(gets_through(stranger));
  const auto why = awaited_refusal(stranger);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, ErrorCode::kUnavailable);
  EXPECT_NE(why->hint.find("firesweep keys invite"), std::string::npos);
}

TEST_F(ADoor, IsSilentToWhoDoesNotKnowTheCoordinatorsKey) {
  DealerSocket stranger = dealer({caller_keys().own, make_key_pair().public_key});
  EXPECT_FALSE(gets_through(stranger));
  EXPECT_EQ(router_.unheard(), 0);
  const auto why = awaited_refusal(stranger);
  ASSERT_TRUE(why);
  EXPECT_NE(why->hint.find("firesweep keys invite"), std::string::npos) << why->hint;
}

TEST_F(ADoor, DoesNotSpeakWithoutKeys) {
  const std::string plain = "insecure-" + router_.last_endpoint();
  DealerSocket stranger = std::move(*DealerSocket::connect(plain));
  EXPECT_FALSE(gets_through(stranger));
  const auto why = awaited_refusal(stranger);
  ASSERT_TRUE(why);
  EXPECT_NE(why->what.find("with or without keys"), std::string::npos) << why->what;
}

TEST_F(ADoor, AClientWithKeysIsNotHeardByOneWithout) {
  auto open = RouterSocket::bind("tcp://127.0.0.1:*", {.insecure = true});
  ASSERT_TRUE(open);
  const std::string address = open->last_endpoint().substr(std::string("insecure-").size());
  DealerSocket caller = std::move(*DealerSocket::connect(address, caller_keys()));
  EXPECT_FALSE(send_when_connected_within(caller, "secret", kWhile));
  const auto why = awaited_refusal(caller);
  ASSERT_TRUE(why);
  EXPECT_NE(why->hint.find("insecure-tcp://"), std::string::npos);
}

// A host that closes every connection in the handshake.
class HangsUp {
 public:
  std::string address() const { return "tcp://127.0.0.1:" + std::to_string(port_of(listener_)); }
  // Within five seconds each.
  bool hangs_up(int times) {
    for (int i = 0; i < times; ++i) {
      if (!readable(listener_.get(), milliseconds(5000))) return false;
      UniqueFd(::accept(listener_.get(), nullptr, nullptr));
    }
    return true;
  }

 private:
  UniqueFd listener_ = listening_at("tcp://127.0.0.1:0");
};

// Either side may see first that they do not speak alike. It closes the connection, and the other
// hears no more than that.
TEST_F(ADoor, WhoIsHungUpOnTimeAndAgainIsRefused) {
  HangsUp other;
  DealerSocket caller = std::move(*DealerSocket::connect("insecure-" + other.address()));
  ASSERT_TRUE(other.hangs_up(3));
  const auto why = awaited_refusal(caller);
  ASSERT_TRUE(why);
  EXPECT_NE(why->what.find("with or without keys"), std::string::npos) << why->what;
  EXPECT_NE(why->hint.find("try " + other.address()), std::string::npos) << why->hint;
}

// A coordinator that is killed leaves so, too.
TEST_F(ADoor, WhoIsHungUpOnOnceIsNotRefused) {
  HangsUp other;
  DealerSocket caller = std::move(*DealerSocket::connect("insecure-" + other.address()));
  ASSERT_TRUE(other.hangs_up(1));
  std::this_thread::sleep_for(kWhile);
  EXPECT_FALSE(caller.refusal());
}

TEST_F(ADoor, KeysAreNeededForTcp) {
  const auto refused = DealerSocket::connect(router_.last_endpoint());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBadInput);
}

// libzmq asks at the handshake alone.
TEST_F(ADoor, ClosesOnALiveConnection) {
  DealerSocket caller = dealer(caller_keys());
  ASSERT_TRUE(send_when_connected(caller, "hello"));
  const auto message = next(router_);
  ASSERT_TRUE(message);
  open_ = false;
  EXPECT_FALSE(router_.send(message->first, "secret")) << "it is answered no more";
  EXPECT_FALSE(gets_through(caller)) << "it is heard no more";
  EXPECT_GT(router_.unheard(), 0);
  open_ = true;
  EXPECT_TRUE(gets_through(caller));
}

TEST_F(ADoor, OpensToWhoComesAgain) {
  open_ = false;
  DealerSocket caller = dealer(caller_keys());
  EXPECT_FALSE(gets_through(caller));
  open_ = true;
  caller.reconnect();
  EXPECT_FALSE(caller.refusal());
  EXPECT_TRUE(gets_through(caller));
}

// A second connection of the same key is another peer.
TEST_F(ADoor, APeerIsOneConnectionOfOneKey) {
  DealerSocket one = dealer(caller_keys()), other = dealer(caller_keys());
  ASSERT_TRUE(send_when_connected(one, "one"));
  const auto first = next(router_);
  ASSERT_TRUE(send_when_connected(other, "other"));
  const auto second = next(router_);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->first, second->first);
  EXPECT_TRUE(router_.send(second->first, "to the other"));
  EXPECT_EQ(next(other), "to the other");
}

TEST_F(ADoor, AMessageOfTheLargestSizePasses) {
  RouterOptions options = with_door({.max_message_bytes = 1000, .linger = milliseconds(0)});
  auto router = RouterSocket::bind("tcp://127.0.0.1:*", options);
  ASSERT_TRUE(router);
  DealerSocket caller = std::move(*DealerSocket::connect(router->last_endpoint(), caller_keys()));
  ASSERT_TRUE(send_when_connected(caller, std::string(1001, 'x')));
  ASSERT_TRUE(send_when_connected(caller, std::string(1000, 'y')));
  const auto message = next(*router);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->second, std::string(1000, 'y'));
}

TEST_F(ADoor, ManyComeAndGoWhileItCloses) {
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([this] {
      for (int j = 0; j < 10; ++j) {
        DealerSocket caller = dealer(caller_keys());
        send_when_connected_within(caller, "x", milliseconds(50));
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    open_ = i % 2 == 0;
    router_.receive();
    router_.poll(milliseconds(5));
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(Door, IpcHasNone) {
  const Folder folder;
  auto router = RouterSocket::bind(folder.address(), with_door());
  ASSERT_TRUE(router);
  DealerSocket caller = std::move(*DealerSocket::connect(folder.address()));
  ASSERT_TRUE(send_when_connected(caller, "hello"));
  const auto message = next(*router);
  ASSERT_TRUE(message);
  EXPECT_FALSE(router->key_of(message->first));
}

}  // namespace
}  // namespace firesweep
