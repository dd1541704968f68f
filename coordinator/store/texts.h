// How states, reasons and sessions are written in the database, and read back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/ids.h"
#include "shared/domain/sweep_state.h"
#include "shared/domain/trial_state.h"

namespace firesweep {

// 32 lower-case hexadecimal digits, the high half first.
std::string to_hex(SessionId session);
// Zero for anything else than what to_hex writes.
SessionId session_from_hex(std::string_view text);

// The reason a state carries.
std::optional<Reason> reason_of(const TrialState& state);
std::optional<std::string_view> reason_text(const std::optional<Reason>& reason);

// Read back what the CHECKs of the schema admit; anything else throws std::runtime_error naming it.
SweepState sweep_state_from(std::string_view text);
TrialState trial_state_from(std::string_view state, std::string_view reason, AttemptNo newest);

}  // namespace firesweep
