// The texts of states, reasons and sessions in the database.
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
// The inverse of to_hex; zero for any other text.
SessionId session_from_hex(std::string_view text);

// The reason a state carries.
std::optional<Reason> reason_of(const TrialState& state);
std::optional<std::string_view> reason_text(const std::optional<Reason>& reason);

// Read the texts that the CHECKs of the schema allow; any other text throws std::runtime_error.
SweepState sweep_state_from(std::string_view text);
TrialState trial_state_from(std::string_view state, std::string_view reason, AttemptNo newest);

}  // namespace firesweep
