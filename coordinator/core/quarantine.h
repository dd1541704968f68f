// Which workers are not trusted for a while. Failures are counted by name, since a process that
// dies comes back under a new session.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/ids.h"

namespace firesweep {

// Not thread-safe.
class Quarantine {
 public:
  // Three different trials lost or errored in a row, for an hour.
  static constexpr std::size_t kFailuresToQuarantine = 3;
  static constexpr Duration kLasts = std::chrono::hours(1);

  void note_failure(const std::string& name, TrialId trial, Duration now);
  void note_success(const std::string& name) { failures_.erase(name); }
  bool holds(const std::string& name, Duration now) const;
  // By hand, before its hour is over.
  void release(const std::string& name) { until_.erase(name); }
  std::vector<std::string> names(Duration now) const;

 private:
  std::map<std::string, std::set<TrialId>> failures_;
  std::map<std::string, Duration> until_;
};

}  // namespace firesweep
