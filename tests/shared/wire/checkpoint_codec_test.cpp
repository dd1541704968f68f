#include <gtest/gtest.h>

#include "shared/wire/bounds.h"
#include "shared/wire/checkpoint_messages.h"

namespace firesweep {
namespace {

const TrialKey kKey{{(std::int64_t{1} << 40) + 3}, {2}};
const std::string kSha(64, 'a');

std::vector<CheckpointMessage> samples() {
  return {CheckpointOffer{kKey, 4, 3, 900'000, kSha, "pt"},
          CheckpointOffer{kKey, 0, 0, 0, "", ""},
          CheckpointWant{kKey},
          CheckpointPull{kKey, kSha, 262'144},
          CheckpointChunk{kKey, kSha, 0, std::string("\0\xff weights", 10)},
          CheckpointChunk{kKey, kSha, 0, ""},
          CheckpointDone{kKey, kSha, true}};
}

std::string bytes_of(CheckpointMessage message) {
  return encode(CheckpointFrame{{7, 8}, std::move(message)});
}

std::string error_of(CheckpointMessage message) {
  const auto frame = decode_checkpoint(bytes_of(std::move(message)));
  return frame ? "" : to_string(frame.error());
}

TEST(CheckpointCodec, EveryMessageSurvivesTheRoundTrip) {
  for (const CheckpointMessage& message : samples()) {
    const auto decoded = decode_checkpoint(bytes_of(message));
    ASSERT_TRUE(decoded) << to_string(decoded.error());
    EXPECT_TRUE(*decoded == (CheckpointFrame{{7, 8}, message}));
  }
}

TEST(CheckpointCodec, AnAbsentGenerationIsNotZero) {
  for (const std::optional<Generation> generation :
       {std::optional<Generation>(), std::optional(Generation{}),
        std::optional(Generation{~std::uint64_t{0}})}) {
    const auto decoded =
        decode_checkpoint(encode(CheckpointFrame{{7, 8}, CheckpointWant{kKey}, generation}));
    ASSERT_TRUE(decoded) << to_string(decoded.error());
    EXPECT_EQ(decoded->generation, generation);
  }
}

void expect_error_or_valid(std::string_view bytes) {
  const auto frame = decode_checkpoint(bytes);
  if (!frame) return;
  const auto again = decode_checkpoint(encode(*frame));
  ASSERT_TRUE(again) << to_string(again.error());
  ASSERT_TRUE(*again == *frame);
}

TEST(CheckpointCodec, DamagedFramesAreRefusedOrValid) {
  for (const CheckpointMessage& message : samples()) {
    std::string bytes = bytes_of(message);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      expect_error_or_valid(std::string_view(bytes).substr(0, length));
      if (HasFatalFailure()) return;
    }
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      expect_error_or_valid(bytes);
      if (HasFatalFailure()) return;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    }
  }
}

TEST(CheckpointCodec, BoundsAreHeld) {
  EXPECT_FALSE(decode_checkpoint(""));
  EXPECT_NE(error_of(CheckpointOffer{kKey, 1, 1, 5, "short", "pt"}).find("offer/sha256"),
            std::string::npos);
  EXPECT_NE(error_of(CheckpointOffer{kKey, 1, 1, 5, kSha, "../pt"}).find("offer/format"),
            std::string::npos);
  EXPECT_NE(error_of(CheckpointOffer{kKey, 1, -1, 5, kSha, "pt"}).find("offer/epoch"),
            std::string::npos);
  EXPECT_NE(error_of(CheckpointOffer{kKey, 1, 1, kMaxCheckpointBytes + 1, kSha, "pt"})
                .find("offer/bytes"),
            std::string::npos);
  EXPECT_NE(error_of(CheckpointPull{kKey, kSha, -1}).find("pull/offset"), std::string::npos);
  EXPECT_EQ(error_of(CheckpointChunk{kKey, kSha, 0, std::string(kMaxChunkBytes, 'x')}), "");
  EXPECT_NE(error_of(CheckpointChunk{kKey, kSha, 0, std::string(kMaxChunkBytes + 1, 'x')})
                .find("chunk/data"),
            std::string::npos);
  EXPECT_FALSE(decode_checkpoint(std::string(kMaxCheckpointFrameBytes + 1, 'x')));
}

}  // namespace
}  // namespace firesweep
