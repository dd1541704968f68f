// Submits a sweep to a coordinator and prints the next commands.
#pragma once

#include <string_view>

#include "coordinator/cli/target.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Submits to the target and prints the sweep with the next commands. Returns the exit code; reports
// errors as errors of `verb`.
int hand_in(std::string_view verb, const Target& target, request::Submit submission);

}  // namespace firesweep
