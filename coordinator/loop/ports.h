// What the coordinator's loop needs of the world: a database, a socket, a clock, a folder of
// checkpoints, and somebody to tell. coordinator/server has the real ones, tests/simulation those
// that fail on purpose.
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

// What became of a commit.
struct CommitOutcome {
  enum class Kind {
    kDurable,
    kRefused,  // a record contradicts what the database holds: nothing of the group is written
    kUnknown,  // it failed: all of it is there, or nothing
  };
  Kind kind = Kind::kDurable;
  std::string why;   // in words for people; empty where it is durable
  std::string hint;  // what they can do
};

// The file that outlives the process. Members throw only what no later attempt can mend.
class Database {
 public:
  virtual ~Database() = default;
  // Writes all records in one transaction.
  virtual CommitOutcome commit(std::span<const Record> records) = 0;
  // Reads what it holds; the error's `what` says in words what is in the way.
  virtual Result<Snapshot> snapshot() = 0;
  // The same, after it was opened anew: settles a commit of unknown outcome.
  virtual Result<Snapshot> reopen() = 0;
};

class Socket {
 public:
  virtual ~Socket() = default;
  // What has arrived, at most so many, without waiting.
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

// Where checkpoints lie that workers send in.
class Folder {
 public:
  virtual ~Folder() = default;
  // Those that lie whole on the disk since the last call, to be judged.
  virtual std::vector<event::CheckpointArrived> arrived() = 0;
  // What a commit decided.
  virtual void carry_out(const effect::CheckpointSettled& settled) = 0;
  virtual void carry_out(const effect::CheckpointUnneeded& unneeded) = 0;
  // The rows as a new scheduler finds them. What was not settled is judged again when it is offered
  // again.
  virtual void reset(std::map<TrialId, StoredCheckpoint> rows) = 0;
};

// Events that were applied together, and what of them is to be durable.
struct Group {
  std::vector<Event> events;
  std::vector<Record> records;    // of all
  std::vector<std::size_t> ends;  // by event: where its records end

  // The records of one event, by its place.
  std::span<const Record> records_of(std::size_t event) const {
    const std::size_t begin = event == 0 ? 0 : ends[event - 1];
    return std::span(records).subspan(begin, ends[event] - begin);
  }
};

// Is told what happens to every group, before anything else does.
class Observer {
 public:
  virtual ~Observer() = default;
  // All of it is durable, and will be answered.
  virtual void committed(const Group& group) = 0;
  // The database refuses a record of it, and nothing is written. A group of several events is
  // applied again, each event by itself; a single one is dropped.
  virtual void refused(const Group& group, const CommitOutcome& outcome) = 0;
  // Nobody knows what of it is durable, until the database is read again.
  virtual void unsettled(const Group& group) = 0;
};

}  // namespace firesweep::loop
