// How a trial's checkpoint travels between a worker's host and the coordinator's folder, on a
// socket of its own. Pure data, and their bytes (checkpoint_codec.cpp); PROTOCOL.md tells the
// conversation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "shared/base/error.h"
#include "shared/base/generation.h"
#include "shared/base/ids.h"

namespace firesweep {

// From a worker: this is newer than what I sent before. To a worker: what its attempt begins with;
// 0 bytes: there is none.
struct CheckpointOffer {
  TrialKey key;
  std::int64_t number = 0;  // 1, 2, … of the attempt's checkpoints
  std::int64_t epoch = 0;   // complete in it
  std::int64_t bytes = 0;
  std::string sha256;
  std::string format;  // 1 to 16 lower-case letters: the suffix of its file
  friend bool operator==(const CheckpointOffer&, const CheckpointOffer&) = default;
};

struct CheckpointWant {  // of the attempt that is to begin with it
  TrialKey key;
  friend bool operator==(const CheckpointWant&, const CheckpointWant&) = default;
};

struct CheckpointPull {  // the chunk from `offset` on
  TrialKey key;
  std::string sha256;
  std::int64_t offset = 0;
  friend bool operator==(const CheckpointPull&, const CheckpointPull&) = default;
};

struct CheckpointChunk {  // kMaxChunkBytes, the last one less; none: the file is gone
  TrialKey key;
  std::string sha256;
  std::int64_t offset = 0;
  std::string data;
  friend bool operator==(const CheckpointChunk&, const CheckpointChunk&) = default;
};

struct CheckpointDone {
  TrialKey key;
  std::string sha256;
  bool stored = false;  // durable; else it is not wanted
  friend bool operator==(const CheckpointDone&, const CheckpointDone&) = default;
};

using CheckpointMessage =
    std::variant<CheckpointOffer, CheckpointWant, CheckpointPull, CheckpointChunk, CheckpointDone>;

struct CheckpointFrame {
  SessionId session;  // of the worker
  CheckpointMessage message;
  std::optional<Generation> generation = {};  // of its keys; none: its build knows no generations
  friend bool operator==(const CheckpointFrame&, const CheckpointFrame&) = default;
};

// Never fails; what it writes the decoder accepts, where numbers and texts are in bounds. Pure.
std::string encode(const CheckpointFrame& frame);

// kBadInput names the place for bytes that do not parse, a message of an unknown kind and a bound
// that is broken (bounds.h). Never throws on any bytes. Pure.
Result<CheckpointFrame> decode_checkpoint(std::string_view bytes);

}  // namespace firesweep
