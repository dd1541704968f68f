// The ports of the coordinator's loop: a database, a socket, a clock, a folder of checkpoints, and
// an observer. coordinator/server has the real ones; tests/simulation has ones that fail on
// purpose.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "coordinator/core/scheduler.h"
#include "shared/base/clock.h"
#include "shared/base/error.h"
#include "shared/domain/records.h"
#include "shared/domain/snapshot.h"

namespace firesweep::loop {

// The outcome of a commit.
struct CommitOutcome {
  enum class Kind {
    kDurable,
    kRefused,  // a record contradicts what the database holds: nothing of the group is written
    kUnknown,  // it failed: all of it is there, or nothing
  };
  Kind kind = Kind::kDurable;
  std::string why;   // for people; empty if it is durable
  std::string hint;  // what they can do
};

// The database file. Members throw only if no later attempt can succeed.
class Database {
 public:
  virtual ~Database() = default;
  // Writes all records in one transaction.
  virtual CommitOutcome commit(std::span<const Record> records) = 0;
  // Reads its content; the error's `what` explains the failure.
  virtual Result<Snapshot> snapshot() = 0;
  // The results that other trials may take; errors likewise.
  virtual Result<std::vector<KnownResult>> known_results() = 0;
  // Opens the file again and reads it. This tells the outcome of a commit that was unknown.
  virtual Result<Snapshot> reopen() = 0;
};

class Socket {
 public:
  virtual ~Socket() = default;
  // The events that have arrived, at most `most`, without waiting.
  virtual std::vector<Event> receive(std::size_t most) = 0;
  // Frames may be lost.
  virtual void send(const PeerId& worker, CoordinatorFrame frame) = 0;
  virtual void reply(const PeerId& client, const ClientReply& reply) = 0;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
};

// The folder of the checkpoints that workers upload.
class Folder {
 public:
  virtual ~Folder() = default;
  // The checkpoints that became complete on disk since the last call. The scheduler judges them.
  virtual std::vector<event::CheckpointArrived> arrived() = 0;
  // Carries out the decision of a commit.
  virtual void carry_out(const effect::CheckpointSettled& settled) = 0;
  virtual void carry_out(const effect::CheckpointUnneeded& unneeded) = 0;
  // The rows with which a new scheduler starts. Checkpoints that were not settled are judged when
  // they are offered again.
  virtual void reset(std::map<TrialId, StoredCheckpoint> rows) = 0;
};

// Events that were applied together, and their records.
struct Group {
  std::vector<Event> events;
  std::vector<Record> records;    // of all
  std::vector<std::size_t> ends;  // by event: where its records end

  // The records of one event, by its index.
  std::span<const Record> records_of(std::size_t event) const {
    const std::size_t begin = event == 0 ? 0 : ends[event - 1];
    return std::span(records).subspan(begin, ends[event] - begin);
  }
};

// Is called with the outcome of every group, before anything else happens.
class Observer {
 public:
  virtual ~Observer() = default;
  // All of it is durable, and will be answered.
  virtual void committed(const Group& group) = 0;
  // The database refused a record of the group, and nothing is written. The events of a group are
  // then applied again one by one; a single event is dropped.
  virtual void refused(const Group& group, const CommitOutcome& outcome) = 0;
  // It is not known whether the group is durable, until the database is read again.
  virtual void unsettled(const Group& group) = 0;
};

}  // namespace firesweep::loop
