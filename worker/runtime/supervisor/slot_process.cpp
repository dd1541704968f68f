#include "worker/runtime/supervisor/slot_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <climits>
#include <cstdint>
#include <system_error>
#include <utility>

#include "worker/runtime/exit_codes.h"
#include "worker/runtime/supervisor/child.h"

namespace firesweep {
namespace {

// Runs between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(pid_t parent, int heartbeat, const char* program, char* const* argv) {
  begin_child(parent, SIGKILL, kSlotCannotRun);
  if (heartbeat == kHeartbeatFd) {
    ::fcntl(kHeartbeatFd, F_SETFD, 0);
  } else {
    ::dup2(heartbeat, kHeartbeatFd);
  }
  shed_parent(kHeartbeatFd);
  ::execv(program, argv);
  ::_exit(kSlotCannotRun);
}

// As it lies in the pipe, between two processes of one program.
struct Beat {
  std::uint64_t trials_ended = 0;
  std::uint64_t training = 0;
};
static_assert(sizeof(Beat) <= _POSIX_PIPE_BUF);  // written whole or not at all
using Beats = std::array<Beat, 64>;

}  // namespace

void beat(int heartbeat_fd, SlotNews news) {
  const Beat bytes{news.trials_ended, news.training ? 1U : 0U};
  [[maybe_unused]] const ssize_t written = ::write(heartbeat_fd, &bytes, sizeof bytes);
}

std::optional<SlotNews> take_beats(int heartbeat_fd) {
  Beats beats;
  std::optional<SlotNews> news;
  for (;;) {
    const ssize_t got = ::read(heartbeat_fd, beats.data(), sizeof beats);
    if (got < static_cast<ssize_t>(sizeof(Beat))) return news;
    const Beat& newest = beats[static_cast<std::size_t>(got) / sizeof(Beat) - 1];
    news = SlotNews{newest.trials_ended, newest.training != 0};
  }
}

std::string to_string(const ProcessEnd& end) {
  if (end.signal == 0) return "exit code " + std::to_string(end.exit_code);
  return "signal " + std::to_string(end.signal) + " (" + ::strsignal(end.signal) + ")";
}

SlotProcess SlotProcess::start(const std::filesystem::path& program,
                               const std::vector<std::string>& arguments) {
  assert(::gettid() == ::getpid());
  std::error_code not_a_link;
  const auto shown = std::filesystem::read_symlink(program, not_a_link);
  std::vector<std::string> words{(not_a_link ? program : shown).string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  UniqueFd hear(ends[0]), beat(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) become(parent, beat.get(), program.c_str(), argv.data());
  return SlotProcess(child, std::move(hear));
}

SlotProcess::SlotProcess(SlotProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      heartbeat_(std::move(other.heartbeat_)),
      end_(other.end_) {}

SlotProcess& SlotProcess::operator=(SlotProcess&& other) noexcept {
  if (this != &other) {
    kill_and_reap();
    pid_ = std::exchange(other.pid_, 0);
    heartbeat_ = std::move(other.heartbeat_);
    end_ = other.end_;
  }
  return *this;
}

SlotProcess::~SlotProcess() { kill_and_reap(); }

std::optional<SlotNews> SlotProcess::take_heartbeats() { return take_beats(heartbeat_.get()); }

std::optional<ProcessEnd> SlotProcess::ended() {
  if (end_ || pid_ == 0) return end_;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) {
    end_ = WIFEXITED(status) ? ProcessEnd{WEXITSTATUS(status), 0} : ProcessEnd{0, WTERMSIG(status)};
  }
  return end_;
}

void SlotProcess::send(int signal) {
  if (pid_ != 0 && !end_) ::kill(pid_, signal);
}

void SlotProcess::kill_and_reap() {
  if (pid_ == 0 || ended()) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  end_ = ProcessEnd{0, SIGKILL};
}

}  // namespace firesweep
