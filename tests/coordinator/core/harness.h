// A scheduler with a clock to turn, a file to restart from, and workers that speak when told to.
// What a test reads is the last event's effects.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/core/scheduler.h"
#include "tests/coordinator/core/memory_store.h"

namespace firesweep::testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A simulated sweep over lr with so many values; one seed.
std::shared_ptr<FrozenSweep> make_sweep(int trials, std::string name = "s");

// A worker that can run everything simulated, and torch on the named datasets.
Capabilities able();

class Harness;

// The worker's side of a session, without any behaviour of its own: it keeps the books a real one
// keeps.
class FakeWorker {
 public:
  FakeWorker(Harness& harness, std::uint64_t session, std::string name);

  // Each sends one frame and lets the scheduler answer.
  void hello();
  void reconnect();  // a fresh socket, then Hello
  void heartbeat();
  void goodbye();
  void started(TrialKey key, std::int64_t from_epoch = 0);
  void progressed(TrialKey key, std::int64_t epoch, double took_s = 1.0);
  void finished(TrialKey key, double val_accuracy = 0.5);
  void errored(TrialKey key, Reason reason, std::int64_t checkpoint_epoch = 0);
  void handed_back(TrialKey key, std::int64_t checkpoint_epoch = 0);
  void returned(TrialKey key);
  void report(TrialKey key, ReportBody body);
  void repeat_last_report();
  void send(std::vector<WorkerMessage> messages);
  // A frame of that number, held back until now on an older socket.
  void send_late(std::uint64_t frame, const PeerId& by, std::vector<WorkerMessage> messages);

  // What the coordinator sent, newest frame's messages of a kind since the last event.
  template <class Message>
  std::vector<Message> got() const {
    std::vector<Message> found;
    for (const CoordinatorMessage& message : inbox) {
      if (const auto* one = std::get_if<Message>(&message)) found.push_back(*one);
    }
    return found;
  }
  // Key of the one Assign received by the last event; a failure and a zero key where there is none.
  TrialKey assigned() const;
  // It holds nothing any more, and has nothing to report.
  void forget_all() {
    held.clear();
    ending_.clear();
  }
  std::optional<Verdict> verdict() const;  // of the last Ack of the last event

  SessionId session;
  PeerId peer;
  Hello greeting;
  std::uint64_t last_sequence = 0;
  std::uint64_t progress = 0;
  std::uint64_t reports = 0;
  std::uint64_t frames = 0;               // sent
  std::map<TrialKey, bool> held;          // key → started
  std::vector<CoordinatorMessage> inbox;  // of the last event
  std::optional<Generation> generation;   // of its frames
  Generation told_generation;             // of the newest frame that it got
  bool deaf = false;                      // frames sent to it are lost

 private:
  friend class Harness;
  void receive(const CoordinatorFrame& frame);
  std::vector<HeldTrial> holding() const;

  Harness& harness_;
  std::optional<Report> last_report_;
  std::map<std::uint64_t, TrialKey> ending_;  // reports that ended a trial
};

class Harness {
 public:
  Harness();
  explicit Harness(SchedulerOptions options);

  // Applies one event: stores what persists, then delivers what is sent.
  std::vector<Effect> on(const Event& event);
  // Turns the clock by ticks of half a second. Workers listed beat meanwhile.
  void pass(Duration time, std::vector<FakeWorker*> beating = {});
  // One jump of the clock and one tick: the coordinator was suspended.
  void suspend(Duration time);
  // A new scheduler from what was stored.
  void restart();
  // The same within one process, as after a commit of unknown outcome.
  void read_again();

  ClientReply submit(std::shared_ptr<const FrozenSweep> frozen);
  ClientReply steer(request::Verb verb, std::optional<TrialId> trial = {}, SweepId sweep = {1});
  ClientReply cancel(SweepId sweep, std::optional<TrialId> trial = {});
  ClientReply extend(std::shared_ptr<const FrozenSweep> frozen, SweepId sweep = {1});
  ClientReply widen(Widening by, SweepId sweep = {1});
  ClientReply release(const std::string& worker);
  void drain() { on(event::DrainRequested{}); }

  TrialState state(std::int64_t number, std::int64_t sweep = 1) const;
  const StoredTrial& stored(std::int64_t number, std::int64_t sweep = 1) const;
  SweepState sweep_state(std::int64_t sweep = 1) const;
  SweepOverview picture(std::int64_t sweep = 1) const;
  WorkerOverview picture(const std::string& worker) const;
  template <class T>
  std::vector<T> persisted() const {  // by the last event
    std::vector<T> found;
    for (const Record& record : records) {
      if (const auto* one = std::get_if<T>(&record)) found.push_back(*one);
    }
    return found;
  }

  void attach(FakeWorker* worker) { workers_.push_back(worker); }

  SchedulerOptions options;
  Instant now;
  MemoryStore store;
  Scheduler scheduler;
  std::vector<Record> records;  // of the last event

 private:
  std::vector<FakeWorker*> workers_;
  ClientReply answer();  // to the request just made

  std::optional<ClientReply> reply_;
};

// The answer of that kind; a failure of the test, and an empty one, where it is another.
template <class Answer>
Answer answer_in(const ClientReply& reply) {
  const Answer* answer = reply ? std::get_if<Answer>(&*reply) : nullptr;
  EXPECT_NE(answer, nullptr) << (reply ? "another answer" : to_string(reply.error()));
  return answer == nullptr ? Answer{} : *answer;
}
// The error's code; nothing where there is none.
inline std::optional<ErrorCode> refused(const ClientReply& reply) {
  return reply ? std::nullopt : std::optional(reply.error().code);
}

SchedulerOptions test_options();
TrialResult result_of(double val_accuracy);

}  // namespace firesweep::testing
