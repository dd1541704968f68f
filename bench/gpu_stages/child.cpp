#include "bench/gpu_stages/child.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>

namespace firesweep::bench {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{20};

void redirect(const std::filesystem::path& path, int descriptor) {
  if (path.empty()) return;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file >= 0) ::dup2(file, descriptor);
}

}  // namespace

Child::Child(const std::vector<std::string>& words, const std::filesystem::path& out,
             const std::filesystem::path& err, const std::vector<std::string>& environment) {
  std::vector<std::string> all = words;
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> added = environment;
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    redirect(out, STDOUT_FILENO);
    redirect(err, STDERR_FILENO);
    for (std::string& entry : added) ::putenv(entry.data());
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ::setpgid(pid_, pid_);  // here too: the group must be there before anybody signals it
}

Child::~Child() {
  if (!ended()) {
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  } else {
    ::kill(-pid_, SIGKILL);  // whom it left behind
  }
}

std::optional<int> Child::wait_until(Clock::time_point when) {
  for (;;) {
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    if (status_ || Clock::now() >= when) return status_;
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

void Child::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

std::string Child::describe(int status) {
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    return "signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
  }
  const int code = WEXITSTATUS(status);
  return code == 0 ? "ok" : "exit code " + std::to_string(code);
}

std::string tail_of(const std::filesystem::path& path, std::size_t characters, std::size_t begin) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(begin));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.size() > characters) text = text.substr(text.size() - characters);
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace firesweep::bench
