#include "worker/runtime/devices/cuda_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <sstream>
#include <system_error>

#include "shared/base/host_resources.h"
#include "shared/base/unique_fd.h"
#include "worker/runtime/exit_codes.h"

namespace firesweep {
namespace {

using Clock = std::chrono::steady_clock;

// Everything the child writes until it closes its end; stops at `end` or after more than any list
// of devices takes.
std::string read_until(int fd, Clock::time_point end) {
  constexpr std::size_t kMostBytes = 1 << 16;
  std::string text;
  std::array<char, 4096> buffer;
  while (text.size() < kMostBytes) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd waiting{fd, POLLIN, 0};
    const int ready = left <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

// Reaps the child, killing it where it is not done by `end`; whether it exited with 0.
bool reap(pid_t child, Clock::time_point end) {
  int status = 0;
  const timespec pause{0, 5'000'000};
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (Clock::now() >= end) ::kill(child, SIGKILL);
    ::nanosleep(&pause, nullptr);
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

std::vector<std::string> list_cuda_devices(const std::filesystem::path& program,
                                           const std::vector<std::string>& arguments,
                                           std::chrono::milliseconds limit) {
  return has_gpu_driver() ? ask_probe(program, arguments, limit) : std::vector<std::string>{};
}

std::vector<std::string> ask_probe(const std::filesystem::path& program,
                                   const std::vector<std::string>& arguments,
                                   std::chrono::milliseconds limit) {
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe2");
  UniqueFd from(ends[0]), to(ends[1]);
  const Clock::time_point end = Clock::now() + limit;
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(kSlotCannotRun);
    ::dup2(to.get(), STDOUT_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(kSlotCannotRun);
  }
  to = UniqueFd();
  std::istringstream lines(read_until(from.get(), end));
  if (!reap(child, end)) {
    spdlog::warn("event=cuda_probe_failed what=\"no list of devices from {}\"", program.string());
    return {};
  }
  std::vector<std::string> devices;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("cuda:")) devices.push_back(line);
  }
  return devices;
}

}  // namespace firesweep
