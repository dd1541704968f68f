// What the relay does to a connection: nothing, or what its script says.
#include "tests/e2e/relay.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <set>
#include <thread>

#include "tests/e2e/process.h"
#include "tests/shared/transport/tcp.h"

namespace firesweep::e2e {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// A caller and a target with the relay between them, on the way of checkpoints of one host.
class OneConnection : public ::testing::Test {
 protected:
  OneConnection()
      : target_listens_(listening_at("tcp://127.0.0.1:0")),
        relay_({{"tcp://127.0.0.1:0", target()}, {"tcp://127.0.0.1:0", target()}},
               milliseconds(100)),
        caller_(connected_to(relay_.address(1))),
        target_(::accept(target_listens_.get(), nullptr, nullptr)) {}

  std::string target() const {
    return "tcp://127.0.0.1:" + std::to_string(port_of(target_listens_));
  }
  static void say(const UniqueFd& fd, const std::string& bytes) {
    ASSERT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // So many bytes, or what came until the connection ended or `patience` was over.
  static std::string hear(const UniqueFd& fd, std::size_t count, milliseconds patience) {
    std::string text;
    const auto end = Clock::now() + patience;
    while (text.size() < count && Clock::now() < end) {
      if (!readable(fd.get(), milliseconds(5))) continue;
      char buffer[4096];
      const ssize_t got = ::recv(fd.get(), buffer, std::min(sizeof buffer, count - text.size()), 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }
  // 0 where the other side closed, -1 where it reset; -2 where neither happens soon.
  static ssize_t ending(const UniqueFd& fd) {
    char byte = 0;
    return readable(fd.get(), milliseconds(2000)) ? ::recv(fd.get(), &byte, 1, 0) : -2;
  }
  void strike(Trouble trouble, milliseconds lasts, Cut cut = Cut::kReset) {
    TroubleAt one;
    one.trouble = trouble;
    one.lasts = lasts;
    one.way = 1;
    one.delay = milliseconds(300);
    one.bytes_per_second = 2000;
    one.cut = cut;
    relay_.trouble({one});
    ASSERT_TRUE(eventually([&] { return relay_.figures().troubles[trouble] == 1; }));
  }

  UniqueFd target_listens_;
  Relay relay_;
  UniqueFd caller_, target_;
};

TEST_F(OneConnection, PassesEveryByteInBothDirections) {
  std::string much;
  for (int i = 0; i < 200'000; ++i) much += static_cast<char>(i * 7 + i / 251);
  std::thread speaker([&] { say(caller_, much); });
  EXPECT_EQ(hear(target_, much.size(), milliseconds(5000)), much);
  speaker.join();
  say(target_, "and back");
  EXPECT_EQ(hear(caller_, 8, milliseconds(2000)), "and back");
  caller_ = UniqueFd();
  EXPECT_EQ(ending(target_), 0);
  EXPECT_EQ(relay_.figures().lost, 0);
  EXPECT_EQ(relay_.figures().bytes, 200'008);
}

TEST_F(OneConnection, ADelayedByteComesLater) {
  strike(Trouble::kDelay, milliseconds(60'000));
  const auto begin = Clock::now();
  say(caller_, "late");
  EXPECT_EQ(hear(target_, 4, milliseconds(2000)), "late");
  EXPECT_GE(Clock::now() - begin, milliseconds(300));
}

TEST_F(OneConnection, AThrottledMessageComesInPieces) {
  strike(Trouble::kThrottle, milliseconds(60'000));
  const auto begin = Clock::now();
  say(caller_, std::string(1000, 'x'));
  EXPECT_FALSE(hear(target_, 1, milliseconds(2000)).empty());
  EXPECT_EQ(hear(target_, 999, milliseconds(5000)).size(), 999U);
  EXPECT_GE(Clock::now() - begin, milliseconds(300)) << "1,000 bytes at 2,000 a second";
}

TEST_F(OneConnection, WhatIsHeldComesAfterwards) {
  strike(Trouble::kHold, milliseconds(300));
  say(caller_, "held");
  EXPECT_EQ(hear(target_, 4, milliseconds(100)), "");
  EXPECT_EQ(hear(target_, 4, milliseconds(2000)), "held");
  EXPECT_EQ(relay_.figures().longer_than_lease, 1);
}

TEST_F(OneConnection, WhatIsSwallowedIsLostAndItsConnectionCut) {
  strike(Trouble::kSwallow, milliseconds(200));
  say(caller_, "gone");
  EXPECT_EQ(hear(target_, 4, milliseconds(100)), "");
  EXPECT_EQ(ending(target_), -1);
  EXPECT_EQ(relay_.figures().lost, 4);
  const UniqueFd again = connected_to(relay_.address(1));
  const UniqueFd accepted(::accept(target_listens_.get(), nullptr, nullptr));
  say(again, "here");
  EXPECT_EQ(hear(accepted, 4, milliseconds(2000)), "here");
}

TEST_F(OneConnection, ACutIsLearntByTheSidesItSays) {
  strike(Trouble::kCut, milliseconds(400), Cut::kResetCaller);
  EXPECT_EQ(ending(caller_), -1);
  EXPECT_FALSE(readable(target_.get(), milliseconds(100))) << "still open";
  EXPECT_EQ(ending(target_), -1);
}

TEST_F(OneConnection, CallersAreRefusedForAWhile) {
  strike(Trouble::kRefuse, milliseconds(200));
  EXPECT_EQ(ending(caller_), -1);
  EXPECT_EQ(ending(connected_to(relay_.address(1))), -1);
  EXPECT_TRUE(eventually([&] {
    const UniqueFd again = connected_to(relay_.address(1));
    return !readable(again.get(), milliseconds(50));
  }));
}

TEST_F(OneConnection, CalmEndsWhatLasts) {
  strike(Trouble::kHold, milliseconds(60'000));
  say(caller_, "held");
  relay_.calm();
  EXPECT_EQ(hear(target_, 4, milliseconds(2000)), "held");
}

TEST(RelayScript, IsDecidedByItsSeedAndHoldsEveryTrouble) {
  RelayScript options{.seed = 1,
                      .troubles = 40,
                      .hosts = 2,
                      .length = milliseconds(20'000),
                      .lease = milliseconds(1000)};
  const auto described = [](const std::vector<TroubleAt>& script) {
    std::string text;
    for (const TroubleAt& one : script) {
      text += std::to_string(one.at.count()) + " " + std::to_string(static_cast<int>(one.trouble)) +
              " " + std::to_string(one.lasts.count()) + " " + std::to_string(one.way) + "\n";
    }
    return text;
  };
  const auto script = relay_script(options);
  EXPECT_EQ(described(script), described(relay_script(options)));
  std::set<Trouble> kinds;
  std::set<std::size_t> ways;
  bool longer = false, shorter = false;
  for (const TroubleAt& one : script) {
    kinds.insert(one.trouble);
    ways.insert(one.way);
    EXPECT_LE(one.at, options.length);
    if (one.trouble == Trouble::kHold) (one.lasts > options.lease ? longer : shorter) = true;
  }
  EXPECT_EQ(kinds.size(), 6U);
  EXPECT_EQ(ways.size(), 4U);
  EXPECT_TRUE(longer && shorter);
  ++options.seed;
  EXPECT_NE(described(script), described(relay_script(options)));
}

}  // namespace
}  // namespace firesweep::e2e
