// Traps for a coordinator: where in a step it dies, or how a commit fails, and which step it waits
// for.
#pragma once

#include <span>
#include <string_view>

#include "shared/domain/records.h"

namespace firesweep::simulation {

// What shall happen to the next step that has something to commit or to send.
enum class Trap {
  kNone,
  kCrashBeforeCommit,
  kCrashAfterCommit,
  kCrashAmidSending,
  kFailCommitDone,
  kFailCommitNotDone,
  kRefuseRecord,  // the database takes one of the records for a contradiction
};

// Which step a trap waits for: any, or one that commits a record of that kind. After many in vain
// it takes any.
enum class TargetStep { kAny, kCheckpointStored, kAttemptEnded, kResultAccepted, kSweepChanged };
inline constexpr int kTargetSteps = static_cast<int>(TargetStep::kSweepChanged) + 1;

std::string_view to_string(Trap trap);

// At most one trap at a time. Not thread-safe.
class SetTrap {
 public:
  void set(Trap trap, TargetStep target);
  // A step begins that commits `records`: is it worth it?
  void look(std::span<const Record> records);
  // True once: where it is that trap that is set, and the step is worth it.
  bool springs(Trap trap);

 private:
  Trap trap_ = Trap::kNone;
  TargetStep target_ = TargetStep::kAny;
  bool target_here_ = false;  // in the step that is under way
  int steps_in_vain_ = 0;
};

}  // namespace firesweep::simulation
