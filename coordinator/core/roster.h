// Who works here: every worker by its session, what it can do and holds, and which names are not
// trusted for a while.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/core/leases.h"
#include "coordinator/core/scheduler.h"
#include "shared/base/clock.h"
#include "shared/base/ids.h"
#include "shared/wire/messages.h"

namespace firesweep {

struct Worker {
  SessionId session;
  PeerId peer;
  std::string name;  // host/slot
  std::int64_t pid = 0;
  Capabilities capabilities;
  bool connected = false;      // said Hello to this coordinator
  std::uint64_t sequence = 0;  // of the last frame sent
  Duration last_heard{0};      // when the newest of its own frames came
  Duration sent_at{0};         // when it was last sent anything
  std::uint64_t progress_counter = 0;
  std::optional<LiveProgress> live;
  std::int64_t trials_done = 0;
  std::optional<Duration> quit_at;  // when Quit was last sent
  bool leaving = false;             // said Goodbye; removed once answered
  bool preempted = false;           // handed back a trial unasked: it leaves, and gets nothing more

  std::map<TrialKey, Lease> leases;
  // Ended by its own report, with the sequence of the frame that acknowledged it: until the worker
  // has seen that frame it may still list the key as held.
  std::map<TrialKey, std::uint64_t> answered;
  // Held by the worker though not leased to it: its hands are full.
  std::set<TrialKey> orphans;
  // Answers given, by report number; a repeated report gets the same again.
  std::map<std::uint64_t, Verdict> verdicts;

  // Measured pace, for prefetch.
  SweepId measured_sweep;
  std::optional<double> trial_seconds;  // moving average
  Duration busy_since{0};
  std::int64_t ends_since = 0;  // trials ended since busy_since

  // The lease being worked on, or null.
  const Lease* running() const;
  // Everything in its hands, leased or not.
  std::int64_t load() const { return static_cast<std::int64_t>(leases.size() + orphans.size()); }
  // Remembers an answer; the oldest are forgotten.
  void remember(std::uint64_t report, Verdict verdict);
  // A trial of `sweep` ended here, a whole one.
  void measure_end(SweepId sweep, Duration now);
  // What was done until now says nothing of the pace.
  void measure_from(Duration now);
  // How many trials of `sweep` it may hold at once: 100 ms of work, 1 to 256; 1 before anything was
  // measured.
  std::int64_t credit(SweepId sweep, Duration now) const;
};

// Not thread-safe. References to a Worker stay valid until it is removed.
class Roster {
 public:
  // Three different trials lost or errored in a row, for an hour.
  static constexpr std::size_t kFailuresToQuarantine = 3;
  static constexpr Duration kQuarantine = std::chrono::hours(1);

  explicit Roster(Heard heard = {}) : heard_(std::move(heard)) {}

  // The worker of that session, or null.
  Worker* find(SessionId session);
  // The same, made where it is not known.
  Worker& enter(SessionId session, Duration now);
  void remove(SessionId session) { workers_.erase(session); }
  // A session that is over for good.
  void note_left(SessionId session, Duration now);
  bool has_left(SessionId session) const { return left_.contains(session); }
  // What was said so long ago that nothing of it is on its way any more.
  void forget_words_before(Duration time);
  // How far its frames have come, also those that the scheduler before this one heard.
  std::optional<std::uint64_t> heard(SessionId session) const;
  void note_heard(SessionId session, std::uint64_t sequence, Duration now) {
    heard_[session] = {sequence, now};
  }
  const Heard& heard() const { return heard_; }
  std::map<SessionId, Worker>& workers() { return workers_; }
  const std::map<SessionId, Worker>& workers() const { return workers_; }

  // Failures are counted by name, since a process that dies comes back under a new session.
  void note_failure(const std::string& name, TrialId trial, Duration now);
  void note_success(const std::string& name) { failures_.erase(name); }
  bool quarantined(const std::string& name, Duration now) const;
  // By hand, before its hour is over.
  void release(const std::string& name) { quarantined_until_.erase(name); }
  std::vector<std::string> all_quarantined(Duration now) const;

  // The coordinator was suspended: nobody was silent meanwhile.
  void extend(Duration gap);

 private:
  std::map<SessionId, Worker> workers_;
  Heard heard_;
  std::map<SessionId, Duration> left_;  // and when
  std::map<std::string, std::set<TrialId>> failures_;
  std::map<std::string, Duration> quarantined_until_;
};

}  // namespace firesweep
