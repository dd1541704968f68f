// A coordinator's process: the real scheduler in a loop that does what coordinator/server does,
// in simulated time, and that can die between any two of its effects.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "coordinator/core/scheduler.h"
#include "tests/simulation/answers.h"
#include "tests/simulation/depot.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/network.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/setting.h"
#include "tests/simulation/trap.h"

namespace firesweep::simulation {

// Not thread-safe.
class Coordinator {
 public:
  struct Places {
    Setting& setting;
    Disk& disk;
    Network& network;
    Promises& promises;
    Answers& answers;
    Depot& depot;
  };
  // `number` is what the network knows it by. `died` is called after the process has ended, however
  // that came.
  Coordinator(Places places, int number, std::function<void()> died);

  // A process starts: nothing but the disk is remembered.
  void start();
  bool up() const { return phase_ != Phase::kDown; }
  bool frozen() const { return phase_ == Phase::kFrozen; }

  void arrive(const PeerId& peer, const std::string& bytes);
  // A client's request, or whatever else lies in the socket.
  void take(Event event);

  void kill();
  void drain();
  void freeze();
  void thaw();
  void set_trap(Trap trap, Prey prey = Prey::kAny) { trap_.set(trap, prey); }

  // Up, and nothing is left to do.
  bool at_rest() const;

 private:
  enum class Phase { kDown, kUp, kFrozen, kRecovering };
  // Events applied together, and what of them is to be durable.
  struct Group {
    std::vector<Event> events;
    std::vector<Record> records;    // of all
    std::vector<std::size_t> ends;  // by event: where its records end

    bool empty() const { return events.empty(); }
  };

  void wake();
  void tick_later();
  void step(bool tick);
  void apply(std::vector<Event> events);
  // False where the commit failed; what is on the disk is then settled when it is read again.
  bool commit(Group& group);
  void settle_unknown();
  void told(const Group& group);
  void undone(const Group& group);
  void send(std::vector<Effect>& effects);
  void send_one(const Effect& effect);
  void carry_out(const effect::CheckpointSettled& settled);
  void carry_out(const effect::CheckpointUnneeded& unneeded);
  void rebuild();
  void recover();
  void die(std::string_view how);
  Instant clock() const { return clock_.at(places_.setting.agenda.now()); }
  // Steady time without the gaps that everybody must be forgiven.
  Duration awake() const;
  SchedulerOptions options() const;
  bool trap_springs(Trap trap);

  Places places_;
  const int number_;
  const std::string name_;
  std::function<void()> died_;
  NodeClock clock_;

  Phase phase_ = Phase::kDown;
  std::uint64_t life_ = 0;  // what was entered in the agenda for an earlier one is void
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<Event> inbox_;
  bool waking_ = false;
  bool draining_ = false;
  SetTrap trap_;
  Duration back_off_{0};
  Duration last_step_{0};
  Duration slept_{0};
  Group unknown_;                  // committed or not
  std::optional<Snapshot> stale_;  // for a planted bug
};

}  // namespace firesweep::simulation
