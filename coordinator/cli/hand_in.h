// Submits a sweep to a coordinator and prints the next commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coordinator/cli/target.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Submits to the target and prints the sweep with the next commands. Returns the exit code; reports
// errors as errors of `verb`.
int hand_in(std::string_view verb, const Target& target, request::Submit submission);

// "it was PAUSED and is RUNNING now", and how to pause it again; empty where the sweep was neither
// PAUSED nor STOPPED nor FAILED. `where`: the words by which a command finds the sweep. Pure.
std::string said_of_woken(const reply::Submitted& submitted, const std::vector<std::string>& where);

}  // namespace firesweep
