// The store's promises in memory: it holds what was persisted, refuses what the database's
// constraints refuse, and gives it back as a snapshot.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/domain/records.h"
#include "shared/domain/snapshot.h"

namespace firesweep::testing {

struct StoredAttempt {
  std::string worker;
  SessionId session;
  std::optional<std::int64_t> resumed_from;  // present once started
  std::int64_t known_epoch = 0;
  std::optional<record::AttemptEnded> ended;
};

struct StoredTrial {
  TrialState state;
  std::int64_t restarts = 0;
  std::int64_t checkpoint_epoch = 0;
  std::string message;
  std::map<AttemptNo, StoredAttempt> attempts;
  std::map<std::int64_t, EpochMetrics> epochs;
  std::optional<AttemptNo> accepted;
  std::set<AttemptNo> superseded;
  std::map<AttemptNo, Evidence> terminated;
  std::map<std::int64_t, Evidence> promoted = {};  // by rung
  std::optional<double> score = {};                // of the accepted result
  std::optional<RaceEvidence> raced_out = {};
  std::optional<KnownResult> known = {};  // the accepted result
  std::optional<TrialId> reused_from = {};
  std::string config_hash = {};
  std::int64_t seed = 0;
};

struct StoredSweep {
  std::shared_ptr<const FrozenSweep> frozen;
  std::vector<std::shared_ptr<const FrozenSweep>> extensions;
  std::int64_t total = 0;
  SweepState state = SweepState::kRunning;
  bool failing = false;
  std::map<std::int64_t, StoredTrial> trials;
  std::vector<Proposal> proposals = {};
  std::vector<SearchResult> results = {};
};

// Not thread-safe. commit() fails the running test where a constraint of the database would be
// violated.
class MemoryStore {
 public:
  void commit(const Record& record);
  Snapshot snapshot() const;
  std::vector<KnownResult> known_results() const;

  DatabaseLife life;
  std::map<SweepId, StoredSweep> sweeps;
  std::map<SessionId, std::string> workers;
  std::map<TrialId, StoredCheckpoint> checkpoints;

 private:
  StoredTrial& trial(TrialId id);
  StoredAttempt& attempt(TrialKey key);
  void write(const record::SweepAdded& added);
  void write(const record::SweepChanged& changed);
  void write(const record::SweepExtended& extended);
  void write(const record::AttemptOpened& opened);
  void write(const record::TrialChanged& changed);
  void write(const record::AttemptStarted& started);
  void write(const record::EpochRecorded& recorded);
  void write(const record::AttemptEnded& ended);
  void write(const record::ResultAccepted& accepted);
  void write(const record::ResultSuperseded& superseded);
  void write(const record::WorkerSeen& seen);
  void write(const record::CheckpointStored& stored);
  void write(const record::CheckpointRemoved& removed);
  void write(const record::PointProposed& proposed);
  void write(const record::TrialTerminated& terminated);
  void write(const record::TrialPromoted& promoted);
  void write(const record::TrialRacedOut& out);
  void write(const record::ResultReused& reused);
};

}  // namespace firesweep::testing
