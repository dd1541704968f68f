// The promises that need more than the disk: nothing leaves the coordinator that the disk does not
// know, leases end and end for a reason, no attempt is trained twice, no report is lost. It is told
// what happens on both sides and believes neither.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/core/scheduler.h"
#include "shared/wire/messages.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/setting.h"

namespace firesweep::simulation {

// Not thread-safe. Every member may throw Violation.
class Promises {
 public:
  explicit Promises(Setting& setting) : setting_(setting) {}

  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }

  // A backup, and that it was put back: nothing that was said before counts any more.
  struct Backup {
    Ledger ledger;
  };
  Backup back_up() const { return {ledger_}; }
  void restore(const Backup& backup, Generation generation);
  Generation generation() const { return generation_; }

  // ---- the workers' side, each in the generation that it believes in
  // A worker puts a frame on its way.
  void said(const WorkerFrame& frame);
  // A trainer begins an attempt.
  struct Start {
    std::int64_t epoch = 0;
    std::int64_t checkpoint_here = 0;  // the place holds one of that epoch (0: none)
    std::optional<TrialKey> as;        // the checkpoint is another trial's
  };
  void training_begins(SessionId session, Generation generation, TrialKey key, const Start& start);
  // An attempt finished here; unless it was abandoned before, its result is to be acknowledged.
  void finished_here(SessionId session, Generation generation, TrialKey key);
  // The worker heard something: an acknowledgement, an order to abandon.
  void heard_back(SessionId session, const CoordinatorFrame& frame);
  // The worker forgets a trial for good.
  void forgets(SessionId session, TrialKey key) const;
  void session_ends(SessionId session);

  // ---- the coordinator's side, in its own time without the gaps in which it was suspended
  // `same_process`: only its scheduler is new, and knows how far the one before had heard.
  void coordinator_starts(Duration awake, bool same_process);
  // A frame lies in the coordinator's socket.
  void heard(const WorkerFrame& frame, Duration awake);
  // It was applied, but never became durable.
  void undone(const WorkerFrame& frame);
  // The coordinator is about to apply it.
  void applies(const WorkerFrame& frame, Duration awake);
  // What one event made durable.
  void committed(std::span<const Record> records, Duration awake);
  // What leaves.
  void leaves(const CoordinatorFrame& frame) const;
  // After a tick was applied and committed: what should have ended by now has.
  void ticked(Duration awake) const;

 private:
  struct Said {  // a report
    TrialKey key;
    std::size_t kind = 0;    // index into ReportBody
    std::int64_t epoch = 0;  // of Progressed
    Generation generation;
  };
  // How far a session's words have come.
  struct Words {
    bool greeted = false;
    std::uint64_t newest = 0;
    // True where newer ones were here before: then these are neither a sign of life nor a claim.
    bool overtaken(const WorkerFrame& frame);
  };
  struct Session {
    std::vector<Said> reports;  // by number, from 1
    Duration heard{0};
    Words arrived;  // at the coordinator's socket
    Words applied;
    std::uint64_t counter = 0;  // of progress, as applied
    bool claimed = false;       // said Hello to this coordinator; until then nothing else counts
    bool left = false;          // said Goodbye
    std::set<TrialKey> held;    // as it said last
    std::set<std::uint64_t> judged;  // reports this coordinator has answered
  };
  // A lease that has started, as seen from the coordinator.
  struct Watch {
    Duration last{0};
    std::optional<Duration> longest;
    void unit(Duration now);
    Duration patience(Duration floor) const;
  };

  void note_claim(Session& session, const std::vector<HeldTrial>& held, Duration awake);
  void unit(SessionId session, Duration awake);
  void note_checkpoints(const Record& record, Duration awake);
  void judge_loss(const record::AttemptEnded& lost, Duration awake);
  void judge_ack(SessionId session, const Ack& ack) const;
  // Whether the coordinator may believe the frame.
  bool counts(const WorkerFrame& frame) const;

  Setting& setting_;
  Ledger ledger_;
  std::map<SessionId, Session> sessions_;
  std::map<TrialKey, Watch> watches_;  // of started leases
  // Handed back with a checkpoint on its way: its number, and since when it is waited for.
  std::map<TrialKey, std::int64_t> promised_;
  std::map<TrialId, std::pair<StoredCheckpoint, Duration>> awaited_;
  std::map<TrialKey, Duration> missing_;  // leased, and not held by its worker's own word
  Generation generation_ = kFirstGeneration;
  std::set<std::pair<Generation, TrialKey>> trained_;
  std::set<std::pair<SessionId, TrialKey>> undelivered_;  // results
  std::set<std::pair<SessionId, TrialKey>> abandoned_;    // while they were trained
  Duration booted_{0};
};

}  // namespace firesweep::simulation
