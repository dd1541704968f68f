// What one event changes, gathered while it is applied: records to persist, messages to workers,
// replies. Afterwards it becomes the event's effects, records first.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "coordinator/core/scheduler.h"
#include "coordinator/core/worker.h"

namespace firesweep {

class Roster;
class Sweeps;

// Not thread-safe; empty between events.
class Changes {
 public:
  // Of every frame that leaves.
  void set_generation(Generation generation) { generation_ = generation; }
  void persist(Record record) { records_.push_back(std::move(record)); }
  // The trial's row is written as it is at the end of the event, with the error's message, if any.
  void trial(TrialId trial, std::string message = {});
  // The sweep may have come to its end.
  void sweep(SweepId sweep) { sweeps_.insert(sweep); }
  std::set<SweepId> take_sweeps() { return std::exchange(sweeps_, {}); }

  // All messages to a worker leave in one frame; none to one that this coordinator has not heard.
  void tell(const Worker& worker, CoordinatorMessage message);
  // At least an empty frame.
  void answer(const Worker& worker) { messages_[worker.session]; }
  // Outside the numbering of the session's frames.
  void tell_stranger(const PeerId& peer, SessionId session, CoordinatorMessage message);
  // Anything else that leaves.
  void send(Effect effect) { others_.push_back(std::move(effect)); }
  // The worker is forgotten once it has been answered.
  void forget(SessionId session) { departed_.insert(session); }

  // Numbers the frames, removes who departed.
  std::vector<Effect> flush(Sweeps& sweeps, Roster& roster, Instant now);

 private:
  Generation generation_;
  std::vector<Record> records_;
  std::map<SessionId, std::vector<CoordinatorMessage>> messages_;
  std::vector<Effect> others_;
  std::map<TrialId, std::string> trials_;  // with the error's message
  std::set<SweepId> sweeps_;
  std::set<SessionId> departed_;
};

}  // namespace firesweep
