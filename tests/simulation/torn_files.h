// Files as a machine without a battery has them: what was written is seen at once, and is lost or
// torn with the power unless it was synchronised. Given to SQLite as its file system (VFS) for the
// paths of one folder; all other paths go to the system.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/random.h"

namespace firesweep::simulation {

// A folder of files, as long as it lives. Single-threaded: SQLite must use them on the thread that
// made it.
class TornFiles {
 public:
  TornFiles();
  TornFiles(const TornFiles&) = delete;
  TornFiles& operator=(const TornFiles&) = delete;
  ~TornFiles();

  // Names below this folder are here; the folder itself exists on the system, for lock files.
  const std::string& folder() const { return folder_; }

  // Every file as it was when kept(); nothing is under way.
  using Image = std::map<std::string, std::string>;
  Image image() const;
  void restore(const Image& image);

  // Writing fails once, with the operation of that number from now (1: the next).
  void fail_in(int operations) { fail_in_ = operations; }
  // From that operation on nothing reaches the disk: the process is as good as dead.
  void die_in(int operations) { die_in_ = operations; }
  // What was to fail fails no more. True where something has failed since it was asked for.
  bool settle();
  // Nothing reaches the disk any more; for closing files of a process that was killed.
  void set_dead(bool dead) { dead_ = dead; }
  // What lay in memory between processes goes with the last of them.
  void forget_shared();
  // Each write that was not synchronised is kept, torn at a sector, or lost.
  void lose_power(Random& random);

  // ---- for the file system
  struct Change {
    std::int64_t offset = 0;
    std::string bytes;         // written there, or
    std::int64_t cut_to = -1;  // cut back to this size
  };
  struct File {
    std::string now;      // as everybody sees it
    std::string durable;  // as of the last synchronisation
    std::vector<Change> changes;
    std::vector<std::vector<char>> shared;  // WAL index, lost with the process
  };
  File* find(const std::string& name);
  File& make(const std::string& name) { return files_[name]; }
  void remove(const std::string& name) { files_.erase(name); }
  // May this operation reach the disk? Counts it.
  bool passes();
  void write(File& file, std::int64_t offset, std::string bytes);
  void cut(File& file, std::int64_t size);
  void synchronise(File& file);

 private:
  std::string folder_;
  std::map<std::string, File> files_;
  int fail_in_ = 0, die_in_ = 0;
  bool failed_ = false;
  bool dead_ = false;
};

}  // namespace firesweep::simulation
