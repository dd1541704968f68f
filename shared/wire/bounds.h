// The limits of a message; shared/domain/layer_limits.h has those of layers. Decoders refuse
// messages that exceed them. firesweep.proto repeats the numbers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace firesweep {

inline constexpr std::size_t kMaxMessageBytes = std::size_t{8} << 20;
inline constexpr std::size_t kMaxParsedBytes = std::size_t{16} << 20;  // parts; texts come on top
inline constexpr int kMaxMessagesPerFrame = 4096;
inline constexpr std::size_t kMaxNameBytes = 256;   // names, hashes, devices, formats
inline constexpr std::size_t kMaxTextBytes = 4096;  // sentences for people
inline constexpr int kMaxListed = 256;              // datasets, trainers, fields, architectures
inline constexpr int kMaxOrigins = 20'000;          // of the members of a merged sweep file
inline constexpr int kMaxSeedsAdded = 1000;         // by one request
inline constexpr std::int64_t kMaxAddedSeed = (std::int64_t{1} << 53) - 1;
inline constexpr std::int64_t kMaxRunCap = std::int64_t{1} << 40;
inline constexpr int kMaxHeld = 1024;  // trials held by one worker
inline constexpr std::size_t kMaxBitmapBytes = std::size_t{64} << 10;
inline constexpr std::int64_t kMaxCount =
    (std::int64_t{1} << 31) - 1;  // channels, kernels, epochs, batches
inline constexpr std::size_t kMaxCheckpointFrameBytes = std::size_t{512} << 10;
inline constexpr std::size_t kMaxChunkBytes = std::size_t{256} << 10;
inline constexpr std::int64_t kMaxCheckpointBytes = std::int64_t{1} << 40;
inline constexpr std::int64_t kMaxCheckpointEveryMs = 30LL * 24 * 60 * 60 * 1000;
inline constexpr std::int64_t kMaxIntervalMs = 24LL * 60 * 60 * 1000;

}  // namespace firesweep
