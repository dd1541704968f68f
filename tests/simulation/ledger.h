// What is on the disk, told a second time: every committed record is entered here in order and
// judged against PROMISES §§1–3. The rules are written down anew, not borrowed from the scheduler.
// It knows no clock and no worker; promises.h judges those.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "coordinator/search/sweep_space.h"
#include "shared/domain/records.h"
#include "shared/wire/messages.h"

namespace firesweep::simulation {

// A promise that was broken: what the simulator is for.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] inline void broken(const std::string& what) { throw Violation(what); }

struct LedgerAttempt {
  SessionId session;
  bool started = false;
  std::int64_t resumed_from = 0;
  bool could_resume = false;      // by what was stored, or complete and shorter, at its opening
  bool missed = false;            // a checkpoint
  std::int64_t newest_epoch = 0;  // recorded by this attempt
  std::int64_t checkpoint_before = 0;  // the trial's when it was opened
  std::optional<AttemptEnd> end;
  std::optional<Reason> reason;
  bool charged = false;
  std::vector<EarlierTraining>
      earlier;  // that it may begin as, by what was complete at its opening
};

struct LedgerTrial {
  TrialState state;
  std::int64_t restarts = 0;
  std::int64_t charged = 0;  // attempts that used up a restart, since the last retry
  std::int64_t checkpoint_epoch = 0;
  std::string config_hash;
  std::vector<double> scores_due;  // what training its config gives after each epoch
  std::map<AttemptNo, LedgerAttempt> attempts;
  std::map<std::int64_t, AttemptNo> epochs;  // who recorded each
  std::map<std::int64_t, double> scores;     // after each
  std::map<AttemptNo, Evidence> terminated;
  std::map<std::int64_t, Evidence> promoted;  // by rung
  std::int64_t rung = 0;                      // of promotion: the highest that it came to
  std::int64_t length = 0;                    // epochs to train
  std::string variant;
  std::optional<AttemptNo> accepted;
  std::optional<TrialId> reused_from;  // the accepted result is a copy
  std::set<AttemptNo> superseded;
  std::optional<StoredCheckpoint> stored;
  bool cancel_wanted = false;
  bool retry_wanted = false;
  std::int64_t retries = 0;

  // What training it from beginning to end gives, however often it was interrupted.
  double true_accuracy() const { return scores_due.back(); }
  bool at_rung() const { return rung > 0 && !promoted.contains(rung); }
  AttemptNo newest() const { return attempts.empty() ? AttemptNo{} : attempts.rbegin()->first; }
  AttemptNo live() const {
    return attempts.empty() || attempts.rbegin()->second.end ? AttemptNo{} : newest();
  }
};

// Where a trial stands in its sweep's race.
struct RacePlace {
  std::int64_t point = 0;
  std::int64_t round = 0;  // of its seed
  std::string group;
};

struct LedgerSweep {
  std::shared_ptr<const FrozenSweep> frozen;  // its newest file
  std::set<std::string> files;                // hashes of all
  bool has_file(const std::string& hash) const { return files.contains(hash); }
  std::optional<SweepSpace> space;
  SweepState state = SweepState::kRunning;
  bool failing = false;
  std::set<SweepState> wanted;               // what users have asked for, ever
  std::map<SweepState, std::int64_t> moves;  // how often it has come to each state
  std::int64_t retries = 0;                  // of its trials
  bool retry_wanted = false;
  std::map<std::string, std::shared_ptr<const FrozenSweep>> extensions_wanted;  // by hash
  std::set<std::int64_t> seeds_wanted;
  std::set<std::int64_t> caps_wanted;          // higher run_caps
  std::vector<Proposal> proposals;             // of a method that learns
  std::vector<std::int64_t> learnt;            // numbers of the trials of its results, in order
  std::int64_t live = 0;                       // attempts
  std::int64_t failed = 0;                     // trials
  std::map<std::int64_t, LedgerTrial> trials;  // by number
  // Of a sweep with racing: all its trials, and those that were raced out.
  std::map<std::int64_t, RacePlace> race;
  std::int64_t rounds = 0;
  std::map<std::int64_t, RaceEvidence> raced_out;
  // By number: the trials that are the beginning of a longer one, the longest first.
  std::map<std::int64_t, std::vector<std::int64_t>> begins_with;
};

// Not thread-safe. enter() throws Violation where a record breaks a promise; the ledger is then of
// no further use.
class Ledger {
 public:
  // A user's file, before it is submitted as a sweep.
  void expect(std::shared_ptr<const FrozenSweep> frozen);
  // A user has asked for it; only then may it happen.
  void want(const request::Steer& steer);
  void want_running(const std::string& hash);
  void want_extended(SweepId sweep, std::shared_ptr<const FrozenSweep> by);
  void want_seed(SweepId sweep, std::int64_t seed);
  void want_cap(SweepId sweep, std::int64_t run_cap);
  void set_draining(bool draining) { draining_ = draining; }

