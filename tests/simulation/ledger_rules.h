// How the ledger says which rule a record breaks.
#pragma once

#include <string>
#include <variant>

#include "tests/simulation/ledger.h"

namespace firesweep::simulation {

template <class... Parts>
void require(bool kept, TrialId trial, const Parts&... parts) {
  if (kept) return;
  std::string text = "trial " + to_string(trial) + ": ";
  ((text += parts), ...);
  throw Violation(text);
}

inline std::string name(const TrialState& state) {
  std::string text(name_of(state));
  if (const auto* failed = std::get_if<Failed>(&state)) {
    text += "(" + std::string(to_string(failed->reason)) + ")";
  } else if (const auto* stopping = std::get_if<Stopping>(&state)) {
    text += "(" + std::string(to_string(stopping->reason)) + ")";
  }
  return text;
}

}  // namespace firesweep::simulation
