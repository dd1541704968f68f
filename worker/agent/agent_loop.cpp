#include "worker/agent/agent_loop.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <variant>

#include "shared/base/overloaded.h"

namespace firesweep {
namespace {

constexpr std::size_t kMostFrames = 256;  // between two looks at the clock

void append(std::vector<AgentEvent>& events, std::vector<AgentEvent> more) {
  events.insert(events.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
}

}  // namespace

AgentLoop::AgentLoop(Ports ports, Agent agent, Duration tick_every)
    : ports_(ports), agent_(std::move(agent)), tick_every_(tick_every) {}

void AgentLoop::step() {
  if (end_) return;
  std::vector<AgentEvent> events = gather();
  const Instant now = ports_.clock.now();
  last_turn_ = now.steady;
  if (now.steady >= agent_.wake_at() || now.steady - last_tick_ >= tick_every_) {
    last_tick_ = now.steady;
    events.emplace_back(agent_event::Tick{});
  }
  if (events.empty()) return;
  learn(events);
  for (AgentEffect& effect : agent_.on(events, now)) carry_out(effect);
}

Duration AgentLoop::wake_at() const {
  if (!pending_.empty()) return last_turn_;
  return std::min(agent_.wake_at(), last_tick_ + tick_every_);
}

std::vector<AgentEvent> AgentLoop::gather() {
  std::vector<AgentEvent> events = std::exchange(pending_, {});
  append(events, ports_.socket.receive(kMostFrames));
  append(events, ports_.trainer.take());
  return events;
}

void AgentLoop::learn(const std::vector<AgentEvent>& events) {
  for (const AgentEvent& event : events) {
    const auto* received = std::get_if<agent_event::FrameReceived>(&event);
    if (received == nullptr || !agent_.heeds(received->frame)) continue;
    for (const CoordinatorMessage& message : received->frame.messages) {
      const auto* welcome = std::get_if<Welcome>(&message);
      if (welcome != nullptr) {
        ports_.checkpoints.learn(*welcome, received->frame.generation);
      }
    }
  }
}

void AgentLoop::carry_out(AgentEffect& effect) {
  std::visit(
      Overloaded{
          [&](agent_effect::SendFrame& send) { ports_.socket.send(std::move(send.frame)); },
          [&](agent_effect::Reconnect&) {
            ports_.socket.reconnect();
            pending_.emplace_back(agent_event::Connected{});
          },
          [&](agent_effect::StartTrainer& start) { ports_.trainer.start(std::move(start.assign)); },
          [&](agent_effect::StopTrainer& stop) { ports_.trainer.stop(stop.key); },
          [&](agent_effect::ForgetTrial& forget) { ports_.checkpoints.forget(forget.key); },
          [&](agent_effect::Exit& exit) { leave(std::move(exit)); }},
      effect);
}

void AgentLoop::leave(agent_effect::Exit exit) {
  ports_.socket.close();
  if (exit.code == AgentExit::kLeft) ports_.checkpoints.finish();
  end_ = std::move(exit);
}

}  // namespace firesweep