  // The records of one event, committed together.
  void enter(std::span<const Record> records);

  // An assignment that leaves: it names the complete trials that its trial may begin as, all of
  // them and no others.
  void judge_assigned(const Assign& assign) const;
  // An attempt begins from a checkpoint, of that epoch, of another trial's attempt.
  void judge_begun(TrialKey key, TrialKey as, std::int64_t epoch) const;

  const std::map<SweepId, LedgerSweep>& sweeps() const { return sweeps_; }
  const LedgerTrial* find(TrialId trial) const;
  const LedgerAttempt* find(TrialKey key) const;
  // Attempts that hold a trial now.
  const std::set<TrialKey>& live() const { return live_; }
  // Nothing is left to do, and nothing is held.
  bool at_rest() const;
  std::int64_t sweeps_expected() const { return static_cast<std::int64_t>(expected_.size()); }
  const std::map<SessionId, std::string>& workers() const { return workers_; }

 private:
  void enter(const record::SweepAdded& added);
  void enter(const record::SweepChanged& changed);
  void enter(const record::SweepExtended& extended);
  void enter(const record::AttemptOpened& opened);
  void enter(const record::TrialChanged& changed);
  void enter(const record::AttemptStarted& started);
  void enter(const record::EpochRecorded& recorded);
  void enter(const record::AttemptEnded& ended);
  void enter(const record::ResultAccepted& accepted);
  void enter(const record::ResultSuperseded& superseded);
  void enter(const record::WorkerSeen& seen);
  void enter(const record::CheckpointStored& stored);
  void enter(const record::CheckpointRemoved& removed);
  void enter(const record::PointProposed& proposed);
  void enter(const record::TrialTerminated& terminated);
  void enter(const record::TrialPromoted& promoted);
  void enter(const record::TrialRacedOut& out);
  void enter(const record::ResultReused& reused);

  void retry(LedgerSweep& sweep, LedgerTrial& trial, TrialId id);
  void judge_end(const LedgerSweep& sweep, const LedgerTrial& trial, const LedgerAttempt& attempt,
                 const record::AttemptEnded& ended) const;
  void judge_failure(const LedgerSweep& sweep, const LedgerTrial& trial, TrialId id,
                     const Failed& failed) const;
  void note_score(TrialKey key, std::int64_t epoch);
  struct Place {
    std::int64_t rank = 1, seen = 0;
    bool stops = false;
  };
  // Where the trial stands at the epoch; nothing where it is no rung of asha.
  std::optional<Place> place_of(const LedgerSweep& sweep, std::int64_t number,
                                std::int64_t epoch) const;
  bool has_place(const LedgerSweep& sweep, std::int64_t number, std::int64_t epoch) const;
  // Of asha's promotion type.
  void note_rung(TrialKey key, std::int64_t epoch);
  void judge_beyond(TrialId id) const;
  void judge_pruned(TrialId id) const;
  void judge_rung(TrialKey key) const;
  void judge_raced_out(TrialId id) const;
  std::vector<EarlierTraining> earlier_of(TrialId id) const;
  void judge_earlier(TrialId id, const EarlierTraining& earlier) const;
  void judge_round(TrialKey opened) const;
  void judge_turn(const LedgerSweep& sweep, TrialId id) const;
  void judge_whole(TrialId id) const;
  void judge_moved(SweepId id) const;
  void judge_running(const record::PointProposed& proposed) const;
  LedgerSweep& sweep(SweepId id);
  LedgerTrial& trial(TrialId id);
  LedgerAttempt& attempt(TrialKey key);

  std::map<std::string, std::shared_ptr<const FrozenSweep>> expected_;  // by hash
  std::map<SweepId, LedgerSweep> sweeps_;
  std::map<SessionId, std::string> workers_;
  std::set<TrialKey> live_;
  std::set<TrialId> touched_;  // by the event being entered
  std::set<TrialKey> opened_;  // the same
  std::set<TrialId> failed_;   // the same
  std::set<TrialKey> due_;     // the same: to be terminated
  // Of promotion, by the same event: come to a rung; promoted beyond one in eta; pruned at the end.
  std::set<TrialKey> came_;
  std::set<TrialId> beyond_;
  std::set<TrialId> pruned_;
  std::set<SweepId> moved_;                      // the same
  std::vector<record::PointProposed> proposed_;  // the same
  std::vector<TrialId> raced_;                   // the same
  bool draining_ = false;
};

}  // namespace firesweep::simulation
