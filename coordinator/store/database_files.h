// The files of a database as the file system sees them: which file it is, whose its companions are,
// what kind of disk holds it. Opens none of them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "shared/base/error.h"

namespace firesweep {

// Which file a path names now.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// Nothing where there is no such file.
std::optional<FileIdentity> identity_of(const std::filesystem::path& path);

// "X-wal" or "X-shm".
std::filesystem::path companion(const std::filesystem::path& database, const char* suffix);

// Whether a write-ahead log with content lies beside it: what it holds is not in the file yet.
bool has_log(const std::filesystem::path& database);

// A companion that this user may not write, left by another user's program: SQLite would say
// "readonly database" at the first commit. kIo names the file, its owner and the remedy.
Result<void> check_companions(const std::filesystem::path& database);

// Why SQLite could not do its work, in words for people: a full disk, one without locks or shared
// memory, a file that may only be read, else SQLite's own. `code` is its extended result code.
std::string trouble_text(const std::filesystem::path& database, int code, const std::string& what);
// The same where it was to be opened for reading alone; the failed connection is closed.
std::string read_trouble_text(const std::filesystem::path& database, int code,
                              const std::string& what);
// Whether that says that the disk is no local one, so that another place is the remedy.
bool names_remote_disk(const std::string& trouble);

// Removes a database that was only just made, with its companions. For a caller that owns it.
void remove_database(const std::filesystem::path& database);

}  // namespace firesweep
