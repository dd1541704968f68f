#include "tests/simulation/promises.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace firesweep::simulation {
namespace {

using std::chrono::seconds;

// What a tick, a drifting clock and a first batch may add to or take from a limit.
constexpr double kDrift = 0.05;
constexpr Duration kGrain = seconds(1);

Duration at_least(Duration limit) {
  return Duration(static_cast<std::int64_t>(static_cast<double>(limit.count()) * (1 - kDrift))) -
         kGrain;
}
Duration at_most(Duration limit) {
  return Duration(static_cast<std::int64_t>(static_cast<double>(limit.count()) * (1 + kDrift))) +
         3 * kGrain;
}

constexpr std::size_t kStarted = 0, kProgressed = 1, kFinished = 2;

std::string name(SessionId session) { return "worker process " + std::to_string(session.low); }

}  // namespace

void Promises::Watch::unit(Duration now) {
  longest = std::max(longest.value_or(Duration(0)), now - last);
  last = now;
}

Duration Promises::Watch::patience(Duration floor) const {
  return longest ? std::max(floor, 10 * *longest) : floor + kGrain;
}

// The keys come again: for attempts of the new generation nothing has been said yet.
void Promises::restore(const Backup& backup, Generation generation) {
  ledger_ = backup.ledger;
  generation_ = generation;
  undelivered_.clear();
  abandoned_.clear();
}

// One that has heard of no generation speaks of no attempt.
bool Promises::counts(const WorkerFrame& frame) const {
  return frame.generation == generation_ || frame.generation == Generation{};
}

// ---- the workers' side

void Promises::said(const WorkerFrame& frame) {
  Session& session = sessions_[frame.session];
  for (const WorkerMessage& message : frame.messages) {
    const auto* report = std::get_if<Report>(&message);
    if (report == nullptr) continue;
    if (report->number <= session.reports.size()) continue;  // said before
    if (report->number != session.reports.size() + 1) {
      // Reports dropped before they were ever sent leave a gap.
      session.reports.resize(report->number - 1);
    }
    Said said{report->key, report->body.index(), 0, frame.generation.value_or(Generation{})};
    if (const auto* progressed = std::get_if<report::Progressed>(&report->body)) {
      said.epoch = progressed->metrics.epoch;
    }
    session.reports.push_back(said);
  }
}

void Promises::training_begins(SessionId session, Generation generation, TrialKey key,
                               const Start& start) {
  if (!trained_.insert({generation, key}).second)
    broken(to_string(key) + " is trained a second time");
  if (generation != generation_) return;
  const LedgerAttempt* attempt = ledger_.find(key);
  if (attempt == nullptr) broken(to_string(key) + " is trained and was never committed");
  if (attempt->session != session) broken(to_string(key) + " is trained by another's lease");
  if (start.epoch < start.checkpoint_here) {
    broken(to_string(key) + " begins at epoch " + std::to_string(start.epoch) +
           " though this host had acknowledged a checkpoint of epoch " +
           std::to_string(start.checkpoint_here));
  }
  if (start.as) ledger_.judge_begun(key, *start.as, start.epoch);
}

void Promises::finished_here(SessionId session, Generation generation, TrialKey key) {
  if (generation != generation_) return;
  if (!abandoned_.contains({session, key})) undelivered_.insert({session, key});
}

void Promises::heard_back(SessionId session, const CoordinatorFrame& frame) {
  if (frame.session != session) return;
  const auto known = sessions_.find(session);
  if (known == sessions_.end()) return;
  if (frame.generation != generation_) return;
  for (const CoordinatorMessage& message : frame.messages) {
    if (const auto* ack = std::get_if<Ack>(&message)) {
      if (ack->report < 1 || ack->report > known->second.reports.size()) continue;
      const Said& said = known->second.reports[ack->report - 1];
      if (said.kind >= kFinished) undelivered_.erase({session, said.key});
    } else if (const auto* abandon = std::get_if<Abandon>(&message)) {
      abandoned_.insert({session, abandon->key});
    } else if (const auto* assign = std::get_if<Assign>(&message)) {
      for (std::int64_t older = assign->key.attempt.value - 1; older > 0; --older) {
        abandoned_.insert({session, {assign->key.trial, {older}}});
      }
    }
  }
}

