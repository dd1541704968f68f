// What has to be true after a run of chaos, read from the database and the logs it left.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/chaos.h"

namespace firesweep::e2e {

struct Evidence {
  std::filesystem::path folder;  // for what the judge's own programs write
  std::filesystem::path database;
  std::filesystem::path coordinator_log;
  std::vector<std::filesystem::path> worker_logs;
  int trials = 0;  // that were submitted
};

// How many workers a coordinator's status shows as idle; -1 where one has a trial.
int idle_workers(const std::string& status_json);

// Adds what does not hold to `report.broken`, and fills in what is counted from the database and
// the logs. Every process must have ended.
void judge(const Evidence& evidence, ChaosReport& report);

// How many commits the coordinators of a log could not make so far.
int failed_commits(const std::filesystem::path& coordinator_log);

}  // namespace firesweep::e2e
