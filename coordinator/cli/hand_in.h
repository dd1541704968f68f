// Handing a sweep to a coordinator, and telling its user what to type next.
#pragma once

#include <string_view>

#include "coordinator/cli/target.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Submits to the target and prints the sweep with the next commands. The exit code; errors are
// reported as those of `verb`.
int hand_in(std::string_view verb, const Target& target, request::Submit submission);

}  // namespace firesweep