void Promises::forgets(SessionId session, TrialKey key) const {
  if (undelivered_.contains({session, key})) {
    broken(name(session) + " forgets " + to_string(key) + ", whose result nobody has acknowledged");
  }
}

void Promises::session_ends(SessionId session) {
  std::erase_if(undelivered_, [&](const auto& entry) { return entry.first == session; });
}

// ---- the coordinator's side

void Promises::coordinator_starts(Duration awake, bool same_process) {
  booted_ = awake;
  for (auto& [id, session] : sessions_) {
    session.heard = awake;
    session.arrived = {false, same_process ? session.arrived.newest : 0};
    session.applied = {false, same_process ? session.applied.newest : 0};
    session.counter = 0;
    session.claimed = false;
    session.held.clear();
    session.judged.clear();
  }
  missing_.clear();
  promised_.clear();
  awaited_.clear();
  watches_.clear();
  for (const TrialKey key : ledger_.live()) {
    if (ledger_.find(key)->started) watches_[key] = {awake, {}};
  }
}

// Numbers count from the first Hello a coordinator hears.
bool Promises::Words::overtaken(const WorkerFrame& frame) {
  if (frame.sequence <= newest) return true;
  greeted = greeted || std::any_of(frame.messages.begin(), frame.messages.end(),
                                   [](const auto& m) { return std::holds_alternative<Hello>(m); });
  if (!greeted) return false;
  newest = frame.sequence;
  return false;
}

void Promises::heard(const WorkerFrame& frame, Duration awake) {
  if (!counts(frame)) return;
  Session& session = sessions_[frame.session];
  if (!session.arrived.overtaken(frame)) session.heard = awake;
}

void Promises::undone(const WorkerFrame& frame) {
  if (!counts(frame)) return;
  Session& session = sessions_[frame.session];
  session.applied.overtaken(frame);
  session.arrived.overtaken(frame);
}

void Promises::note_claim(Session& session, const std::vector<HeldTrial>& held, Duration awake) {
  session.claimed = true;
  session.held.clear();
  for (const HeldTrial& one : held) session.held.insert(one.key);
  for (const TrialKey key : ledger_.live()) {
    if (&sessions_[ledger_.find(key)->session] != &session) continue;
    if (session.held.contains(key)) {
      missing_.erase(key);
    } else {
      missing_.emplace(key, awake);
    }
  }
}

void Promises::unit(SessionId session, Duration awake) {
  for (auto& [key, watch] : watches_) {
    const LedgerAttempt* attempt = ledger_.find(key);
    if (attempt != nullptr && attempt->session == session && !attempt->end) watch.unit(awake);
  }
}

void Promises::applies(const WorkerFrame& frame, Duration awake) {
  if (!counts(frame)) return;
  Session& session = sessions_[frame.session];
  const bool overtaken = session.applied.overtaken(frame);
  session.arrived.overtaken(frame);  // also what came while the last commit was still unknown
  if (!overtaken) session.heard = std::max(session.heard, awake);
  for (const WorkerMessage& message : frame.messages) {
    if (const auto* hello = std::get_if<Hello>(&message)) {
      if (!overtaken) note_claim(session, hello->held, awake);
    } else if (std::holds_alternative<Goodbye>(message)) {
      session.left = true;
    } else if (!session.claimed) {
      continue;
    } else if (const auto* beat = std::get_if<Heartbeat>(&message)) {
      if (overtaken) continue;
      note_claim(session, beat->held, awake);
      if (beat->progress_counter != session.counter) unit(frame.session, awake);
      session.counter = beat->progress_counter;
    } else if (const auto* report = std::get_if<Report>(&message)) {
      if (!session.judged.insert(report->number).second) continue;
      if (!overtaken && std::holds_alternative<report::Started>(report->body)) {
        missing_.erase(report->key);
      }
      if (const auto* back = std::get_if<report::HandedBack>(&report->body)) {
        promised_[report->key] = back->upload;
      }
      const auto watch = watches_.find(report->key);
      if (watch != watches_.end() && std::holds_alternative<report::Progressed>(report->body)) {
        watch->second.unit(awake);
      }
    }
  }
}

