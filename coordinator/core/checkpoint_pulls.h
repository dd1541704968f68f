// Who may send which piece of a checkpoint now: credit-based flow control. Knows offers, pulls and
// chunks by their numbers; the bytes, the files and the socket are the server's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/ids.h"
#include "shared/wire/bounds.h"
#include "shared/wire/checkpoint_messages.h"

namespace firesweep {

struct PullLimits {
  std::int64_t chunk = static_cast<std::int64_t>(kMaxChunkBytes);
  std::int64_t window = 4;                      // chunks on the way from one worker
  std::int64_t on_the_way = 16 << 20;           // bytes, from all
  Duration again = std::chrono::seconds(15);    // without any chunk: a slow link needs its time
  Duration give_up = std::chrono::seconds(60);  // a worker that sends nothing loses its place
};

// Not thread-safe; deterministic. Of each worker one checkpoint is on its way.
class CheckpointPulls {
 public:
  explicit CheckpointPulls(PullLimits limits = {}) : limits_(limits) {}

  // True where this begins a transfer, in the place of the worker's earlier one, if any; false
  // where it is the one that runs.
  bool offer(SessionId worker, const CheckpointOffer& offer, Duration now);

  // The transfer that runs, or null.
  const CheckpointOffer* running(SessionId worker) const;

  // The worker has another connection: what was on the way by the one before is asked for at once.
  void reconnected(SessionId worker);

  // Where a chunk that arrived belongs: false for one that nobody asked for or that is not of the
  // length it must have. A chunk that came before is not wanted again.
  bool arrived(SessionId worker, const CheckpointChunk& chunk, Duration now);
  // True once every byte has arrived.
  bool complete(SessionId worker) const;
  void end(SessionId worker);

  // What to ask for now, within the windows; counts as asked. Workers take turns. A pull is
  // repeated once its worker has sent no chunk for a while.
  std::vector<std::pair<SessionId, CheckpointPull>> next(Duration now);
  // Transfers whose worker has sent nothing for too long; they are ended.
  std::vector<SessionId> abandoned(Duration now);

 private:
  struct Transfer {
    CheckpointOffer offer;
    std::int64_t next = 0;                                  // first byte not asked for yet
    std::map<std::int64_t, std::optional<Duration>> asked;  // offset → when; none: was lost
    std::int64_t arrived = 0;                               // bytes
    Duration heard{0};
    Duration chunk{0};  // when the last one arrived
  };
  std::int64_t length(const Transfer& transfer, std::int64_t offset) const;

  PullLimits limits_;
  std::map<SessionId, Transfer> transfers_;
  std::int64_t on_the_way_ = 0;  // bytes
  SessionId turn_;               // who was asked last
};

}  // namespace firesweep
