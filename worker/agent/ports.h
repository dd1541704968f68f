// What a slot's loop needs of the world: a socket, a trainer, the checkpoints of its host, and a
// clock. worker/runtime has the real ones, tests/simulation those that fail on purpose.
#pragma once

#include <cstddef>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/ids.h"
#include "shared/wire/messages.h"
#include "worker/agent/agent.h"

namespace firesweep::agent_port {

class Socket {
 public:
  virtual ~Socket() = default;
  // What has arrived, FrameReceived and FrameRefused, at most so many, without waiting.
  virtual std::vector<AgentEvent> receive(std::size_t most) = 0;
  // May be lost.
  virtual void send(WorkerFrame frame) = 0;
  // Throws the connection and what waits in it away; makes a fresh one.
  virtual void reconnect() = 0;
  // The last call. What was sent before still leaves where it can.
  virtual void close() = 0;
};

class Trainer {
 public:
  virtual ~Trainer() = default;
  // What it has told since the last call, in order; without waiting.
  virtual std::vector<AgentEvent> take() = 0;
  // Begins a trial; none runs.
  virtual void start(Assign assign) = 0;
  // Finish the batch, checkpoint, then tell of the end.
  virtual void stop(TrialKey key) = 0;
};

// The host's checkpoints, and those that travel between it and the coordinator.
class Checkpoints {
 public:
  virtual ~Checkpoints() = default;
  // Where they travel, by the coordinator's word, and the generation of the attempts from now on.
  // Of those of another generation nothing travels any more; what serves to resume them stays.
  virtual void learn(const Welcome& welcome, Generation generation) = 0;
  // Neither side will speak of this attempt again: what only served to resume it may go.
  virtual void forget(TrialKey key) = 0;
  // Waits, within a limit, until those that were promised with a trial handed back are stored.
  virtual void finish() = 0;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
};

}  // namespace firesweep::agent_port
