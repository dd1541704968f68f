#include "worker/runtime/supervisor/notice_command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <string_view>
#include <utility>

#include "worker/runtime/supervisor/child.h"

namespace firesweep {
namespace {

constexpr std::size_t kLongestReason = 300;
constexpr int kNotFound = 127;  // the shell's, as the next
constexpr int kNotExecutable = 126;

// Runs between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(pid_t parent, int input, int output, const char* command) {
  begin_child(parent, SIGKILL, kNotFound);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  shed_parent(STDERR_FILENO);
  ::execl("/bin/sh", "sh", "-c", command, static_cast<char*>(nullptr));
  ::_exit(kNotFound);
}

// As one field of a log line.
std::string first_line_quoted(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, text.find('\n'))) {
    line += static_cast<unsigned char>(c) < ' ' || c == '"' ? ' ' : c;
  }
  return line;
}

}  // namespace

NoticeCommand::NoticeCommand(std::string command, NoticeTimes times)
    : command_(std::move(command)), times_(times) {}

NoticeCommand::~NoticeCommand() {
  if (pid_ == 0) return;
  kill_all();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<std::string> NoticeCommand::step(Time now) {
  if (pid_ != 0) {
    listen();
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) return end(status, now);
    if (now >= next_ && !killed_) {
      killed_ = true;
      kill_all();
      complain("it took longer than " + std::to_string(times_.limit.count()) +
               " ms and was killed");
    }
    return std::nullopt;
  }
  if (now >= next_) begin(now);
  return std::nullopt;
}

NoticeCommand::Time NoticeCommand::wake_at() const {
  return killed_ ? next_ + times_.limit : next_;
}

void NoticeCommand::begin(Time now) {
  killed_ = false;
  printed_.clear();
  if (start()) {
    next_ = now + times_.limit;
    return;
  }
  next_ = now + times_.every;
  complain(std::string("it cannot be started: ") + std::strerror(errno));
}

void NoticeCommand::kill_all() const {
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // before it has made its group
}

// False where the system has no descriptor or process left, which errno then tells.
bool NoticeCommand::start() {
  assert(::gettid() == ::getpid());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  const UniqueFd no_input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!no_input || ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK) != 0) return false;
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) become(parent, no_input.get(), write_end.get(), command_.c_str());
  pid_ = child;
  output_ = std::move(read_end);
  return true;
}

std::optional<std::string> NoticeCommand::end(int status, Time now) {
  ::kill(-pid_, SIGKILL);  // what it may have left behind
  pid_ = 0;
  next_ = now + times_.every;
  listen();
  output_ = UniqueFd();
  if (std::exchange(killed_, false)) return std::nullopt;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == kNotFound || code == kNotExecutable) {
    complain("exit code " + std::to_string(code) + ": it cannot be run");
    return std::nullopt;
  }
  complained_ = false;
  if (code != 0) return std::nullopt;
  return printed_.empty() ? "it exited with 0 and printed nothing" : first_line_quoted(printed_);
}

void NoticeCommand::complain(const std::string& why) {
  if (std::exchange(complained_, true)) return;
  spdlog::warn(
      "event=notice_command_failed why=\"{}\" next=\"type it in a shell: exit code 0 is a notice, "
      "any other is none\"",
      why);
}

// Reads on to the output's end, so that the command never waits for a reader.
void NoticeCommand::listen() {
  std::array<char, 4096> bytes;
  while (output_) {
    const ssize_t got = ::read(output_.get(), bytes.data(), bytes.size());
    if (got > 0) {
      const std::size_t wanted = kLongestReason - std::min(kLongestReason, printed_.size());
      printed_.append(bytes.data(), std::min(static_cast<std::size_t>(got), wanted));
    } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    } else {
      output_ = UniqueFd();
    }
  }
}

}  // namespace firesweep
