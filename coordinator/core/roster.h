// Who works here: every worker by its session, how far each session was heard, and who has left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "coordinator/core/worker.h"

namespace firesweep {

// Not thread-safe. References to a Worker stay valid until it is removed.
class Roster {
 public:
  explicit Roster(HeardFrames heard = {}) : heard_(std::move(heard)) {}

  // The worker of that session, or null.
  Worker* find(SessionId session);
  // The same, made where it is not known.
  Worker& enter(SessionId session, Duration now);
  // What it has cost remains in gone().
  void remove(SessionId session);
  std::map<SessionId, Worker>& workers() { return workers_; }
  const std::map<SessionId, Worker>& workers() const { return workers_; }

  // Of the workers that were removed, all together.
  struct Gone {
    std::int64_t workers = 0;
    Duration present{0};
    Duration trained{0};
  };
  const Gone& gone() const { return gone_; }

  // A session that is over for good.
  void note_left(SessionId session, Duration now);
  bool has_left(SessionId session) const { return left_.contains(session); }

  // How far its frames have come, also those that the scheduler before this one heard.
  std::optional<std::uint64_t> heard(SessionId session) const;
  void note_heard(SessionId session, std::uint64_t sequence, Duration now) {
    heard_[session] = {sequence, now};
  }
  const HeardFrames& heard() const { return heard_; }
  // Of sessions whose frames cannot be on their way any more.
  void forget_before(Duration time);

  // The coordinator was suspended: nobody was silent meanwhile.
  void extend(Duration gap);

 private:
  std::map<SessionId, Worker> workers_;
  Gone gone_;
  HeardFrames heard_;
  std::map<SessionId, Duration> left_;  // and when
};

}  // namespace firesweep
