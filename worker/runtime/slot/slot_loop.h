// A slot's process around its agent's loop: it owns the socket, the clock and the training thread,
// waits for them, and is the only one that writes the log. It makes no decisions.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/transport/dealer_socket.h"
#include "shared/transport/poll.h"
#include "worker/agent/agent_loop.h"
#include "worker/runtime/checkpoints/checkpoint_courier.h"
#include "worker/runtime/slot/absence.h"
#include "worker/runtime/slot/training_thread.h"
#include "worker/runtime/slot/trial_runner.h"
#include "worker/runtime/supervisor/leave_rules.h"

namespace firesweep {

struct SlotEnd {
  AgentExit exit = AgentExit::kLeft;
  std::string why;
  // A trial still runs: the loop must not be destroyed, only the process ended.
  bool training = false;
};

// One thread calls run(); request_drain() may come from anywhere.
class SlotLoop final : agent_port::Socket,
                       agent_port::Trainer,
                       agent_port::Checkpoints,
                       agent_port::Clock {
 public:
  // `runner` and `courier` (null: no checkpoint travels) must outlive this. Once a second, and
  // within 20 ms of a change, its news go to `heartbeat_fd` (negative: to nobody).
  SlotLoop(DealerSocket socket, Agent agent, TrialRunner& runner, int heartbeat_fd,
           CheckpointCourier* courier = nullptr);

  // Runs until the agent leaves; after an orderly end until the checkpoints that were handed back
  // are stored, as the courier's limits allow. Throws what the socket throws where the environment
  // is broken.
  SlotEnd run();

  // Finish the batch, checkpoint, hand back, leave. Any number of calls; async-signal-safe.
  void request_drain() noexcept;

 private:
  // The ports.
  std::vector<AgentEvent> receive(std::size_t most) override;
  void send(WorkerFrame frame) override;
  void reconnect() override;
  void close() override;
  std::vector<AgentEvent> take() override;
  void start(Assign assign) override;
  void stop(TrialKey key) override;
  void learn(const Welcome& welcome, Generation generation) override;
  void forget(TrialKey key) override;
  void finish() override;
  Instant now() override { return system_now(); }

  void play(const Assign& assign);
  SlotNews news() const;
  void beat();
  void tell_news();
  void tell_absence();
  std::chrono::milliseconds patience() const;

  DealerSocket socket_;
  TrialRunner& runner_;
  const int heartbeat_fd_;
  CheckpointCourier* const courier_;
  WakePipe wake_;
  TrainingThread training_;
  std::atomic<bool> drain_requested_{false};
  bool drain_told_ = false;
  std::vector<AgentEvent> played_;  // what trials that took no time have told
  std::uint64_t trials_ended_ = 0;  // before it began to leave
  SlotNews told_;                   // with the last beat
  Duration last_beat_{0};
  Generation generation_;
  Absence absence_;
  AgentLoop loop_;
};

}  // namespace firesweep
