#include "coordinator/cli/worker_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "shared/base/program_place.h"

namespace firesweep {

Result<WorkerProcess> WorkerProcess::start(const std::vector<std::string>& arguments) {
  const auto program = program_folder() / "firesweep-worker";
  if (::access(program.c_str(), X_OK) != 0) {
    return fail(ErrorCode::kBadInput, program.string(), std::strerror(errno),
                "firesweep-worker lies beside firesweep; tools/build.sh builds both");
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
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  return WorkerProcess(child);
}

WorkerProcess::~WorkerProcess() {
  if (pid_ != 0 && !ended()) kill_now();
}

std::optional<int> WorkerProcess::ended() {
  if (status_ || pid_ == 0) return status_;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) {
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return status_;
}

int WorkerProcess::wait() {
  int status = 0;
  while (!status_) {
    if (::waitpid(pid_, &status, 0) == pid_) {
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "waitpid");
    }
  }
  return *status_;
}

void WorkerProcess::kill_now() {
  if (ended()) return;
  ::kill(pid_, SIGKILL);
  wait();
}

}  // namespace firesweep
