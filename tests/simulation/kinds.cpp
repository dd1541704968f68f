#include "tests/simulation/kinds.h"

#include <variant>

#include "shared/base/overloaded.h"

namespace firesweep::simulation {
namespace {

Kind kind_of(const WorkerMessage& message) {
  return std::visit(Overloaded{[](const Hello&) { return Kind::kHello; },
                               [](const Heartbeat&) { return Kind::kHeartbeat; },
                               [](const Report& report) {
                                 return static_cast<Kind>(static_cast<int>(Kind::kStarted) +
                                                          static_cast<int>(report.body.index()));
                               },
                               [](const Goodbye&) { return Kind::kGoodbye; }},
                    message);
}

Kind kind_of(const CoordinatorMessage& message) {
  return static_cast<Kind>(static_cast<int>(Kind::kWelcome) + static_cast<int>(message.index()));
}

template <class Frame>
KindSet set_of(const Frame& frame) {
  KindSet set = 0;
  for (const auto& message : frame.messages) set |= 1u << static_cast<int>(kind_of(message));
  return set;
}

std::string held_text(const std::vector<HeldTrial>& held) {
  std::string text = " holding [";
  for (const HeldTrial& one : held) {
    text += (text.back() == '[' ? "" : " ") + to_string(one.key) + (one.started ? "" : " (queued)");
  }
  return text + "]";
}

std::string detail(const WorkerMessage& message) {
  return std::visit(
      Overloaded{[](const Hello& hello) {
                   return " seen " + std::to_string(hello.last_sequence) + held_text(hello.held);
                 },
                 [](const Heartbeat& beat) {
                   return " seen " + std::to_string(beat.last_sequence) + held_text(beat.held) +
                          " progress " + std::to_string(beat.progress_counter);
                 },
                 [](const Report& report) {
                   std::string text =
                       " " + to_string(report.key) + " (report " + std::to_string(report.number);
                   if (const auto* p = std::get_if<report::Progressed>(&report.body)) {
                     text += ", epoch " + std::to_string(p->metrics.epoch);
                   } else if (const auto* s = std::get_if<report::Started>(&report.body)) {
                     text += ", from epoch " + std::to_string(s->resumed_from_epoch);
                   } else if (const auto* e = std::get_if<report::Errored>(&report.body)) {
                     text += ", " + std::string(to_string(e->reason));
                   }
                   return text + ")";
                 },
                 [](const Goodbye&) { return std::string(); }},
      message);
}

std::string detail(const CoordinatorMessage& message) {
  return std::visit(
      Overloaded{[](const Stop& stop) {
                   return " " + to_string(stop.key) + " " + std::string(to_string(stop.reason));
                 },
                 [](const Ack& ack) {
                   const char* verdict = ack.verdict == Verdict::kAccepted     ? " accepted"
                                         : ack.verdict == Verdict::kSuperseded ? " superseded"
                                                                               : " unknown";
                   return " report " + std::to_string(ack.report) + verdict;
                 },
                 [](const auto& other) {
                   if constexpr (requires { other.key; }) {
                     return " " + to_string(other.key);
                   } else {
                     return std::string();
                   }
                 }},
      message);
}

template <class Frame>
std::string text_of(const Frame& frame) {
  std::string text;
  for (const auto& message : frame.messages) {
    if (!text.empty()) text += ", ";
    text += to_string(kind_of(message));
    text += detail(message);
  }
  return text;
}

}  // namespace

std::string_view to_string(Kind kind) {
  static constexpr std::string_view kNames[kKinds] = {
      "hello",    "heartbeat", "started", "progressed",  "finished",      "errored", "handed-back",
      "returned", "goodbye",   "welcome", "assign",      "recall",        "stop",    "abandon",
      "ack",      "quit",      "refused", "who-are-you", "new-generation"};
  return kNames[static_cast<int>(kind)];
}

KindSet kinds_of(const WorkerFrame& frame) { return set_of(frame); }
KindSet kinds_of(const CoordinatorFrame& frame) { return set_of(frame); }

std::string describe(const WorkerFrame& frame) {
  return "[" + std::to_string(frame.sequence) + "] " + text_of(frame);
}
std::string describe(const request::Steer& steer) {
  static constexpr std::string_view kVerbs[] = {"pause", "resume", "stop", "cancel", "retry"};
  std::string text(kVerbs[static_cast<int>(steer.verb)]);
  return text + (steer.trial ? " trial " + firesweep::to_string(*steer.trial)
                             : " sweep " + std::to_string(steer.sweep.value));
}
std::string describe(const CoordinatorFrame& frame) {
  return "[" + std::to_string(frame.sequence) + "] " + text_of(frame);
}

std::string describe(const ClientReply& reply) {
  if (!reply) return to_string(reply.error());
  return std::visit(
      Overloaded{[](const reply::Rendered& rendered) { return rendered.text; },
                 [](const reply::TrialSteered& steered) {
                   return "trial " + to_string(steered.trial) + " is steered";
                 },
                 [](const reply::Released& released) { return released.worker + " is released"; },
                 [](const auto& sweep) {
                   return "sweep " + std::to_string(sweep.sweep.value) + " is " +
                          std::string(to_string(sweep.state));
                 }},
      *reply);
}

std::string describe(const Event& event) {
  return std::visit(
      Overloaded{
          [](const event::WorkerFrameArrived& arrived) {
            return "worker " + std::to_string(arrived.frame.session.low) + " by " + arrived.peer +
                   " says " + describe(arrived.frame);
          },
          [](const event::SubmitRequested& submit) { return "submit " + submit.frozen->spec.name; },
          [](const event::ExtendRequested& extend) {
            return "extend sweep " + std::to_string(extend.sweep.value);
          },
          [](const event::WidenRequested& widen) {
            return "more seeds for sweep " + std::to_string(widen.sweep.value);
          },
          [](const event::SteerRequested& steer) { return describe(steer.request); },
          [](const event::ReleaseRequested& release) {
            return "release " + release.request.worker;
          },
          [](const event::CheckpointArrived& arrived) {
            return "checkpoint " + std::to_string(arrived.checkpoint.number) + " of " +
                   to_string(arrived.key) + " has arrived, epoch " +
                   std::to_string(arrived.checkpoint.epoch);
          },
          [](const event::Tick&) { return std::string("tick"); },
          [](const event::DrainRequested&) { return std::string("drain"); }},
      event);
}

}  // namespace firesweep::simulation
