// One `firesweep run`: database, private socket, worker process, display, in the order that leaves
// nothing half-done.
#pragma once

#include <optional>
#include <string>

#include "coordinator/cli/plan.h"
#include "shared/base/error.h"

namespace firesweep {

struct RunSettings {
  std::string database;
  std::string checkpoint_folder;
  std::optional<std::string> data_folder;
  std::optional<int> threads;
  std::optional<std::string> device;
  std::optional<int> workers;
  bool quiet = false;
  bool plain = false;  // lines instead of a picture
  std::string log_level;
};

// Runs the plan's sweep to its end, or until interrupted, and prints the ranking. Returns the exit
// code; an error means that nothing began.
Result<int> run_session(const Plan& plan, const RunSettings& settings);

}  // namespace firesweep
