#include "coordinator/cli/private_folder.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "shared/transport/address.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "firesweep-";
constexpr std::size_t kRandom = 6;  // characters that mkdtemp chooses
constexpr const char* kSocket = "run";
constexpr std::chrono::minutes kYoung{1};  // may be about to get its socket

tl::unexpected<Error> unusable(const fs::path& folder, const std::string& why) {
  const bool given = std::getenv("TMPDIR") != nullptr;
  return fail(ErrorCode::kIo, (given ? "TMPDIR " : "") + folder.string(),
              "cannot hold temporary files: " + why,
              "set TMPDIR to a folder that you may write, such as TMPDIR=/tmp");
}

// A process listens on it.
bool is_served(const fs::path& socket) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (socket.native().size() >= sizeof name.sun_path) return true;
  ::memcpy(name.sun_path, socket.c_str(), socket.native().size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return true;
  const bool gone = ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 &&
                    (errno == ECONNREFUSED || errno == ENOENT);
  ::close(fd);
  return !gone;
}

// Left by a run of this user that was killed: ours by name, owner and content, and nobody listens.
bool is_stale(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (!name.starts_with(kPrefix) || name.size() != std::string(kPrefix).size() + kRandom) {
    return false;
  }
  struct stat status{};
  if (::lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) ||
      status.st_uid != ::getuid()) {
    return false;
  }
  const auto age =
      std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(status.st_mtime);
  std::error_code error;
  bool holds_socket = false;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename() != kSocket || !it->is_socket(error)) return false;
    holds_socket = true;
  }
  if (error) return false;
  return holds_socket ? !is_served(folder / kSocket) : age > kYoung;
}

void remove_stale(const fs::path& temporary) {
  std::error_code error;
  for (fs::directory_iterator it(temporary, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (is_stale(it->path())) fs::remove_all(it->path(), ignored);
  }
}

}  // namespace

Result<PrivateFolder> PrivateFolder::make() {
  const char* given = std::getenv("TMPDIR");
  std::error_code error;
  const fs::path temporary = fs::temp_directory_path(error);
  if (error) return unusable(given == nullptr ? "/tmp" : given, error.message());
  std::string path = (temporary / (kPrefix + std::string(kRandom, 'X'))).string();
  if (path.size() + 1 + std::string(kSocket).size() > kMaxIpcPathBytes) {
    return unusable(temporary, "its path is too long for a socket");
  }
  remove_stale(temporary);
  if (::mkdtemp(path.data()) == nullptr) return unusable(temporary, ::strerror(errno));
  return PrivateFolder(path);
}

PrivateFolder::PrivateFolder(PrivateFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

std::string PrivateFolder::endpoint() const { return "ipc://" + (path_ / kSocket).string(); }

}  // namespace firesweep
