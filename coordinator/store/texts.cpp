#include "coordinator/store/texts.h"

#include <array>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <stdexcept>
#include <variant>

namespace firesweep {
namespace {

constexpr std::size_t kHalf = 16;  // hexadecimal digits of 64 bits

constexpr std::array kSweepStates = {
    SweepState::kRunning,   SweepState::kPaused,   SweepState::kStopping, SweepState::kStopped,
    SweepState::kCancelled, SweepState::kFinished, SweepState::kFailed};
constexpr std::array kReasons = {Reason::kOom,       Reason::kLost,      Reason::kTimeout,
                                 Reason::kNan,       Reason::kBadConfig, Reason::kError,
                                 Reason::kEarlyStop, Reason::kUser,      Reason::kDrain};

[[noreturn]] void refuse(const char* kind, std::string_view text) {
  throw std::runtime_error("the database holds an unknown " + std::string(kind) + " \"" +
                           std::string(text) + "\"");
}

Reason reason_from(std::string_view text) {
  for (const Reason reason : kReasons) {
    if (to_string(reason) == text) return reason;
  }
  refuse("reason", text);
}

std::uint64_t half_from(std::string_view digits) {
  std::uint64_t half = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), half, 16);
  return half;
}

}  // namespace

std::string to_hex(SessionId session) {
  std::array<char, 2 * kHalf + 1> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%016" PRIx64 "%016" PRIx64, session.high,
                session.low);
  return {buffer.data(), 2 * kHalf};
}

SessionId session_from_hex(std::string_view text) {
  if (text.size() != 2 * kHalf) return {};
  return {half_from(text.substr(0, kHalf)), half_from(text.substr(kHalf))};
}

std::optional<Reason> reason_of(const TrialState& state) {
  if (const auto* stopping = std::get_if<Stopping>(&state)) return stopping->reason;
  if (const auto* failed = std::get_if<Failed>(&state)) return failed->reason;
  return std::nullopt;
}

std::optional<std::string_view> reason_text(const std::optional<Reason>& reason) {
  if (!reason) return std::nullopt;
  return to_string(*reason);
}

SweepState sweep_state_from(std::string_view text) {
  for (const SweepState state : kSweepStates) {
    if (to_string(state) == text) return state;
  }
  refuse("sweep state", text);
}

TrialState trial_state_from(std::string_view state, std::string_view reason, AttemptNo newest) {
  if (state == "WAITING") return Waiting{newest};
  if (state == "ASSIGNED") return Assigned{newest};
  if (state == "RUNNING") return Running{newest};
  if (state == "STOPPING") return Stopping{newest, reason_from(reason)};
  if (state == "COMPLETE") return Complete{newest};
  if (state == "PRUNED") return Pruned{newest};
  if (state == "FAIL") return Failed{newest, reason_from(reason)};
  if (state == "CANCELLED") return Cancelled{newest};
  refuse("trial state", state);
}

}  // namespace firesweep
