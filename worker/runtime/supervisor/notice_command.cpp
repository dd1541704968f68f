#include "worker/runtime/supervisor/notice_command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <string_view>
#include <system_error>
#include <utility>

namespace firesweep {
namespace {

constexpr std::size_t kLongestReason = 300;
constexpr int kNotFound = 127;  // the shell's, as the next
constexpr int kNotExecutable = 126;

// Runs between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(pid_t parent, int output, const char* command) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kNotFound);  // the parent died before the line above
  ::setpgid(0, 0);
  ::dup2(output, STDOUT_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execl("/bin/sh", "sh", "-c", command, static_cast<char*>(nullptr));
  ::_exit(kNotFound);
}

}  // namespace

NoticeCommand::NoticeCommand(std::string command, NoticeTimes times)
    : command_(std::move(command)), times_(times) {}

NoticeCommand::~NoticeCommand() {
  if (pid_ == 0) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // before it has made its group
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<std::string> NoticeCommand::step(Time now) {
  if (pid_ != 0) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) return end(status, now);
    if (now >= *next_ && !killed_) {
      killed_ = true;
      ::kill(-pid_, SIGKILL);
      ::kill(pid_, SIGKILL);
      complain("it took longer than " + std::to_string(times_.limit.count()) +
               " ms and was killed");
    }
    return std::nullopt;
  }
  if (!next_ || now >= *next_) begin(now);
  return std::nullopt;
}

NoticeCommand::Time NoticeCommand::wake_at() const {
  if (!next_) return Time();
  return killed_ ? *next_ + times_.limit : *next_;
}

void NoticeCommand::begin(Time now) {
  assert(::gettid() == ::getpid());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe2");
  output_ = UniqueFd(ends[0]);
  const UniqueFd write_end(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) become(parent, write_end.get(), command_.c_str());
  pid_ = child;
  killed_ = false;
  next_ = now + times_.limit;
}

std::optional<std::string> NoticeCommand::end(int status, Time now) {
  ::kill(-pid_, SIGKILL);  // what it may have left behind
  pid_ = 0;
  next_ = now + times_.every;
  const std::string said = first_line();
  output_ = UniqueFd();
  if (std::exchange(killed_, false)) return std::nullopt;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == kNotFound || code == kNotExecutable) {
    complain("exit code " + std::to_string(code) + ": it cannot be run");
    return std::nullopt;
  }
  complained_ = false;
  if (code != 0) return std::nullopt;
  return said.empty() ? "it exited with 0 and printed nothing" : said;
}

void NoticeCommand::complain(const std::string& why) {
  if (std::exchange(complained_, true)) return;
  spdlog::warn(
      "event=notice_command_failed why=\"{}\" next=\"type it in a shell: exit code 0 is a notice, "
      "any other is none\"",
      why);
}

std::string NoticeCommand::first_line() {
  std::array<char, kLongestReason> bytes{};
  const ssize_t got = ::read(output_.get(), bytes.data(), bytes.size());
  std::string_view text(bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  std::string line;
  for (const char c : text.substr(0, text.find('\n'))) {
    line += static_cast<unsigned char>(c) < ' ' || c == '"' ? ' ' : c;  // one field of a log line
  }
  return line;
}

}  // namespace firesweep
