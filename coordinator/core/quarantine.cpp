#include "coordinator/core/quarantine.h"

namespace firesweep {

void Quarantine::note_failure(const std::string& name, TrialId trial, Duration now) {
  auto& failures = failures_[name];
  failures.insert(trial);
  if (failures.size() < kFailuresToQuarantine) return;
  until_[name] = now + kLasts;
  failures_.erase(name);
}

bool Quarantine::holds(const std::string& name, Duration now) const {
  const auto found = until_.find(name);
  return found != until_.end() && now < found->second;
}

std::vector<std::string> Quarantine::names(Duration now) const {
  std::vector<std::string> names;
  for (const auto& [name, until] : until_) {
    if (now < until) names.push_back(name);
  }
  return names;
}

}  // namespace firesweep
