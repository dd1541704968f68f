// The lock file beside a database: who owns it, and where to reach them. It owns the file's
// descriptor and its text; the database file itself it never touches.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "shared/base/error.h"

namespace firesweep {

// What a lock file says: "pid 1234" and "address tcp://…", a line each.
struct LockOwner {
  pid_t pid = 0;
  std::string address;  // empty until published
};

// The process that owns the database now, or nothing: a file left by a dead process owns nothing.
// Never waits, takes no lock. Safe from any thread.
std::optional<LockOwner> find_owner(const std::filesystem::path& database);

// Exclusive ownership of a database while it lives; a killed process loses it at once.
// Single-threaded.
class DatabaseLock {
 public:
  // Takes `database`.lock and writes this process's id into it. Errors: kConflict with the owner's
  // pid and address; kIo where the file cannot be written. On error nothing is changed. Does not
  // wait.
  static Result<DatabaseLock> take(const std::filesystem::path& database);

  DatabaseLock(DatabaseLock&& other) noexcept;
  DatabaseLock& operator=(DatabaseLock&& other) noexcept;
  // Removes the file and gives the lock up.
  ~DatabaseLock();

  // Adds the address to the file. Throws std::system_error where it cannot be written; the lock is
  // kept.
  void publish_address(const std::string& address);

 private:
  DatabaseLock(std::filesystem::path path, int descriptor);
  void write(const std::string& text) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace firesweep
