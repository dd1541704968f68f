// A slot of a worker's host: one process after the other, each with a real agent in a loop that
// does what worker/runtime does, and a simulated trainer with checkpoints on the host's disk.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/depot.h"
#include "tests/simulation/network.h"
#include "tests/simulation/promises.h"
#include "tests/simulation/setting.h"
#include "worker/agent/agent.h"

namespace firesweep::simulation {

// A machine with a disk that outlives processes. Plain data.
struct Host {
  std::string name;
  NodeClock clock;
  std::map<std::pair<std::string, std::int64_t>, Checkpoint> checkpoints;  // config hash, seed
  // Newest epoch of each that an agent was told of: what the disk must still hold.
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> told;
};

// Not thread-safe.
class Slot {
 public:
  struct Places {
    Setting& setting;
    Network& network;
    Promises& promises;
    Host& host;
    Depot& depot;
  };
  Slot(Places places, int index, std::string name, std::uint64_t& sessions)
      : places_(places), index_(index), name_(std::move(name)), sessions_(sessions) {}

  // A fresh process; nothing where one lives.
  void start();
  bool alive() const { return agent_.has_value(); }

  void arrive(SocketId socket, const std::string& bytes);
  void kill();
  void drain();
  void freeze();
  void thaw();
  bool frozen() const { return frozen_; }
  // The trainer that runs never comes back.
  bool wedge();
  bool wedged() const { return run_ && run_->wedged; }

  // Nothing runs, nothing waits for an acknowledgement.
  bool at_rest() const { return !agent_ || (!agent_->running() && agent_->unacknowledged() == 0); }
  // Called when the process has ended by itself, with its exit code.
  std::function<void(AgentExit)> left;
  // Called when a checkpoint has arrived whole at the coordinator's machine.
  std::function<void(event::CheckpointArrived, Depot::File)> sent;

 private:
  // One attempt in the training thread.
  struct Run {
    Assign assign;
    Checkpoint at;
    std::int64_t epochs = 0;
    int unit = 0;  // of the epoch
    bool started = false;
    bool stop = false;
    bool wedged = false;
    bool missed = false;       // the coordinator's checkpoint could not be fetched
    std::int64_t uploads = 0;  // so far
    std::optional<std::pair<std::int64_t, Reason>> fails_in;  // epoch
    std::uint64_t turn = 0;  // of the agenda's entries for it, the valid one
  };

  void give(std::vector<AgentEvent> events);
  void carry_out(AgentEffect& effect);
  void tick_at(Duration local);
  void begin(Assign assign);
  void go_on(Duration wait);
  void train();
  void play();
  void end(agent_event::Outcome outcome);
  void complete_epoch();
  std::int64_t upload();
  void fetch();
  agent_event::Outcome result() const;
  agent_event::Outcome failure() const;
  std::pair<std::string, std::int64_t> place(const Assign& assign) const;
  void forget(TrialKey key);
  void gone();
  Instant clock() const { return places_.host.clock.at(places_.setting.agenda.now()); }
  AgentOptions options() const;

  Places places_;
  const int index_;
  const std::string name_;
  std::uint64_t& sessions_;

  std::uint64_t life_ = 0;
  std::optional<Agent> agent_;
  SocketId socket_ = 0;
  std::uint64_t ticks_ = 0;  // the valid entry in the agenda
  bool frozen_ = false;
  std::vector<AgentEvent> waiting_;  // came while the process was stopped
  std::optional<Run> run_;
  std::map<TrialKey, std::pair<std::string, std::int64_t>> finished_;  // checkpoints to forget
};

}  // namespace firesweep::simulation
