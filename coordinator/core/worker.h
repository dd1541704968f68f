// One worker's session: what it can do, what it holds, what it was answered, how fast it is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "coordinator/core/attendance.h"
#include "coordinator/core/leases.h"
#include "coordinator/core/scheduler.h"
#include "shared/base/clock.h"
#include "shared/base/ids.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Plain data with a few questions; not thread-safe.
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
  Attendance attendance;
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

  // Nothing of it was heard for three beats: long enough to give it nothing more; its leases last
  // longer.
  bool silent(Duration now, Duration heartbeat_every) const;
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

}  // namespace firesweep
