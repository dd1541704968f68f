// The coordinator's loop: the one order in which events are grouped, applied, committed, answered,
// and recovered from a database that fails. It owns the scheduler and no part of the world: that
// comes through the ports, from coordinator/server as from the simulator.
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

// PROMISES §7: a group is at most so many events, gathered for so long.
inline constexpr std::size_t kGroupEvents = 1024;
inline constexpr std::chrono::milliseconds kGroupTime{5};

// Counted since the start.
struct LoopCounters {
  std::int64_t commits = 0;
  std::int64_t records = 0;
  std::int64_t failed_commits = 0;
  std::int64_t quarantined_events = 0;  // would have violated a constraint of the database
};

// Single-threaded; deterministic as far as its ports are. A database that fails is opened again
// with back-off, from later steps. Until then the loop applies nothing: workers are left
// unanswered, they keep training and repeat themselves; clients are told what is in the way.
class CoordinatorLoop {
 public:
  // All outlive the loop; `folder` may be null: then no checkpoints travel.
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

  // Goes on from what the database holds.
  CoordinatorLoop(Ports ports, Options options, Snapshot snapshot);

  // Applies what has arrived, commits it, and only then answers. Timers are judged after sockets:
  // what waits in one is no silence. True where something had arrived.
  bool step();
  // Steady time of the next step that has something to do if nothing arrives before.
  Duration wake_at() const;

  // From within the process: the reply goes to the client without a name. Nothing is done while
  // the database fails.
  void submit(std::shared_ptr<const FrozenSweep> frozen);
  // Running trials are told to checkpoint and hand back, then workers to leave. Remembered until
  // the process ends, whatever happens to the database.
  void drain();

  // Stands for nothing while the loop is recovering.
  const Scheduler& scheduler() const { return scheduler_; }
  bool recovering() const { return recovery_.under_way(); }
  // What keeps the database from being written, in words; empty where nothing does.
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
  Recovery recovery_;  // while it is under way, the scheduler stands for nothing
  bool draining_ = false;
  bool drain_again_ = false;                      // a scheduler made anew must be told
  std::shared_ptr<const FrozenSweep> submitted_;  // by this process itself
};

}  // namespace firesweep
