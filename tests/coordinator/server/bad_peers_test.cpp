#include "coordinator/server/bad_peers.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

using std::chrono::seconds;

constexpr Duration kStart = seconds(1000);

// Bad messages over one connection until it is ignored; how many it took.
int until_silenced(BadPeers& peers, const std::string& connection, const std::string& sender,
                   Duration now) {
  for (int count = 1; count < 100'000; ++count) {
    if (peers.note(connection, sender, now)) return count;
  }
  return 0;
}

TEST(BadPeers, AFewBadMessagesAreForgiven) {
  BadPeers peers;
  for (int second = 0; second < 1000; ++second) {
    EXPECT_FALSE(peers.note("c", "s", kStart + seconds(2 * second)));
  }
  EXPECT_FALSE(peers.ignores("c", "s", kStart + seconds(2000)));
}

TEST(BadPeers, PastTheLimitAConnectionIsIgnoredAndNoOther) {
  BadPeers peers;
  EXPECT_EQ(until_silenced(peers, "c", "s", kStart), 32);
  EXPECT_TRUE(peers.ignores("c", "s", kStart));
  EXPECT_FALSE(peers.ignores("another of its", "s", kStart));
  EXPECT_FALSE(peers.ignores("d", "t", kStart));
}

TEST(BadPeers, AMendedPeerIsHeardAgainThoughItNeverFellSilent) {
  BadPeers peers;
  until_silenced(peers, "c", "s", kStart);
  for (int second = 0; second < 16; ++second) {
    EXPECT_TRUE(peers.ignores("c", "s", kStart + seconds(second)));
  }
  EXPECT_FALSE(peers.ignores("c", "s", kStart + seconds(16)));
  EXPECT_FALSE(peers.list(kStart + seconds(16)).at(0).silenced);
}

TEST(BadPeers, WhoGoesOnIsHeardOnceASecondAtMost) {
  BadPeers peers;
  int heard = 0;
  for (int tenth = 0; tenth < 10 * 600; ++tenth) {
    const Duration now = kStart + std::chrono::milliseconds(100 * tenth);
    if (peers.ignores("c", "s", now)) continue;
    ++heard;
    peers.note("c", "s", now);
  }
  EXPECT_LE(heard, 32 + 600);
  EXPECT_GE(heard, 300);
}

TEST(BadPeers, ASenderThatReconnectsIsIgnoredAsAWhole) {
  BadPeers peers;
  const auto is_new = [](int number) { return "new " + std::to_string(number); };
  int connections = 0;
  for (; connections < 1000 && !peers.ignores(is_new(connections), "s", kStart); ++connections) {
    until_silenced(peers, std::to_string(connections), "s", kStart);
  }
  EXPECT_EQ(connections, 1024 / 32);
  EXPECT_FALSE(peers.ignores("new", "another", kStart));
  EXPECT_FALSE(peers.ignores(is_new(connections), "s", kStart + seconds(32)));
}

// A broken program that reconnects, and the workers of the same user.
TEST(BadPeers, OfASilencedSenderTheConnectionsThatSpokeWellAreHeard) {
  BadPeers peers;
  EXPECT_FALSE(peers.ignores("worker", "s", kStart));
  EXPECT_FALSE(peers.ignores("turncoat", "s", kStart));
  peers.note("turncoat", "s", kStart);
  for (int i = 0; i < 2000; ++i) {
    const std::string connection = std::to_string(i);
    if (!peers.ignores(connection, "s", kStart)) peers.note(connection, "s", kStart);
  }
  EXPECT_TRUE(peers.ignores("new", "s", kStart));
  EXPECT_TRUE(peers.ignores("turncoat", "s", kStart));
  EXPECT_FALSE(peers.ignores("worker", "s", kStart));
  EXPECT_FALSE(peers.ignores("worker", "s", kStart)) << "and again";
  peers.note("worker", "s", kStart);
  EXPECT_TRUE(peers.ignores("worker", "s", kStart)) << "until it errs";
}

TEST(BadPeers, ManyGoodConnectionsDisplaceThoseThatAreSilentForLongest) {
  BadPeers peers;
  peers.ignores("gone", "s", kStart);
  peers.ignores("worker", "s", kStart);
  for (std::size_t i = 0; i < BadPeers::kMostGood - 1; ++i) {
    peers.ignores("worker", "s", kStart + seconds(1));
    peers.ignores("g" + std::to_string(i), "another", kStart + seconds(1));
  }
  for (int i = 0; i < 32; ++i) until_silenced(peers, std::to_string(i), "s", kStart + seconds(1));
  EXPECT_FALSE(peers.ignores("worker", "s", kStart + seconds(1)));
  EXPECT_TRUE(peers.ignores("gone", "s", kStart + seconds(1)));
}

TEST(BadPeers, AreListedWithTheirCountsTheWorstFirst) {
  BadPeers peers;
  peers.note("c", "little", kStart);
  until_silenced(peers, "d", "much", kStart);
  peers.ignores("d", "much", kStart);
  const auto list = peers.list(kStart);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].sender, "much");
  EXPECT_EQ(list[0].refused, 32);
  EXPECT_EQ(list[0].ignored, 1);
  EXPECT_TRUE(list[0].silenced);
  EXPECT_EQ(list[1].sender, "little");
  EXPECT_FALSE(list[1].silenced);
}

TEST(BadPeers, RemembersTheWorstInBoundedMemory) {
  BadPeers peers;
  until_silenced(peers, "bad", "bad", kStart);
  constexpr int kMany = 20'000;
  for (int i = 0; i < kMany; ++i) peers.note("c" + std::to_string(i), std::to_string(i), kStart);
  EXPECT_TRUE(peers.ignores("bad", "bad", kStart)) << "nobody escapes by being one of many";
  const auto list = peers.list(kStart);
  EXPECT_EQ(list.size(), BadPeers::kMostRemembered + 1);
  EXPECT_EQ(list.back().sender, "others");
  std::int64_t refused = 0;
  for (const BadPeer& peer : list) refused += peer.refused;
  EXPECT_EQ(refused, 32 + kMany);
}

TEST(BadPeers, ListsOfTwoSocketsAreOne) {
  const auto list = merged({{"a", 1, 0, false}, {"others", 9, 0, false}},
                           {{"b", 2, 0, false}, {"a", 3, 4, true}, {"others", 1, 0, false}});
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].sender, "a");
  EXPECT_EQ(list[0].refused + list[0].ignored, 8);
  EXPECT_TRUE(list[0].silenced);
  EXPECT_EQ(list[2].sender, "others");
  EXPECT_EQ(list[2].refused, 10);
}

}  // namespace
}  // namespace firesweep
