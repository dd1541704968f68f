#include "tests/simulation/trap.h"

#include <algorithm>
#include <variant>

namespace firesweep::simulation {
namespace {

constexpr int kStepsWithoutPrey = 60;

bool is_prey(const Record& record, TargetStep target) {
  switch (target) {
    case TargetStep::kAny:
      return true;
    case TargetStep::kCheckpointStored:
      return std::holds_alternative<record::CheckpointStored>(record);
    case TargetStep::kAttemptEnded:
      return std::holds_alternative<record::AttemptEnded>(record);
    case TargetStep::kResultAccepted:
      return std::holds_alternative<record::ResultAccepted>(record);
    case TargetStep::kSweepChanged:
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

void SetTrap::set(Trap trap, TargetStep target) {
  trap_ = trap;
  target_ = target;
  target_here_ = false;
  steps_in_vain_ = 0;
}

void SetTrap::look(std::span<const Record> records) {
  if (trap_ == Trap::kNone) return;
  target_here_ = target_ == TargetStep::kAny ||
                 std::any_of(records.begin(), records.end(),
                             [this](const Record& record) { return is_prey(record, target_); }) ||
                 ++steps_in_vain_ > kStepsWithoutPrey;
}

bool SetTrap::springs(Trap trap) {
  if (trap_ != trap || !target_here_) return false;
  trap_ = Trap::kNone;
  return true;
}

}  // namespace firesweep::simulation
