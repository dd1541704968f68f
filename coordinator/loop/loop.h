// The coordinator's loop: groups events, applies them, commits them, answers, and recovers from a
// failing database, always in this order. It owns the scheduler. Everything else comes through the
// ports, from coordinator/server or from the simulator.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/core/scheduler.h"
#include "coordinator/loop/ports.h"
#include "coordinator/loop/recovery.h"

namespace firesweep {

// PROMISES §7: the largest number of events in a group, and the longest time to gather them.
inline constexpr std::size_t kGroupEvents = 1024;
inline constexpr std::chrono::milliseconds kGroupTime{5};

// Counted since the start.
struct LoopCounters {
  std::int64_t commits = 0;
  std::int64_t records = 0;
  std::int64_t failed_commits = 0;
  std::int64_t quarantined_events = 0;  // would have violated a constraint of the database
};

// Single-threaded; deterministic if its ports are. Later steps reopen a failed database, with
// back-off. Until that succeeds the loop applies nothing: workers get no answers, keep training and
// repeat their reports; clients are told what the trouble is.
class CoordinatorLoop {
 public:
  // All must outlive the loop. `folder` may be null: then no checkpoints are transferred.
  struct Ports {
    loop::Database& database;
    loop::Socket& socket;
    loop::Clock& clock;
    loop::Folder* folder;
    loop::Observer& observer;
  };
  struct Options {
    SchedulerOptions scheduling;
    std::string database;  // its name, for messages
    Duration tick_every = std::chrono::milliseconds(250);
  };

  // Continues from the content of the database.
  CoordinatorLoop(Ports ports, Options options, Snapshot snapshot);

  // Applies the messages that have arrived, commits, and only then answers. Timers are judged after
  // the sockets, because a message that waits in a socket is not silence. True if something had
  // arrived.
  bool step();
  // Steady time at which the next step has something to do, even if nothing arrives.
  Duration wake_at() const;

  // Submits from within the process: the reply goes to the client without a name. Does nothing
  // while the database fails.
  void submit(std::shared_ptr<const FrozenSweep> frozen);
  // Tells running trials to write a checkpoint and hand back, then tells workers to exit.
  // Remembered until the process ends, even if the database fails.
  void drain();

  // Not valid while the loop is recovering.
  const Scheduler& scheduler() const { return scheduler_; }
  bool recovering() const { return recovery_.under_way(); }
  // Why the database cannot be written; empty if it can.
  const std::string& trouble() const { return recovery_.trouble(); }
  LoopCounters counters() const;

 private:
  void apply(std::vector<Event> events);
  void apply_one_by_one(const std::vector<Event>& events);
  loop::CommitOutcome commit(const loop::Group& group);
  void send(std::vector<Effect>& effects);
  bool rebuild(Result<Snapshot> snapshot);
  void tell_clients(const std::vector<Event>& events, const Error& error);

  Ports ports_;
  Options options_;
  Scheduler scheduler_;
  LoopCounters counters_;
  Duration last_tick_;
  Duration last_applied_{0};
  Recovery recovery_;  // while it is under way, the scheduler stands for nothing
  bool draining_ = false;
  bool drain_again_ = false;                      // a scheduler made anew must be told
  std::shared_ptr<const FrozenSweep> submitted_;  // by this process itself
};

}  // namespace firesweep
