// The lock file beside a database. It names the process that owns the database, and its address.
// This class never touches the database file itself.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "shared/base/error.h"

namespace firesweep {

// The content of a lock file: the lines "pid 1234" and "address tcp://…".
struct LockOwner {
  pid_t pid = 0;
  std::string address;  // empty until published
};

// The process that owns the database now, or nothing. The lock file of a dead process does not
// count. Never waits, takes no lock. Safe from any thread.
std::optional<LockOwner> find_owner(const std::filesystem::path& database);

// Exclusive ownership of a database during the object's lifetime. If the process is killed, the
// ownership ends at once. Single-threaded.
class DatabaseLock {
 public:
  // Takes `database`.lock and writes this process's id into it. Errors: kConflict with the owner's
  // pid and address; kIo where the file cannot be written. On error nothing is changed. Does not
  // wait.
  static Result<DatabaseLock> take(const std::filesystem::path& database);

  DatabaseLock(DatabaseLock&& other) noexcept;
  DatabaseLock& operator=(DatabaseLock&& other) noexcept;
  // Removes the file and releases the lock.
  ~DatabaseLock();

  // Adds the address to the file. Throws std::system_error if it cannot be written; the lock is
  // kept.
  void publish_address(const std::string& address);

 private:
  DatabaseLock(std::filesystem::path path, int descriptor);
  void write(const std::string& text) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace firesweep