// PROMISES §2: a trial handed back is dispatched again once its checkpoint is stored, or its upload
// has timed out.
void Promises::note_checkpoints(const Record& record, Duration awake) {
  if (const auto* ended = std::get_if<record::AttemptEnded>(&record)) {
    const std::int64_t number = promised_.contains(ended->key) ? promised_[ended->key] : 0;
    const LedgerTrial* trial = ledger_.find(ended->key.trial);
    const bool here = trial->stored && trial->stored->attempt == ended->key.attempt &&
                      trial->stored->number >= number;
    if (ended->end != AttemptEnd::kHandedBack || number == 0 || here) return;
    StoredCheckpoint wanted;
    wanted.attempt = ended->key.attempt;
    wanted.number = number;
    awaited_[ended->key.trial] = {wanted, awake};
  } else if (const auto* stored = std::get_if<record::CheckpointStored>(&record)) {
    if (!stored->checkpoint.file.ends_with("@" + std::to_string(generation_.value))) {
      broken("a checkpoint of trial " + to_string(stored->trial) +
             " is stored, which another generation made");
    }
    const auto awaited = awaited_.find(stored->trial);
    if (awaited == awaited_.end()) return;
    const StoredCheckpoint& wanted = awaited->second.first;
    if (wanted.attempt == stored->checkpoint.attempt &&
        wanted.number <= stored->checkpoint.number) {
      awaited_.erase(awaited);
    }
  } else if (const auto* opened = std::get_if<record::AttemptOpened>(&record)) {
    const auto awaited = awaited_.find(opened->key.trial);
    if (awaited == awaited_.end()) return;
    if (awake - awaited->second.second < setting_.plan.upload_limit) {
      broken("trial " + to_string(opened->key.trial) +
             " was dispatched before its checkpoint had arrived");
    }
    awaited_.erase(awaited);
  }
}

void Promises::committed(std::span<const Record> records, Duration awake) {
  for (const Record& record : records) {
    note_checkpoints(record, awake);
    if (const auto* started = std::get_if<record::AttemptStarted>(&record)) {
      watches_[started->key] = {awake, {}};
    } else if (const auto* ended = std::get_if<record::AttemptEnded>(&record)) {
      if (ended->end == AttemptEnd::kLost) judge_loss(*ended, awake);
      watches_.erase(ended->key);
      missing_.erase(ended->key);
    }
  }
  ledger_.enter(records);
}

// PROMISES §4: a lease is taken away from the silent, the stalled, those who left and those who do
// not have it. Never from one who was merely not listened to.
void Promises::judge_loss(const record::AttemptEnded& lost, Duration awake) {
  const LedgerAttempt* attempt = ledger_.find(lost.key);
  if (attempt == nullptr) return;
  const Session& session = sessions_[attempt->session];
  if (session.left) return;
  if (session.claimed && !session.held.contains(lost.key)) return;
  if (awake - session.heard >= at_least(setting_.plan.lease)) return;
  const auto watch = watches_.find(lost.key);
  if (watch != watches_.end() &&
      awake - watch->second.last >= at_least(watch->second.patience(setting_.plan.stall_floor))) {
    return;
  }
  broken(to_string(lost.key) + " was declared lost (" + lost.message + "), though " +
         name(attempt->session) + " was heard " +
         std::to_string(std::chrono::duration<double>(awake - session.heard).count()) +
         " s ago, has it and works");
}

