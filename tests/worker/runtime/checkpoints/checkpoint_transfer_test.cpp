#include "worker/runtime/checkpoints/checkpoint_transfer.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <random>

namespace firesweep {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr TrialKey kKey{{7}, {2}};

class CheckpointTransfer : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "firesweep-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    for (std::size_t i = 0; i < 6 * kMaxChunkBytes + 11; ++i) {
      content_.push_back(static_cast<char>(i * 31 % 251));
    }
    write("last.pt", content_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  std::string read(const std::string& name) {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  OutgoingCheckpoint outgoing() {
    auto opened = OutgoingCheckpoint::open(kKey, 1, 3, folder_ / "last.pt", "pt", false);
    EXPECT_TRUE(opened);
    EXPECT_TRUE(opened->measure());
    return std::move(*opened);
  }
  // Carries what `to` asks for until it asks for nothing; one chunk in `lose` is lost.
  void carry(const OutgoingCheckpoint& from, IncomingCheckpoint& to, unsigned lose = 0) {
    std::mt19937 random(lose);
    for (Duration now(0); to.state() == IncomingCheckpoint::State::kOpen && now < seconds(600);
         now += seconds(1)) {
      for (const CheckpointMessage& message : to.due(now)) {
        if (std::holds_alternative<CheckpointWant>(message)) to.take(from.offer());
        if (const auto* pull = std::get_if<CheckpointPull>(&message)) {
          if (lose == 0 || random() % lose != 0) to.take(from.chunk(*pull));
        }
      }
    }
  }

  fs::path folder_;
  std::string content_;
};

TEST_F(CheckpointTransfer, AFileArrivesWholeThoughChunksAreLost) {
  for (const unsigned lose : {0U, 2U, 3U}) {
    IncomingCheckpoint to(kKey, folder_, {"pt", "former"});
    carry(outgoing(), to, lose);
    EXPECT_EQ(to.state(), IncomingCheckpoint::State::kWhole) << lose;
    EXPECT_TRUE(read("stored.pt") == content_);
    fs::remove(folder_ / "stored.pt");
  }
}

TEST_F(CheckpointTransfer, WhatIsSentIsTheFileAsItWasThoughItWasReplaced) {
  const OutgoingCheckpoint from = outgoing();
  write("next", "another");
  fs::rename(folder_ / "next", folder_ / "last.pt");
  IncomingCheckpoint to(kKey, folder_, {"pt", "former"});
  carry(from, to);
  EXPECT_TRUE(read("stored.pt") == content_);
}

TEST_F(CheckpointTransfer, NoMoreThanTheWindowIsAskedForAndOnlyOnce) {
  IncomingCheckpoint to(kKey, folder_, {"pt", "former"});
  EXPECT_EQ(to.due(seconds(0)).size(), 1u);
  EXPECT_TRUE(to.due(seconds(1)).empty());
  EXPECT_EQ(to.due(seconds(2)).size(), 1u) << "nobody answered";
  to.take(outgoing().offer());
  EXPECT_EQ(to.due(seconds(2)).size(), 4u);
  EXPECT_TRUE(to.due(seconds(3)).empty());
}

TEST_F(CheckpointTransfer, DamagedCutOrAbsentContentLeavesNothing) {
  const OutgoingCheckpoint from = outgoing();
  const auto state_after = [&](CheckpointOffer offer, auto damage) {
    IncomingCheckpoint to(kKey, folder_, {"pt", "former"});
    to.due(seconds(0));
    to.take(offer);
    while (true) {
      const auto messages = to.due(seconds(1));
      if (messages.empty()) break;
      for (const CheckpointMessage& message : messages) {
        CheckpointChunk chunk = from.chunk(std::get<CheckpointPull>(message));
        damage(chunk);
        to.take(chunk);
      }
    }
    return to.state();
  };
  const auto nothing = [](CheckpointChunk&) {};
  CheckpointOffer none = from.offer(), other = from.offer();
  none.bytes = 0;
  other.format = "simulated";
  EXPECT_EQ(state_after(none, nothing), IncomingCheckpoint::State::kFailed);
  EXPECT_EQ(state_after(other, nothing), IncomingCheckpoint::State::kFailed);
  EXPECT_EQ(state_after(from.offer(), [](CheckpointChunk& chunk) { chunk.data[0] ^= 1; }),
            IncomingCheckpoint::State::kFailed);
  EXPECT_EQ(state_after(from.offer(), [](CheckpointChunk& chunk) { chunk.data.pop_back(); }),
            IncomingCheckpoint::State::kFailed);
  EXPECT_EQ(state_after(from.offer(), [](CheckpointChunk& chunk) { chunk.data.clear(); }),
            IncomingCheckpoint::State::kFailed);
  EXPECT_FALSE(fs::exists(folder_ / "stored.pt"));
  EXPECT_FALSE(fs::exists(folder_ / "stored.pt.part"));
}

TEST_F(CheckpointTransfer, AnAbsentOrEmptyFileIsNotSent) {
  EXPECT_FALSE(OutgoingCheckpoint::open(kKey, 1, 3, folder_ / "none.pt", "pt", false));
  write("empty.pt", "");
  auto empty = OutgoingCheckpoint::open(kKey, 1, 3, folder_ / "empty.pt", "pt", false);
  ASSERT_TRUE(empty);
  EXPECT_FALSE(empty->measure());
}

}  // namespace
}  // namespace firesweep
