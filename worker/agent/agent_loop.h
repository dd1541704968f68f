// A slot's loop: the one order in which what has happened is gathered, judged by the agent and
// acted upon. It owns the agent and no part of the world: that comes through the ports, from
// worker/runtime as from the simulator.
#pragma once

#include <optional>
#include <vector>

#include "worker/agent/agent.h"
#include "worker/agent/ports.h"

namespace firesweep {

// Single-threaded; deterministic as far as its ports are.
class AgentLoop {
 public:
  // All outlive the loop.
  struct Ports {
    agent_port::Socket& socket;
    agent_port::Trainer& trainer;
    agent_port::Checkpoints& checkpoints;
    agent_port::Clock& clock;
  };
  // The socket is there; the first turn says Hello. Time is judged at least every `tick_every`.
  AgentLoop(Ports ports, Agent agent, Duration tick_every);

  // One turn: orders from within the host, the socket, the trainer; then time, since what lies in
  // the socket is no silence, and what the trainer has told no stall. Where checkpoints travel is
  // known before anything is begun. At the end the last words leave, and after an orderly end the
  // checkpoints that were promised. Nothing once it has ended.
  void step();
  // Steady time of the next turn that has something to do if nothing arrives before.
  Duration wake_at() const;
  // Finish the batch, checkpoint, hand back, leave: with the next turn. Any number of calls.
  void drain() { pending_.emplace_back(agent_event::DrainRequested{}); }

  const Agent& agent() const { return agent_; }
  // Once the agent has left.
  const std::optional<agent_effect::Exit>& end() const { return end_; }

 private:
  std::vector<AgentEvent> gather();
  void learn(const std::vector<AgentEvent>& events);
  void carry_out(AgentEffect& effect);
  void leave(agent_effect::Exit exit);

  Ports ports_;
  Agent agent_;
  const Duration tick_every_;
  std::vector<AgentEvent> pending_{agent_event::Connected{}};  // for the next turn
  Duration last_turn_{0};
  Duration last_tick_{0};
  std::optional<agent_effect::Exit> end_;
};

}  // namespace firesweep
