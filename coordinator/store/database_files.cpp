#include "coordinator/store/database_files.h"

#include <fcntl.h>
#include <pwd.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace firesweep {
namespace {

constexpr const char* kCompanions[] = {"-wal", "-shm"};
constexpr const char* kRemote = " is not on a local disk: its file system has no ";
constexpr std::uintmax_t kNoRoom = std::uintmax_t{64}
                                   << 10;  // bytes left at which a disk is called full

bool is_full(const std::filesystem::path& database) {
  struct statvfs status{};
  const std::filesystem::path folder = std::filesystem::absolute(database).parent_path();
  return ::statvfs(folder.c_str(), &status) == 0 &&
         static_cast<std::uintmax_t>(status.f_bavail) * status.f_frsize < kNoRoom;
}

std::string user_name(uid_t user) {
  const passwd* entry = ::getpwuid(user);
  return entry == nullptr
             ? "user " + std::to_string(user)
             : "user " + std::string(entry->pw_name) + " (" + std::to_string(user) + ")";
}

// SQLite takes a refused lock for one that another program holds. Asked by a descriptor of its own:
// for a file that this process has not open otherwise.
bool has_no_locks(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct flock far_off{};
  far_off.l_type = F_RDLCK;
  far_off.l_whence = SEEK_SET;
  far_off.l_start = std::int64_t{1} << 40;
  far_off.l_len = 1;
  const bool refused = ::fcntl(descriptor, F_OFD_SETLK, &far_off) != 0;
  const bool none = refused && (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS);
  ::close(descriptor);
  return none;
}

}  // namespace

std::optional<FileIdentity> identity_of(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

std::filesystem::path companion(const std::filesystem::path& database, const char* suffix) {
  std::filesystem::path path = database;
  path += suffix;
  return path;
}

bool has_log(const std::filesystem::path& database) {
  struct stat status{};
  return ::stat(companion(database, "-wal").c_str(), &status) == 0 && status.st_size > 0;
}

Result<void> check_companions(const std::filesystem::path& database) {
  for (const char* suffix : kCompanions) {
    const std::filesystem::path path = companion(database, suffix);
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0 || ::eaccess(path.c_str(), W_OK) == 0) continue;
    const bool needed = std::string_view(suffix) == "-wal" && status.st_size > 0;
    return fail(ErrorCode::kIo, path.string(),
                "belongs to " + user_name(status.st_uid) + " and cannot be written, so nothing " +
                    "could be kept in " + database.string(),
                needed ? "it holds commits: let " + user_name(status.st_uid) +
                             " open the database once and close it, or make the file writable"
                       : "remove it when no process reads the database: rm " + path.string());
  }
  return {};
}

std::string trouble_text(const std::filesystem::path& database, int code, const std::string& what) {
  const std::string file = database.string();
  const int kind = code & 0xFF;
  if (kind == SQLITE_FULL || (kind == SQLITE_IOERR && is_full(database))) {
    return "the disk of " + file + " is full";
  }
  if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED) {
    return "another program has an open write transaction on " + file;
  }
  if (code == SQLITE_IOERR_SHMMAP || code == SQLITE_IOERR_SHMOPEN || code == SQLITE_IOERR_SHMSIZE ||
      code == SQLITE_IOERR_SHMLOCK) {
    return file + kRemote + "shared memory";
  }
  if (code == SQLITE_IOERR_LOCK || code == SQLITE_IOERR_RDLOCK || code == SQLITE_IOERR_UNLOCK ||
      code == SQLITE_IOERR_CHECKRESERVEDLOCK || kind == SQLITE_NOLFS) {
    return file + kRemote + "locks";
  }
  if (kind == SQLITE_READONLY) {
    const auto companions = check_companions(database);
    return companions ? file + " may only be read" : to_string(companions.error());
  }
  return file + " cannot be written (" + what + ")";
}

std::string read_trouble_text(const std::filesystem::path& database, int code,
                              const std::string& what) {
  if ((code & 0xFF) == SQLITE_BUSY && has_no_locks(database))
    return database.string() + kRemote + "locks";
  return trouble_text(database, code, what);
}

bool names_remote_disk(const std::string& trouble) {
  return trouble.find(kRemote) != std::string::npos;
}

void remove_database(const std::filesystem::path& database) {
  std::error_code ignored;
  std::filesystem::remove(database, ignored);
  for (const char* suffix : kCompanions) {
    std::filesystem::remove(companion(database, suffix), ignored);
  }
}

}  // namespace firesweep
