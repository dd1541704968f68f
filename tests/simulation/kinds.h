// Kinds of messages, for counting what happened to them and for the event log.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "coordinator/core/scheduler.h"
#include "shared/wire/messages.h"

namespace firesweep::simulation {

enum class Kind {
  kHello,
  kHeartbeat,
  kStarted,
  kProgressed,
  kFinished,
  kErrored,
  kHandedBack,
  kReturned,
  kGoodbye,
  kWelcome,
  kAssign,
  kRecall,
  kStop,
  kAbandon,
  kAck,
  kQuit,
  kRefused,
  kWhoAreYou,
  kNewGeneration
};
inline constexpr int kKinds = static_cast<int>(Kind::kNewGeneration) + 1;
std::string_view to_string(Kind kind);

// The kinds within a frame, a bit each.
using KindSet = std::uint32_t;
KindSet kinds_of(const WorkerFrame& frame);
KindSet kinds_of(const CoordinatorFrame& frame);

// "[12] hello held 1/3#1, finished 1/3#1 (report 7)".
std::string describe(const WorkerFrame& frame);
std::string describe(const CoordinatorFrame& frame);
// "pause sweep 1", "retry trial 1/3".
std::string describe(const request::Steer& steer);
// "sweep 1 is PAUSED", "trial 1/3 is steered", "sweep 7: no such sweep (known sweeps: 1)".
std::string describe(const ClientReply& reply);
// "worker 2 by socket-1.0 says [12] …", "submit sweep-a", "tick".
std::string describe(const Event& event);

}  // namespace firesweep::simulation
