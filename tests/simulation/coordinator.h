// A coordinator's process: the real scheduler in the real loop, whose ports are the simulated disk,
// network and clock, and that can die between any two of its effects.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coordinator/loop/loop.h"
#include "tests/simulation/answers.h"
#include "tests/simulation/depot.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/network.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/quarantine.h"
#include "tests/simulation/setting.h"
#include "tests/simulation/trap.h"

namespace firesweep::simulation {

// Not thread-safe.
class Coordinator final : loop::Database, loop::Socket, loop::Clock, loop::Folder, loop::Observer {
 public:
  struct Context {
    Setting& setting;
    Disk& disk;
    Network& network;
    Promises& promises;
    Answers& answers;
    Depot& depot;
  };
  // `number` is what the network knows it by. `died` is called after the process has ended, however
  // that came.
  Coordinator(Context context, int number, std::function<void()> died);

  // A process starts: nothing but the disk is remembered.
  void start();
  bool up() const { return loop_.has_value(); }
  bool frozen() const { return frozen_; }

  void arrive(const PeerId& peer, const std::string& bytes);
  // A client's request, as it lies in the socket.
  void ask(Event request);
  // A checkpoint that lies whole in the depot.
  void store(event::CheckpointArrived arrived);

  void kill();
  void drain();
  void freeze();
  void thaw();
  void set_trap(Trap trap, TargetStep target = TargetStep::kAny) { trap_.set(trap, target); }

  // Up, and what it has committed is known.
  bool sound() const { return up() && !loop_->recovering() && unknown_.events.empty(); }
  // Up, and nothing is left to do.
  bool at_rest() const;

 private:
  // The ports.
  loop::CommitOutcome commit(std::span<const Record> records) override;
  Result<Snapshot> snapshot() override;
  Result<std::vector<KnownResult>> known_results() override {
    return context_.disk.known_results();
  }
  Result<Snapshot> reopen() override;
  std::vector<Event> receive(std::size_t most) override;
  void send(const PeerId& worker, CoordinatorFrame frame) override;
  void reply(const PeerId& client, const ClientReply& reply) override;
  Instant now() override;
  std::vector<event::CheckpointArrived> arrived() override;
  void carry_out(const effect::CheckpointSettled& settled) override;
  void carry_out(const effect::CheckpointUnneeded& unneeded) override;
  void reset(std::map<TrialId, StoredCheckpoint> rows) override;
  void committed(const loop::Group& group) override;
  void refused(const loop::Group& group, const loop::CommitOutcome& outcome) override;
  void unsettled(const loop::Group& group) override;

  void wake();
  void wake_in_time();
  void step();
  void after_step();
  void settle_unknown();
  void told(const loop::Group& group);
  void undone(const loop::Group& group);
  bool sends_no_more();
  void die(std::string_view how);
  // Steady time without the gaps that everybody must be forgiven.
  Duration awake() const { return last_look_ - slept_; }
  CoordinatorLoop::Options options() const;
  bool trap_springs(Trap trap);

  Context context_;
  const int number_;
  const std::string name_;
  std::function<void()> died_;
  NodeClock clock_;

  std::optional<CoordinatorLoop> loop_;
  bool frozen_ = false;
  std::uint64_t life_ = 0;       // what was entered in the agenda for an earlier one is void
  Duration entered_{0};          // of wake_in_time(): the valid entry
  std::string_view dying_;       // amid a step, and how; what it still does has no effect
  bool dies_unsettled_ = false;  // amid a commit
  std::optional<std::int64_t> last_effects_;       // before it dies
  std::vector<Event> inbox_;                       // in the socket
  std::vector<event::CheckpointArrived> arrived_;  // in the depot
  bool waking_ = false;
  bool draining_ = false;
  bool ticked_ = false;  // by the step that is under way
  SetTrap trap_;
  Quarantine quarantine_;
  Duration last_look_{0};  // at the clock
  Duration slept_{0};
  loop::Group unknown_;            // committed or not
  std::optional<Snapshot> stale_;  // for a planted bug
};

}  // namespace firesweep::simulation
