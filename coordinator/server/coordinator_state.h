// What the coordinator's loop tells other threads of itself. Plain data.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>

#include "coordinator/core/overview.h"
#include "coordinator/loop/loop.h"
#include "coordinator/server/latency_histogram.h"
#include "shared/base/clock.h"
#include "shared/domain/records.h"

namespace firesweep {

// Counted since the start; `status` shows them too.
struct Counters : LoopCounters {
  std::int64_t frames = 0;
  std::int64_t malformed = 0;  // refused by the decoder, or of several frames
  std::int64_t ignored = 0;    // dropped unread: their senders had sent too many bad ones
  std::int64_t reports = 0;    // of workers about their trials, also those that they repeat
};

inline constexpr std::array kAttemptEnds{AttemptEnd::kFinished, AttemptEnd::kErrored,
                                         AttemptEnd::kLost, AttemptEnd::kHandedBack,
                                         AttemptEnd::kUnstarted};

// What became durable since the start.
struct DurableCounts {
  std::int64_t attempts_opened = 0;
  std::array<std::int64_t, kAttemptEnds.size()> attempts_ended{};  // in the order of kAttemptEnds
  std::int64_t epochs = 0;
  std::int64_t checkpoints = 0;

  void add(std::span<const Record> records);
};

struct CoordinatorState {
  Instant at;          // when this was so
  Duration uptime{0};  // of the coordinator
  bool draining = false;
  Overview overview;
  Counters counters;
  DurableCounts durable;
  LatencyHistogram commit_seconds;  // of durable commits
  std::int64_t wal_bytes = 0;
};

}  // namespace firesweep
