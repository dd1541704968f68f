#include "tests/e2e/chaos_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

namespace firesweep::e2e {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kPage = 4096;

bool write_line(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

// Root makes a mount namespace at once; anybody else inside a user namespace in which he keeps his
// own ids.
bool enter_own_mounts() {
  if (::unshare(CLONE_NEWNS) == 0) return true;
  const std::string user = std::to_string(::getuid()), group = std::to_string(::getgid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  return write_line("/proc/self/setgroups", "deny") &&
         write_line("/proc/self/uid_map", user + " " + user + " 1") &&
         write_line("/proc/self/gid_map", group + " " + group + " 1");
}

}  // namespace

std::unique_ptr<SmallDisk> SmallDisk::mount(const std::filesystem::path& where, std::int64_t bytes,
                                            std::string& why) {
  std::filesystem::create_directories(where);
  const std::string size = "size=" + std::to_string(bytes);
  if (!enter_own_mounts() || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("firesweep-chaos", where.c_str(), "tmpfs", 0, size.c_str()) != 0) {
    why = std::string("no disk can be mounted to be filled: ") + std::strerror(errno);
    return nullptr;
  }
  return std::unique_ptr<SmallDisk>(new SmallDisk(where));
}

SmallDisk::~SmallDisk() { ::umount2(where_.c_str(), MNT_DETACH); }

void SmallDisk::fill() const {
  const int file = ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;  // not even a name fits: it is full
  const std::vector<char> block(kBlock, 'x');
  for (const std::size_t size : {kBlock, kPage}) {
    while (::write(file, block.data(), size) > 0) {
    }
  }
  ::close(file);
}

void SmallDisk::empty() const { ::unlink(ballast().c_str()); }

}  // namespace firesweep::e2e