void Promises::leaves(const CoordinatorFrame& frame) const {
  if (frame.generation != generation_) broken("a frame leaves in another generation");
  for (const CoordinatorMessage& message : frame.messages) {
    if (const auto* assign = std::get_if<Assign>(&message)) {
      const LedgerAttempt* attempt = ledger_.find(assign->key);
      if (attempt == nullptr || attempt->session != frame.session) {
        broken("an assignment of " + to_string(assign->key) +
               " leaves, the disk has no such lease");
      }
      ledger_.judge_assigned(*assign);
    } else if (const auto* stop = std::get_if<Stop>(&message)) {
      const LedgerTrial* trial = ledger_.find(stop->key.trial);
      const LedgerAttempt* attempt = ledger_.find(stop->key);
      const bool known = trial != nullptr && attempt != nullptr &&
                         (attempt->end || std::holds_alternative<Stopping>(trial->state));
      if (!known) broken("a stop of " + to_string(stop->key) + " leaves, the disk knows none");
    } else if (const auto* abandon = std::get_if<Abandon>(&message)) {
      const LedgerAttempt* attempt = ledger_.find(abandon->key);
      if (attempt != nullptr && !attempt->end && attempt->session == frame.session) {
        broken(name(frame.session) + " is told to abandon " + to_string(abandon->key) +
               ", which is its own");
      }
    } else if (const auto* ack = std::get_if<Ack>(&message)) {
      judge_ack(frame.session, *ack);
    } else if (std::holds_alternative<Refused>(message)) {
      broken("a worker of this build is refused");
    }
  }
}

// Acknowledged means on disk.
void Promises::judge_ack(SessionId session, const Ack& ack) const {
  const auto known = sessions_.find(session);
  if (known == sessions_.end() || ack.report < 1 || ack.report > known->second.reports.size()) {
    broken("a report is acknowledged that nobody made");
  }
  const Said& said = known->second.reports[ack.report - 1];
  if (said.generation != generation_) {
    broken("a report about " + to_string(said.key) + " of another generation is acknowledged");
  }
  const std::string what = "report " + std::to_string(ack.report) + " of " + name(session) +
                           " about " + to_string(said.key);
  if (ack.verdict == Verdict::kUnknown) broken(what + " is answered \"unknown\"");
  const LedgerTrial* trial = ledger_.find(said.key.trial);
  const LedgerAttempt* attempt = ledger_.find(said.key);
  if (attempt == nullptr) broken(what + " is acknowledged, the disk has no such attempt");
  bool durable = true;
  if (ack.verdict == Verdict::kSuperseded) {
    durable = said.kind != kFinished || trial->superseded.contains(said.key.attempt);
  } else if (said.kind == kStarted) {
    durable = attempt->started;
  } else if (said.kind == kProgressed) {
    durable = trial->epochs.contains(said.epoch);
  } else if (said.kind == kFinished) {
    durable = trial->accepted == said.key.attempt;
  } else {
    durable = attempt->end.has_value();
  }
  if (!durable) broken(what + " is acknowledged and is not on the disk");
}

void Promises::ticked(Duration awake) const {
  const Duration lease = setting_.plan.lease;
  for (const TrialKey key : ledger_.live()) {
    const LedgerAttempt* attempt = ledger_.find(key);
    const auto session = sessions_.find(attempt->session);
    const Duration heard = session == sessions_.end() ? booted_ : session->second.heard;
    if (awake - heard > at_most(lease)) {
      broken("the lease of " + to_string(key) + " does not end: " + name(attempt->session) +
             " has been silent for longer");
    }
    const auto missing = missing_.find(key);
    if (missing != missing_.end() && awake - missing->second > at_most(2 * lease)) {
      broken("the lease of " + to_string(key) + " does not end: " + name(attempt->session) +
             " says that it does not have it");
    }
    const auto watch = watches_.find(key);
    if (watch == watches_.end()) continue;
    const Duration patience = watch->second.patience(setting_.plan.stall_floor);
    if (awake - watch->second.last > at_most(patience)) {
      broken("the lease of " + to_string(key) + " does not end: it makes no progress");
    }
  }
}

}  // namespace firesweep::simulation
