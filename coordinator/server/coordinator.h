// The loop around the scheduler: it owns the database's writer, the socket and the clock. One step
// receives a group of messages, applies them, commits what they persist in one transaction, and
// only then answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "coordinator/core/scheduler.h"
#include "coordinator/server/checkpoint_server.h"
#include "coordinator/store/store.h"
#include "shared/base/error.h"
#include "shared/transport/router_socket.h"

namespace firesweep {

// Is told what became durable, after each commit, on the loop's thread.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void committed(std::span<const Record> records) = 0;
};

// Counted since the start; shown by `status`.
struct Counters {
  std::int64_t frames = 0;
  std::int64_t malformed = 0;  // refused by the decoder
  std::int64_t commits = 0;
  std::int64_t records = 0;
  std::int64_t failed_commits = 0;
  std::int64_t quarantined_events = 0;  // would have violated a constraint of the database
};

// Single-threaded: whoever calls step() owns it. step() never waits longer than it was told: a
// database that fails is reopened and retried with back-off from later steps. Meanwhile workers are
// left unanswered, they keep training and repeat themselves; `status`, queries and overview() say
// what is in the way. step() throws what the socket throws, and DatabaseGone.
class Coordinator {
 public:
  // `checkpoints` may be null: then none travel.
  Coordinator(Store store, RouterSocket socket, std::filesystem::path database,
              SchedulerOptions options, std::unique_ptr<CheckpointServer> checkpoints = nullptr);
  ~Coordinator();

  // Waits at most `longest` for messages, then applies, commits and answers one group.
  void step(std::chrono::milliseconds longest);

  // Submits from within the process (`run`). The reply is what a client would get.
  ClientReply submit(std::shared_ptr<const FrozenSweep> frozen);
  // Running trials are told to checkpoint and hand back, then workers to leave.
  void drain();

  void observe(Observer* observer) { observer_ = observer; }
  // With what keeps the database from being written, in words; empty where nothing does.
  Overview overview() const;
  const std::string& trouble() const { return trouble_; }
  bool idle() const { return scheduler_.idle(); }
  bool awaits_checkpoints() const { return scheduler_.awaits_checkpoints(system_now()); }
  const Counters& counters() const { return counters_; }
  const std::string& endpoint() const { return endpoint_; }

 private:
  std::vector<Event> receive(std::chrono::milliseconds longest);
  void take(const PeerId& peer, const std::string& bytes, std::vector<Event>& events);
  void apply(const std::vector<Event>& events);
  void apply_one_by_one(const std::vector<Event>& events);
  void send(std::vector<Effect>& effects);
  void reply(const PeerId& peer, const ClientReply& reply);
  void tidy(bool quiet);
  void rebuild();
  void suffer(const std::exception& failure);
  void refuse(const std::vector<Event>& events, const std::string& why);
  void tell_clients(const std::vector<Event>& events, const Error& error);
  bool rebuilt();
  bool recovered();
  ClientReply answer(const request::Status& request);
  ClientReply answer(const request::Query& request);

  Store store_;
  RouterSocket socket_;
  std::filesystem::path database_;
  SchedulerOptions options_;
  std::unique_ptr<CheckpointServer> checkpoints_;
  Scheduler scheduler_;
  std::string endpoint_;
  Counters counters_;
  Observer* observer_ = nullptr;
  Instant last_tick_;
  std::string trouble_;      // until a commit succeeds
  bool recovering_ = false;  // the scheduler stands for nothing until it is rebuilt
  Duration retry_at_{0};
  std::chrono::milliseconds back_off_{0};
  ClientReply own_reply_;  // to the peer that is this process itself
  bool draining_ = false;
  bool drain_again_ = false;                      // a scheduler made anew must be told again
  std::shared_ptr<const FrozenSweep> submitted_;  // by this process itself
};

}  // namespace firesweep
