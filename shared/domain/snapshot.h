// The content of the store that the scheduler needs after a restart, read once at start.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/generation.h"
#include "shared/base/ids.h"
#include "shared/domain/evidence.h"
#include "shared/domain/known_result.h"
#include "shared/domain/records.h"
#include "shared/domain/sweep_spec.h"
#include "shared/domain/sweep_state.h"
#include "shared/domain/trial_state.h"

namespace firesweep {

struct TrialSnapshot {
  TrialState state;
  std::int64_t restarts = 0;
  std::int64_t checkpoint_epoch = 0;
  double train_seconds = 0;  // summed over the epochs recorded so far
  // Of the newest attempt; meaningful while it is live, and for late results.
  std::string worker;
  SessionId session;
  bool started = false;
  std::int64_t resumed_from_epoch = 0;
  std::int64_t known_epoch = 0;  // newest that any attempt before it had reached
  bool reused = false;           // its result is a copy of another trial's
};

// What a trial scored after an epoch, by its sweep's metric.
struct EpochScore {
  std::int64_t number = 0;  // the trial's
  std::int64_t epoch = 0;
  double score = 0;
  friend bool operator==(const EpochScore&, const EpochScore&) = default;
};

// A trial that went on from a rung.
struct TrialPromotion {
  std::int64_t number = 0;  // the trial's
  Evidence evidence;
  friend bool operator==(const TrialPromotion&, const TrialPromotion&) = default;
};

struct SweepSnapshot {
  SweepId sweep;
  SweepState state = SweepState::kRunning;
  bool failing = false;
  std::int64_t total_trials = 0;
  std::shared_ptr<const FrozenSweep> frozen;
  std::vector<std::shared_ptr<const FrozenSweep>> extensions;  // in the order they were made
  // Why this build cannot read one of its files; empty if it can. Then there are no `extensions`,
  // and `frozen` has only the hash, the dataset's checksum and the spec members of the sweep's row.
  std::string broken;
  std::optional<TrialId> best_trial;  // by the sweep's metric, among accepted results
  std::optional<double> best_accuracy;
  std::map<std::int64_t, TrialSnapshot>
      trials;  // by number; a trial that is not here is WAITING and untouched
  // Of a sweep whose method learns: its points in their order, and its results in theirs.
  std::vector<Proposal> proposals = {};
  std::vector<SearchResult> results = {};
  std::vector<EpochScore> scores = {};          // only of a sweep with early_terminate
  std::vector<TrialPromotion> promotions = {};  // likewise
  // Of a sweep with racing: what its trials scored, and the trials that were raced out.
  std::vector<SearchResult> seed_scores = {};
  std::map<std::int64_t, RaceEvidence> raced_out = {};
};

// Which life of the database this is.
struct DatabaseLife {
  Generation generation;
  std::int64_t number = 1;  // 1: never restored
  // Whether keys of `said` are of this life. A build that knows no generations says none: it is
  // believed as long as there has been no other.
  bool is(const std::optional<Generation>& said) const {
    return said ? *said == generation : number == 1;
  }
  friend bool operator==(const DatabaseLife&, const DatabaseLife&) = default;
};

struct Snapshot {
  DatabaseLife life;
  std::vector<SweepSnapshot> sweeps;  // by id, ascending
  std::map<TrialId, StoredCheckpoint> checkpoints;
  std::vector<KnownResult> known_results = {};  // all, where a sweep reuses results; else none
};

}  // namespace firesweep
