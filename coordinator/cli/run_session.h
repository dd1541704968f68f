// One `firesweep run`: opens the database, the private socket, the worker process and the display,
// in an order in which a failure leaves nothing half done.
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
  bool plain = false;               // plain lines instead of a display that updates in place
  std::optional<std::string> http;  // where to answer HTTP: [ADDR:]PORT
  std::string log_level;
};

// Runs the plan's sweep to its end, or until interrupted, and prints the ranking. Returns the exit
// code; an error means that nothing began.
Result<int> run_session(const Plan& plan, const RunSettings& settings);

}  // namespace firesweep
