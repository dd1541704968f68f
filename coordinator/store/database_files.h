// The files of a database in the file system: the database's identity, the owners of its companion
// files, and the kind of disk. Does not open any of them as a database.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "shared/base/error.h"

namespace firesweep {

// Identifies the file that a path names now.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// Nothing if there is no such file.
std::optional<FileIdentity> identity_of(const std::filesystem::path& path);

// "X-wal" or "X-shm".
std::filesystem::path companion(const std::filesystem::path& database, const char* suffix);

// Whether a non-empty write-ahead log lies beside the database. Its content is not in the file yet.
bool has_log(const std::filesystem::path& database);

// Checks that this user may write the companion files. If another user's program left one, SQLite
// would only say "readonly database" at the first commit. kIo names the file, its owner and what to
// do.
Result<void> check_companions(const std::filesystem::path& database);

// A message that explains a failure of SQLite: a full disk, a disk without locks or shared memory,
// a read-only file; else SQLite's own message. `code` is its extended result code.
std::string trouble_text(const std::filesystem::path& database, int code, const std::string& what);
// The same where it was to be opened for reading alone; the failed connection is closed.
std::string read_trouble_text(const std::filesystem::path& database, int code,
                              const std::string& what);
// Whether that says that the disk is no local one, so that another place is the remedy.
bool names_remote_disk(const std::string& trouble);

// Removes a database that was just created, with its companion files. Only for its owner.
void remove_database(const std::filesystem::path& database);

}  // namespace firesweep
