#include "tests/simulation/trap.h"

#include <algorithm>
#include <variant>

namespace firesweep::simulation {
namespace {

constexpr int kStepsWithoutPrey = 60;

bool is_prey(const Record& record, Prey prey) {
  switch (prey) {
    case Prey::kAny:
      return true;
    case Prey::kCheckpointStored:
      return std::holds_alternative<record::CheckpointStored>(record);
    case Prey::kAttemptEnded:
      return std::holds_alternative<record::AttemptEnded>(record);
    case Prey::kResultAccepted:
      return std::holds_alternative<record::ResultAccepted>(record);
    case Prey::kSweepChanged:
      return std::holds_alternative<record::SweepChanged>(record);
  }
  return true;
}

}  // namespace

std::string_view to_string(Trap trap) {
  switch (trap) {
    case Trap::kNone:
      return "";
    case Trap::kCrashBeforeCommit:
      return "dies before its commit";
    case Trap::kCrashAfterCommit:
      return "dies after its commit";
    case Trap::kCrashAmidSending:
      return "dies amid sending";
    case Trap::kFailCommitDone:
      return "its commit fails, though done";
    case Trap::kFailCommitNotDone:
      return "its commit fails";
    case Trap::kRefuseRecord:
      return "its database refuses a record";
  }
  return "";
}

void SetTrap::set(Trap trap, Prey prey) {
  trap_ = trap;
  prey_ = prey;
  prey_here_ = false;
  steps_in_vain_ = 0;
}

void SetTrap::look(std::span<const Record> records) {
  if (trap_ == Trap::kNone) return;
  prey_here_ = prey_ == Prey::kAny ||
               std::any_of(records.begin(), records.end(),
                           [this](const Record& record) { return is_prey(record, prey_); }) ||
               ++steps_in_vain_ > kStepsWithoutPrey;
}

bool SetTrap::springs(Trap trap) {
  if (trap_ != trap || !prey_here_) return false;
  trap_ = Trap::kNone;
  return true;
}

}  // namespace firesweep::simulation
