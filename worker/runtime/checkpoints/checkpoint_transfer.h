// The transfer of one checkpoint: reading for an upload, writing for a download. Only files and
// numbers; the courier owns sockets and threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/wire/bounds.h"
#include "shared/wire/checkpoint_messages.h"
#include "worker/datasets/checksum.h"
#include "worker/datasets/file.h"

namespace firesweep {

// A file of this host that is uploaded, with the content that it had when it was opened. Not
// thread-safe.
class OutgoingCheckpoint {
 public:
  // kNotFound or kIo if it cannot be opened.
  static Result<OutgoingCheckpoint> open(TrialKey key, std::int64_t number, std::int64_t epoch,
                                         const std::filesystem::path& path,
                                         const std::string& format, bool last);

  // Sets length and checksum. kIo if it cannot be read.
  Result<void> measure();
  const CheckpointOffer& offer() const { return offer_; }
  bool last() const { return last_; }
  // The chunk that `pull` asks for; empty data if it cannot be read.
  CheckpointChunk chunk(const CheckpointPull& pull) const;

 private:
  OutgoingCheckpoint(UniqueFd fd, std::filesystem::path path)
      : fd_(std::move(fd)), path_(std::move(path)) {}
  UniqueFd fd_;
  std::filesystem::path path_;
  CheckpointOffer offer_;
  bool last_ = false;
};

// A file that is downloaded, in order. Not thread-safe.
class IncomingCheckpoint {
 public:
  // It becomes folder/stored.<format>, with the format of the upload, one of `formats`.
  IncomingCheckpoint(TrialKey key, std::filesystem::path folder, std::vector<std::string> formats)
      : key_(key), folder_(std::move(folder)), formats_(std::move(formats)) {}

  enum class State { kOpen, kWhole, kFailed };
  State state() const { return state_; }

  void take(const CheckpointOffer& offer);
  void take(const CheckpointChunk& chunk);
  // The messages to send now: Want until there is an answer, then Pulls within the window; they are
  // repeated if nothing arrived for a while.
  std::vector<CheckpointMessage> due(Duration now);

 private:
  struct Fetch {
    CheckpointOffer offer;
    AtomicFile file;
    Hasher hasher;
  };

  void finish(Fetch& fetch);

  TrialKey key_;
  std::filesystem::path folder_;
  std::vector<std::string> formats_;
  State state_ = State::kOpen;
  std::optional<Fetch> fetch_;  // from the offer on
  std::int64_t received_ = 0;   // bytes, in order
  std::int64_t asked_ = 0;      // up to here
  std::optional<Duration> said_;
};

}  // namespace firesweep
