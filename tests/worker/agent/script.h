// Drives one agent by hand: events in, effects and messages out, on a clock that only moves when
// told.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "worker/agent/agent.h"

namespace firesweep {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr SessionId kSession{7, 11};

inline TrialKey key(std::int64_t number, std::int64_t attempt = 1) {
  return {make_trial_id({1}, number), {attempt}};
}

inline Assign assign(TrialKey key) {
  Assign assign;
  assign.key = key;
  assign.sweep_name = "sweep";
  assign.trainer = "torch";
  return assign;
}

class Script {
 public:
  explicit Script(AgentOptions options = {}) : agent(kSession, "host/0", 4711, {}, options) {}

  // ---- events ----
  Script& on(const AgentEvent& event) { return on(std::vector<AgentEvent>{event}); }
  Script& on(const std::vector<AgentEvent>& events) {
    effects = agent.on(events, {now, milliseconds(0)});
    return *this;
  }
  Script& tick_after(Duration time) {
    now += time;
    return on(agent_event::Tick{});
  }
  // Time passes in steps a loop would make; what was sent in all of them is kept.
  Script& pass(Duration time) {
    std::vector<AgentEffect> all;
    for (const Duration end = now + time; now < end;) {
      now = std::min({end, now + seconds(1), std::max(agent.wake_at(), now + milliseconds(1))});
      on(agent_event::Tick{});
      std::move(effects.begin(), effects.end(), std::back_inserter(all));
    }
    effects = std::move(all);
    return *this;
  }
  Script& connect() { return on(agent_event::Connected{}); }
  // The next frame of the session's count.
  Script& receive(std::vector<CoordinatorMessage> messages) {
    return receive_numbered(++sequence, std::move(messages));
  }
  Script& receive_numbered(std::uint64_t number, std::vector<CoordinatorMessage> messages) {
    sequence = number;
    return on(agent_event::FrameReceived{{kSession, number, std::move(messages), generation}});
  }
  Script& welcomed() {
    connect();
    return receive({Welcome{}});
  }
  Script& running(TrialKey trial) {
    welcomed();
    receive({assign(trial)});
    return on(agent_event::TrainerStarted{trial, 0});
  }
  Script& ended(TrialKey trial, agent_event::Outcome outcome = agent_event::Finished{}) {
    return on(agent_event::TrainerEnded{trial, std::move(outcome)});
  }
  // Acknowledges everything the last effects reported.
  Script& acknowledge() {
    std::vector<CoordinatorMessage> acks;
    for (const Report& report : reports())
      acks.emplace_back(Ack{report.number, Verdict::kAccepted});
    return receive(std::move(acks));
  }

  // ---- the last effects ----
  template <class Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const AgentEffect& effect : effects) {
      if (const auto* kind = std::get_if<Kind>(&effect)) found.push_back(*kind);
    }
    return found;
  }
  template <class Kind>
  std::optional<Kind> one() const {
    const auto found = all<Kind>();
    EXPECT_LE(found.size(), 1U);
    return found.empty() ? std::nullopt : std::optional<Kind>(found.front());
  }
  template <class Kind>
  std::vector<Kind> said() const {
    std::vector<Kind> found;
    for (const auto& send : all<agent_effect::SendFrame>()) {
      EXPECT_EQ(send.frame.session, kSession);
      for (const WorkerMessage& message : send.frame.messages) {
        if (const auto* kind = std::get_if<Kind>(&message)) found.push_back(*kind);
      }
    }
    return found;
  }
  std::vector<Report> reports() const { return said<Report>(); }
  template <class Body>
  std::vector<TrialKey> reported() const {
    std::vector<TrialKey> keys;
    for (const Report& report : reports()) {
      if (std::holds_alternative<Body>(report.body)) keys.push_back(report.key);
    }
    return keys;
  }
  std::vector<TrialKey> started() const {
    std::vector<TrialKey> keys;
    for (const auto& start : all<agent_effect::StartTrainer>()) keys.push_back(start.assign.key);
    return keys;
  }
  std::vector<TrialKey> stopped() const {
    std::vector<TrialKey> keys;
    for (const auto& stop : all<agent_effect::StopTrainer>()) keys.push_back(stop.key);
    return keys;
  }
  std::vector<TrialKey> forgotten() const {
    std::vector<TrialKey> keys;
    for (const auto& forget : all<agent_effect::ForgetTrial>()) keys.push_back(forget.key);
    return keys;
  }
  std::optional<AgentExit> exit_code() const {
    const auto exit = one<agent_effect::Exit>();
    return exit ? std::optional(exit->code) : std::nullopt;
  }

  Agent agent;
  Duration now = seconds(1000);
  std::uint64_t sequence = 0;
  Generation generation;  // of the coordinator
  std::vector<AgentEffect> effects;
};

using Keys = std::vector<TrialKey>;

}  // namespace firesweep
