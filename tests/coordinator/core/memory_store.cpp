#include "tests/coordinator/core/memory_store.h"

#include <gtest/gtest.h>

#include <utility>

namespace firesweep::testing {

void MemoryStore::commit(const Record& record) {
  std::visit([this](const auto& one) { write(one); }, record);
}

StoredTrial& MemoryStore::trial(TrialId id) {
  const auto sweep = sweeps.find(sweep_of(id));
  if (sweep == sweeps.end()) {
    ADD_FAILURE() << "no row of the sweep of trial " << to_string(id);
    return sweeps[sweep_of(id)].trials[number_of(id)];
  }
  return sweep->second.trials[number_of(id)];
}

StoredAttempt& MemoryStore::attempt(TrialKey key) {
  StoredTrial& row = trial(key.trial);
  if (!row.attempts.contains(key.attempt)) ADD_FAILURE() << "no row of attempt " << to_string(key);
  return row.attempts[key.attempt];
}

void MemoryStore::write(const record::SweepAdded& added) {
  EXPECT_FALSE(sweeps.contains(added.sweep));
  sweeps[added.sweep].frozen = added.frozen;
  sweeps[added.sweep].total = added.total_trials;
}

void MemoryStore::write(const record::SweepExtended& extended) {
  EXPECT_TRUE(sweeps.contains(extended.sweep));
  StoredSweep& sweep = sweeps[extended.sweep];
  sweep.extensions.push_back(extended.frozen);
  sweep.total = extended.total_trials;
  EXPECT_EQ(extended.segment, static_cast<std::int64_t>(sweep.extensions.size()));
}

void MemoryStore::write(const record::SweepChanged& changed) {
  EXPECT_TRUE(sweeps.contains(changed.sweep));
  sweeps[changed.sweep].state = changed.state;
  sweeps[changed.sweep].failing = changed.failing;
}

void MemoryStore::write(const record::AttemptOpened& opened) {
  StoredTrial& row = trial(opened.key.trial);
  for (const auto& [number, other] : row.attempts) {
    EXPECT_TRUE(other.ended.has_value()) << "two live attempts of " << to_string(opened.key.trial);
  }
  EXPECT_FALSE(row.attempts.contains(opened.key.attempt));
  row.state = Assigned{opened.key.attempt};
  row.config_hash = opened.description.config_hash;
  row.seed = opened.description.config.seed;
  row.attempts[opened.key.attempt] = {opened.worker, opened.session, {}, opened.known_epoch, {}};
}

void MemoryStore::write(const record::TrialChanged& changed) {
  StoredTrial& row = trial(changed.trial);
  row.state = changed.state;
  row.restarts = changed.restarts;
  row.checkpoint_epoch = changed.checkpoint_epoch;
  row.message = changed.message;
}

void MemoryStore::write(const record::AttemptStarted& started) {
  attempt(started.key).resumed_from = started.resumed_from_epoch;
}

void MemoryStore::write(const record::EpochRecorded& recorded) {
  attempt(recorded.key);
  trial(recorded.key.trial).epochs[recorded.metrics.epoch] = recorded.metrics;
}

void MemoryStore::write(const record::AttemptEnded& ended) {
  StoredAttempt& row = attempt(ended.key);
  EXPECT_FALSE(row.ended.has_value()) << to_string(ended.key) << " ended twice";
  row.ended = ended;
}

void MemoryStore::write(const record::ResultAccepted& accepted) {
  attempt(accepted.key);
  StoredTrial& row = trial(accepted.key.trial);
  EXPECT_FALSE(row.accepted.has_value()) << to_string(accepted.key) << ": a second accepted result";
  row.accepted = accepted.key.attempt;
  row.score = accepted.result.val_accuracy;
  const TrialResult& result = accepted.result;
  const SweepSpec& spec = sweeps[sweep_of(accepted.key.trial)].frozen->spec;
  row.known = KnownResult{accepted.key.trial,
                          row.config_hash,
                          std::string(to_string(spec.dataset)),
                          row.seed,
                          result.val_accuracy,
                          result.test_accuracy,
                          result.build_commit,
                          result.torch_version,
                          result.device};
  if (!accepted.ordinal) return;
  std::vector<SearchResult>& results = sweeps[sweep_of(accepted.key.trial)].results;
  results.push_back({number_of(accepted.key.trial), accepted.result.val_accuracy});
  EXPECT_EQ(*accepted.ordinal, static_cast<std::int64_t>(results.size()));
}

void MemoryStore::write(const record::ResultSuperseded& superseded) {
  attempt(superseded.key);
  trial(superseded.key.trial).superseded.insert(superseded.key.attempt);
}

void MemoryStore::write(const record::WorkerSeen& seen) { workers[seen.session] = seen.name; }

void MemoryStore::write(const record::CheckpointStored& stored) {
  checkpoints[stored.trial] = stored.checkpoint;
}

void MemoryStore::write(const record::CheckpointRemoved& removed) {
  EXPECT_EQ(checkpoints.erase(removed.trial), 1u) << "no row of the checkpoint";
}

void MemoryStore::write(const record::PointProposed& proposed) {
  EXPECT_TRUE(sweeps.contains(proposed.sweep));
  std::vector<Proposal>& proposals = sweeps[proposed.sweep].proposals;
  EXPECT_EQ(proposed.proposal.point, static_cast<std::int64_t>(proposals.size()));
  proposals.push_back(proposed.proposal);
}

void MemoryStore::write(const record::TrialTerminated& terminated) {
  attempt(terminated.key);
  StoredTrial& row = trial(terminated.key.trial);
  EXPECT_TRUE(row.epochs.contains(terminated.evidence.epoch)) << "decided before its epoch";
  EXPECT_TRUE(row.terminated.emplace(terminated.key.attempt, terminated.evidence).second)
      << to_string(terminated.key) << " terminated twice";
}

void MemoryStore::write(const record::TrialPromoted& promoted) {
  attempt(promoted.key);
  StoredTrial& row = trial(promoted.key.trial);
  EXPECT_TRUE(row.epochs.contains(promoted.evidence.epoch)) << "decided before its epoch";
  EXPECT_TRUE(row.promoted.emplace(promoted.evidence.epoch, promoted.evidence).second)
      << to_string(promoted.key) << " promoted twice";
}

void MemoryStore::write(const record::TrialRacedOut& out) {
  StoredTrial& row = trial(out.trial);
  EXPECT_TRUE(row.attempts.empty()) << "trial " << to_string(out.trial) << " had begun";
  EXPECT_FALSE(row.raced_out.has_value()) << "trial " << to_string(out.trial) << " raced out twice";
  row.raced_out = out.evidence;
}

void MemoryStore::write(const record::ResultReused& reused) {
  StoredTrial& row = trial(reused.trial);
  EXPECT_TRUE(row.attempts.empty()) << "trial " << to_string(reused.trial) << " had begun";
  const StoredTrial& from = trial(reused.from);
  EXPECT_TRUE(from.known.has_value()) << "trial " << to_string(reused.from) << " was not trained";
  row.attempts[AttemptNo{1}].ended = record::AttemptEnded{
      {reused.trial, AttemptNo{1}}, AttemptEnd::kFinished, {}, {}, false, reused.at};
  row.accepted = AttemptNo{1};
  row.score = from.score;
  row.reused_from = reused.from;
}

std::vector<KnownResult> MemoryStore::known_results() const {
  std::vector<KnownResult> known;
  for (const auto& [id, sweep] : sweeps) {
    for (const auto& [number, row] : sweep.trials) {
      if (row.known) known.push_back(*row.known);
    }
  }
  return known;
}

Snapshot MemoryStore::snapshot() const {
  Snapshot snapshot;
  snapshot.known_results = known_results();
  snapshot.life = life;
  snapshot.checkpoints = checkpoints;
  for (const auto& [id, sweep] : sweeps) {
    SweepSnapshot out;
    out.sweep = id;
    out.state = sweep.state;
    out.failing = sweep.failing;
    out.total_trials = sweep.total;
    out.frozen = sweep.frozen;
    out.extensions = sweep.extensions;
    out.proposals = sweep.proposals;
    out.results = sweep.results;
    for (const auto& [number, row] : sweep.trials) {
      TrialSnapshot trial;
      trial.state = row.state;
      trial.restarts = row.restarts;
      trial.checkpoint_epoch = row.checkpoint_epoch;
      trial.reused = row.reused_from.has_value();
      for (const auto& [epoch, metrics] : row.epochs) trial.train_seconds += metrics.seconds;
      const auto newest = row.attempts.find(newest_attempt(row.state));
      if (newest != row.attempts.end()) {
        trial.worker = newest->second.worker;
        trial.session = newest->second.session;
        trial.started = newest->second.resumed_from.has_value();
        trial.resumed_from_epoch = newest->second.resumed_from.value_or(0);
        trial.known_epoch = newest->second.known_epoch;
      }
      out.trials.emplace(number, std::move(trial));
      if (sweep.frozen->spec.racing) {
        if (row.accepted) out.seed_scores.push_back({number, row.score});
        if (row.raced_out) out.raced_out.emplace(number, *row.raced_out);
      }
      if (!sweep.frozen->spec.early_terminate) continue;
      for (const auto& [epoch, metrics] : row.epochs) {
        if (metrics.val_accuracy) out.scores.push_back({number, epoch, *metrics.val_accuracy});
      }
      for (const auto& [rung, evidence] : row.promoted) {
        out.promotions.push_back({number, evidence});
      }
    }
    snapshot.sweeps.push_back(std::move(out));
  }
  return snapshot;
}

}  // namespace firesweep::testing
