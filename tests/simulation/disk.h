// The database of a simulated coordinator: the real Store on real SQLite, on a disk that can fail.
#pragma once

#include <memory>
#include <span>
#include <stdexcept>

#include "coordinator/store/store.h"
#include "tests/simulation/audit.h"
#include "tests/simulation/random.h"

namespace firesweep::simulation {

inline constexpr Generation kFirstGeneration{1};

// A commit whose outcome the coordinator cannot know.
class DiskFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class CommitFault {
  kNone,
  kFailsDone,     // reported as failed, and on the disk
  kFailsNotDone,  // reported as failed, and not on the disk
  kDies,          // the process ends amid it
};

// Single-threaded.
class Disk {
 public:
  virtual ~Disk() = default;

  // A copy of what the database holds, made while its process has it.
  class Backup {
   public:
    virtual ~Backup() = default;
  };
  virtual std::shared_ptr<const Backup> back_up() = 0;
  // The database is what it was then, in this generation. No process has it.
  virtual void restore(const Backup& backup, Generation generation) = 0;

  // An empty database, of no process, in the first generation.
  virtual void clear() = 0;
  // A process takes it; nothing where one has it.
  virtual void open() = 0;
  // The process that has it is killed; perhaps the whole machine loses its power.
  virtual void kill(Random& random) = 0;
  // Throws DiskFailure as far as `fault` can be brought about, and what Store::commit throws.
  virtual void commit(std::span<const Record> records, CommitFault fault, Random& random) = 0;
  virtual void reopen() = 0;
  virtual Snapshot snapshot() const = 0;
  virtual std::vector<KnownResult> known_results() const = 0;
  // Looks at what an opened database holds.
  virtual Auditor& auditor() = 0;
};

// In memory, for the calling thread: opened once and emptied between seeds, since opening one takes
// longer than simulating with it. Faults come as they are asked for.
std::unique_ptr<Disk> make_memory_disk();

// On files that lose and tear what was not synchronised, for the calling thread. A fault strikes
// one of the writes or synchronisations of the commit; what that means for the commit is SQLite's
// to say.
std::unique_ptr<Disk> make_torn_disk();

}  // namespace firesweep::simulation
