// The trial's state machine. Only `transition` changes a state; PROMISES §2 has its table.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "shared/base/error.h"
#include "shared/base/ids.h"

namespace firesweep {

// Why a trial stopped, failed or was lost.
enum class Reason { kOom, kLost, kTimeout, kNan, kBadConfig, kError, kEarlyStop, kUser, kDrain };
std::string_view to_string(Reason reason);  // "OOM", "LOST", …

// Each state has only the members that are legal in it. `attempt` is the newest attempt so far (0:
// none yet).
struct Waiting {
  AttemptNo newest;
  friend bool operator==(const Waiting&, const Waiting&) = default;
};
struct Assigned {  // leased, not yet begun (prefetched)
  AttemptNo attempt;
  friend bool operator==(const Assigned&, const Assigned&) = default;
};
struct Running {
  AttemptNo attempt;
  friend bool operator==(const Running&, const Running&) = default;
};
struct Stopping {
  AttemptNo attempt;
  Reason reason;  // kDrain < kEarlyStop < kTimeout < kUser: only ever escalates
  friend bool operator==(const Stopping&, const Stopping&) = default;
};
struct Complete {
  AttemptNo attempt;
  friend bool operator==(const Complete&, const Complete&) = default;
};
struct Pruned {
  AttemptNo newest;
  friend bool operator==(const Pruned&, const Pruned&) = default;
};
struct Failed {
  AttemptNo newest;
  Reason reason;
  friend bool operator==(const Failed&, const Failed&) = default;
};
struct Cancelled {
  AttemptNo newest;
  friend bool operator==(const Cancelled&, const Cancelled&) = default;
};
using TrialState =
    std::variant<Waiting, Assigned, Running, Stopping, Complete, Pruned, Failed, Cancelled>;

std::string_view name_of(const TrialState& state);  // "WAITING", …
AttemptNo newest_attempt(const TrialState& state);

namespace trial_event {
struct AssignedTo {  // opens the next attempt
  AttemptNo attempt;
};
struct Started {};
struct Progressed {};
struct Unstarted {};   // returned, recalled or never received: the attempt ends uncharged
struct HandedBack {};  // left with a checkpoint: the attempt ends uncharged
struct AttemptLost {
  bool may_restart;
};
struct Errored {
  Reason reason;  // kOom, kError, kNan, kBadConfig
  bool may_restart;
};
struct StopRequested {
  Reason reason;  // kDrain, kEarlyStop, kTimeout, kUser
};
struct Finished {
  AttemptNo attempt;
};
struct CancelledByUser {};  // of a trial nobody holds
struct RacedOut {};         // of a trial that never had a lease: its point needs no further seeds
struct Reused {};  // a trial that never had a lease takes another one's result, as attempt 1
struct Retried {};
struct NotPromoted {};  // of a trial that waits at a rung
}  // namespace trial_event

using TrialEvent =
    std::variant<trial_event::AssignedTo, trial_event::Started, trial_event::Progressed,
                 trial_event::Unstarted, trial_event::HandedBack, trial_event::AttemptLost,
                 trial_event::Errored, trial_event::StopRequested, trial_event::Finished,
                 trial_event::CancelledByUser, trial_event::RacedOut, trial_event::Reused,
                 trial_event::Retried, trial_event::NotPromoted>;
std::string_view name_of(const TrialEvent& event);

// Returns the next state, or an error that names both state and event; the input is never modified.
// A result in PRUNED, CANCELLED, COMPLETE or FAIL other than LOST is legal and returns the same
// state. Pure.
Result<TrialState> transition(const TrialState& state, const TrialEvent& event);

// The attempt that holds the trial now (ASSIGNED, RUNNING, STOPPING), or 0 if there is none.
AttemptNo live_attempt(const TrialState& state);
// COMPLETE, PRUNED, FAIL, CANCELLED.
bool is_terminal(const TrialState& state);

}  // namespace firesweep
