// A slot of a worker's host: one process after the other, each with a real agent in its real loop,
// and around it a simulated socket, clock, trainer, disk and courier of checkpoints.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/simulation/depot.h"
#include "tests/simulation/network.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/setting.h"
#include "tests/simulation/training.h"
#include "worker/agent/agent_loop.h"

namespace firesweep::simulation {

// Of checkpoints: dataset, config hash, seed.
using Place = std::tuple<std::string, std::string, std::int64_t>;

// A machine with a disk that outlives processes. Plain data.
struct Host {
  std::string name;
  NodeClock clock;
  std::map<Place, Checkpoint> checkpoints;
  // Newest epoch of each that an agent was told of: what the disk must still hold.
  std::map<Place, std::int64_t> told;
};

// Not thread-safe.
class Slot final : agent_port::Socket,
                   agent_port::Trainer,
                   agent_port::Checkpoints,
                   agent_port::Clock {
 public:
  struct Context {
    Setting& setting;
    Network& network;
    Promises& promises;
    Host& host;
    Depot& depot;
  };
  Slot(Context context, int index, std::string name, std::uint64_t& sessions)
      : context_(context), index_(index), name_(std::move(name)), sessions_(sessions) {}

  // A fresh process; nothing where one lives.
  void start();
  bool alive() const { return loop_.has_value(); }

  void arrive(SocketId socket, const std::string& bytes);
  void kill();
  // It dies in the next turn of its loop that has more than so many effects, after those. Nothing:
  // it does not.
  void kill_amid_effects(std::optional<int> after) { dies_after_ = after; }
  void drain();
  void freeze();
  void thaw();
  bool frozen() const { return frozen_; }
  // The trainer that runs never comes back.
  bool wedge();
  bool wedged() const { return run_ && run_->wedged; }

  // Nothing runs, nothing waits for an acknowledgement.
  bool at_rest() const { return !loop_ || (!agent().running() && agent().unacknowledged() == 0); }
  // Called when the process has ended by itself, with its exit code.
  std::function<void(AgentExit)> left;
  // Called when it was killed amid its effects.
  std::function<void()> died;
  // Called when a checkpoint has arrived whole at the coordinator's machine.
  std::function<void(event::CheckpointArrived, Depot::File)> sent;

 private:
  // One attempt in the training thread.
  struct Run {
    Assign assign;
    Training training;
    Checkpoint at;
    std::int64_t epochs = 0;
    int unit = 0;  // of the epoch
    bool started = false;
    bool stop = false;
    bool wedged = false;
    bool missed = false;         // a checkpoint that there was or had been
    std::optional<TrialKey> as;  // it began from the checkpoint of this one
    std::int64_t uploads = 0;    // so far
    std::optional<std::pair<std::int64_t, Reason>> fails_in;  // epoch
    std::uint64_t turn = 0;  // of the agenda's entries for it, the valid one
  };

  // What a process has of checkpoints that travel. It may outlive the process by a while.
  struct Courier {
    std::string address;          // by the coordinator's word; empty: not known
    Generation generation;        // likewise
    std::set<TrialKey> promised;  // handed back, and on their way
    std::optional<Duration>
        until;  // its process has ended: what was promised may travel until then
  };

  // The ports.
  std::vector<AgentEvent> receive(std::size_t most) override;
  void send(WorkerFrame frame) override;
  void reconnect() override;
  void close() override;
  std::vector<AgentEvent> take() override;
  void start(Assign assign) override;
  void stop(TrialKey key) override;
  void learn(const Welcome& welcome, Generation generation) override;
  void forget(TrialKey key) override;
  void finish() override;
  Instant now() override { return context_.host.clock.at(context_.setting.agenda.now()); }

  const Agent& agent() const { return loop_->agent(); }
  void wake();
  void wake_in_time();
  void step();
  void end_step();
  bool acts_no_more();
  void gone();

  void tell(AgentEvent event);
  void go_on(Duration wait);
  void train();
  void play();
  void end(agent_event::Outcome outcome);
  void complete_epoch();
  std::int64_t upload(bool last);
  void fetch();
  std::optional<Checkpoint> fetched(TrialId trial, const Place& of) const;
  void begin_as_earlier();
  void tell_epoch();
  agent_event::Outcome result() const;
  agent_event::Outcome failure() const;
  Place place(const Assign& assign) const;
  AgentOptions options() const;

  Context context_;
  const int index_;
  const std::string name_;
  std::uint64_t& sessions_;

  std::uint64_t life_ = 0;  // what was entered in the agenda for an earlier one is void
  std::optional<AgentLoop> loop_;
  bool frozen_ = false;
  bool waking_ = false;
  std::optional<Duration> entered_;  // of wake_in_time(): the valid entry
  std::optional<int> dies_after_;    // so many effects of one turn
  int effects_ = 0;                  // of the turn that is under way
  bool dying_ = false;               // amid a turn; what it still does has no effect

  SocketId socket_ = 0;
  std::vector<AgentEvent> inbox_;  // in the socket
  std::optional<Duration> heard_;  // when something last lay there, by this host's clock

  std::optional<Run> run_;
  std::vector<AgentEvent> news_;                  // of the trainer, not yet taken
  std::optional<agent_event::TrainerUnit> unit_;  // the newest
  std::shared_ptr<Courier> courier_;
  struct Finished {
    Place place;
    bool may_be_continued = false;
  };
  std::map<TrialKey, Finished> finished_;  // checkpoints to forget, unless longer trials use them
};

}  // namespace firesweep::simulation
