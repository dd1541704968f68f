// The facts that the coordinator makes durable. The scheduler emits them. The store writes each
// group in one transaction, in order, before anything that depends on them is sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "shared/base/ids.h"
#include "shared/domain/evidence.h"
#include "shared/domain/metrics.h"
#include "shared/domain/proposal.h"
#include "shared/domain/sweep_spec.h"
#include "shared/domain/sweep_state.h"
#include "shared/domain/trial_config.h"
#include "shared/domain/trial_state.h"

namespace firesweep {

using UtcTime = std::chrono::milliseconds;  // since 1970-01-01T00:00:00Z

// How an attempt ended.
enum class AttemptEnd { kFinished, kErrored, kLost, kHandedBack, kUnstarted };
std::string_view to_string(AttemptEnd end);  // "FINISHED", …

// A checkpoint that a worker has uploaded and that is complete in the coordinator's folder.
struct StoredCheckpoint {
  AttemptNo attempt;
  std::int64_t number = 0;  // 1, 2, … of the attempt's checkpoints, as its worker counts them
  std::int64_t epoch = 0;   // complete in it
  std::int64_t bytes = 0;
  std::string sha256;
  std::string format;  // the suffix under which the trainer knows it: "pt", "simulated"
  std::string file;    // name within the folder
  friend bool operator==(const StoredCheckpoint&, const StoredCheckpoint&) = default;
};

// What is known of a trial before any training.
struct TrialDescription {
  TrialConfig config;
  std::string architecture;  // its name
  std::string architecture_hash;
  std::string config_hash;
  std::int64_t params = 0;  // analytic
  std::int64_t macs = 0;
};

namespace record {

struct SweepAdded {
  SweepId sweep;
  std::shared_ptr<const FrozenSweep> frozen;
  std::int64_t total_trials = 0;  // to be run, after exclusions, constraints and run_cap
  UtcTime at{};
};

struct SweepChanged {
  SweepId sweep;
  SweepState state;
  bool failing = false;  // STOPPING that ends in FAILED
  UtcTime at{};
};

// More trials for a sweep, from another file, numbered from `base`.
struct SweepExtended {
  SweepId sweep;
  std::int64_t segment = 0;  // 1, 2, …; 0 is the file it was submitted with
  std::int64_t base = 0;
  std::shared_ptr<const FrozenSweep> frozen;
  std::int64_t total_trials = 0;  // of all segments
  UtcTime at{};
};

// The next point of a sweep whose method learns. It precedes the first lease of the point's trials.
struct PointProposed {
  SweepId sweep;
  Proposal proposal;
  UtcTime at{};
};

// A new lease. The first one creates the trial's row.
struct AttemptOpened {
  TrialKey key;
  TrialDescription description;
  std::string worker;  // host/slot
  SessionId session;
  std::int64_t known_epoch = 0;  // newest that any attempt before was known to have reached
  UtcTime at{};
};

// The trial's state and counters after an event. Creates the row of a trial that is cancelled
// before its first lease.
struct TrialChanged {
  TrialId trial;
  TrialState state;
  std::int64_t restarts = 0;          // used so far
  std::int64_t checkpoint_epoch = 0;  // newest known to exist
  std::string message;                // of the error, where the state is FAIL; else empty
  UtcTime at{};
};

struct AttemptStarted {
  TrialKey key;
  std::int64_t resumed_from_epoch = 0;
  bool checkpoint_missed = false;  // the stored one could not be fetched, or no shorter trial's
  UtcTime at{};
};

// The metrics of one epoch. An epoch that is repeated after a crash replaces the earlier row.
struct EpochRecorded {
  TrialKey key;
  EpochMetrics metrics;
  UtcTime at{};
};

// A trial is to stop early; or it waits at a rung and will not be promoted. It follows the record
// of the epoch that it was decided on.
struct TrialTerminated {
  TrialKey key;
  Evidence evidence;
  UtcTime at{};
};

// A trial goes on from the rung of the evidence, at once or, where its attempt has ended, with the
// next one.
struct TrialPromoted {
  TrialKey key;  // of the attempt that came there
  Evidence evidence;
  UtcTime at{};
};

// A trial is not started: its point is not among the best any more. Creates the trial's row; the
// trial's change to PRUNED follows.
struct TrialRacedOut {
  TrialId trial;
  TrialDescription description;
  RaceEvidence evidence;
  UtcTime at{};
};

// A trial is not trained: equal work has a result. Creates the trial's row, with one attempt of no
// worker, and its result; the trial's change to COMPLETE follows.
struct ResultReused {
  TrialId trial;
  TrialDescription description;
  TrialId from;
  UtcTime at{};
  std::optional<std::int64_t> ordinal = {};  // as in ResultAccepted
};

struct AttemptEnded {
  TrialKey key;
  AttemptEnd end;
  std::optional<Reason> reason;
  std::string message;
  bool charged = false;  // used up a restart
  UtcTime at{};
};

struct ResultAccepted {
  TrialKey key;
  TrialResult result;
  UtcTime at{};
  // 1, 2, … of the sweep's results, if its method learns from them.
  std::optional<std::int64_t> ordinal = {};
};

struct ResultSuperseded {
  TrialKey key;
  TrialResult result;
  UtcTime at{};
};

struct WorkerSeen {
  SessionId session;
  std::string name;
  std::int64_t pid = 0;
  std::string device;
  std::string device_name;
  std::int64_t threads = 0;
  std::int64_t memory_bytes = 0;
  std::string torch_version;
  std::string build_commit;
  UtcTime at{};
};

// Replaces the trial's earlier checkpoint.
struct CheckpointStored {
  TrialId trial;
  StoredCheckpoint checkpoint;
  UtcTime at{};
};

struct CheckpointRemoved {  // to keep the quota
  TrialId trial;
};

}  // namespace record

using Record =
    std::variant<record::SweepAdded, record::SweepChanged, record::SweepExtended,
                 record::AttemptOpened, record::TrialChanged, record::AttemptStarted,
                 record::EpochRecorded, record::AttemptEnded, record::ResultAccepted,
                 record::ResultSuperseded, record::WorkerSeen, record::CheckpointStored,
                 record::CheckpointRemoved, record::TrialTerminated, record::PointProposed,
                 record::TrialPromoted, record::TrialRacedOut, record::ResultReused>;

}  // namespace firesweep
