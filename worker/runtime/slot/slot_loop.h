// A slot's loop: it owns the socket, the clock, the agent and the training thread, and writes the
// log. It gives events to the agent and carries out the agent's effects; it makes no decisions.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/transport/dealer_socket.h"
#include "shared/transport/poll.h"
#include "worker/agent/agent.h"
#include "worker/runtime/checkpoints/checkpoint_courier.h"
#include "worker/runtime/slot/training_thread.h"
#include "worker/runtime/slot/trial_runner.h"

namespace firesweep {

struct SlotEnd {
  AgentExit exit = AgentExit::kLeft;
  std::string why;
  // A trial still runs: the loop must not be destroyed, only the process ended.
  bool training = false;
};

// One thread calls run(); request_drain() may come from anywhere.
class SlotLoop {
 public:
  // `runner` and `courier` (null: none) must outlive this. Once a second a byte goes to
  // `heartbeat_fd` (negative: to nobody).
  SlotLoop(DealerSocket socket, Agent agent, TrialRunner& runner, int heartbeat_fd,
           CheckpointCourier* courier = nullptr);

  // Runs until the agent leaves. Throws what the socket throws where the environment is broken.
  SlotEnd run();

  // Finish the batch, checkpoint, hand back, leave. Any number of calls; async-signal-safe.
  void request_drain() noexcept;

 private:
  void gather();
  void receive_frames();
  void carry_out(AgentEffect& effect);
  void play(const Assign& assign);
  void beat();
  std::chrono::milliseconds patience() const;

  DealerSocket socket_;
  Agent agent_;
  TrialRunner& runner_;
  const int heartbeat_fd_;
  CheckpointCourier* const courier_;
  WakePipe wake_;
  TrainingThread training_;
  std::atomic<bool> drain_requested_{false};
  bool drain_told_ = false;
  std::vector<AgentEvent> inbox_;  // to be applied next, in order
  Duration last_tick_{0};
  Duration last_beat_{0};
  std::optional<SlotEnd> end_;
};

}  // namespace firesweep
