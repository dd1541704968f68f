#include "coordinator/cli/worker_process.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "shared/base/program_path.h"

namespace firesweep {
namespace {

// Bytes in memory that a child can read or write as a file.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : fd_(::memfd_create(name, MFD_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "memfd_create");
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }

  int fd() const { return fd_; }

  void fill(std::string_view text) {
    while (!text.empty()) {
      const ssize_t wrote = ::write(fd_, text.data(), text.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) throw std::system_error(errno, std::generic_category(), "write");
      text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    ::lseek(fd_, 0, SEEK_SET);
  }

  std::string content() const {
    std::string text;
    std::array<char, 4096> buffer;
    for (off_t at = 0;;) {
      const ssize_t got = ::pread(fd_, buffer.data(), buffer.size(), at);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return text;
      text.append(buffer.data(), static_cast<std::size_t>(got));
      at += got;
    }
  }

 private:
  int fd_;
};

// The exit code of the child, or 128 + its signal; nothing while it runs or if waitpid fails.
std::optional<int> reap(pid_t child, int flags) {
  int status = 0;
  pid_t ended = 0;
  do ended = ::waitpid(child, &status, flags);
  while (ended < 0 && errno == EINTR);
  if (ended != child) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<WorkerProcess> WorkerProcess::start(const std::vector<std::string>& arguments,
                                           const Streams& streams) {
  const auto program = program_folder() / "firesweep-worker";
  if (::access(program.c_str(), X_OK) != 0) {
    return fail(ErrorCode::kBadInput, program.string(), std::strerror(errno),
                "expected it in the same folder as firesweep; tools/build.sh builds both");
  }
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    if (streams.in >= 0) ::dup2(streams.in, STDIN_FILENO);
    if (streams.out >= 0) ::dup2(streams.out, STDOUT_FILENO);
    if (streams.err >= 0) ::dup2(streams.err, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  return WorkerProcess(child);
}

WorkerProcess::~WorkerProcess() {
  if (pid_ == 0 || ended()) return;
  ::kill(pid_, SIGKILL);
  reap(pid_, 0);
}

std::optional<int> WorkerProcess::ended() {
  if (!status_ && pid_ != 0) status_ = reap(pid_, WNOHANG);
  return status_;
}

int WorkerProcess::wait() {
  if (!status_) status_ = reap(pid_, 0);
  if (!status_) throw std::system_error(errno, std::generic_category(), "waitpid");
  return *status_;
}

void WorkerProcess::kill_now() {
  if (ended()) return;
  ::kill(pid_, SIGKILL);
  wait();
}

Result<WorkerAnswer> ask_worker(const std::vector<std::string>& arguments, const std::string& input,
                                std::chrono::milliseconds limit) {
  MemoryFile in("worker-in"), out("worker-out"), err("worker-err");
  in.fill(input);
  const auto end = std::chrono::steady_clock::now() + limit;
  auto worker = WorkerProcess::start(arguments, {in.fd(), out.fd(), err.fd()});
  if (!worker) return tl::unexpected(worker.error());
  for (;;) {
    if (const auto code = worker->ended()) return WorkerAnswer{*code, out.content(), err.content()};
    if (std::chrono::steady_clock::now() >= end) {
      worker->kill_now();
      return fail(ErrorCode::kUnavailable, "firesweep-worker",
                  "was not done within " + std::to_string(limit.count() / 1000) + " s");
    }
    const timespec pause{0, 5'000'000};
    ::nanosleep(&pause, nullptr);
  }
}

}  // namespace firesweep
