#include "tests/e2e/chaos_stopped.h"

#include <signal.h>

namespace firesweep::e2e {

bool StoppedProcesses::stop(pid_t pid, Time until) {
  forget(pid);
  if (::kill(pid, SIGSTOP) != 0) return false;
  stopped_.push_back({pid, until});
  return true;
}

void StoppedProcesses::forget(pid_t pid) {
  std::erase_if(stopped_, [pid](const Stopped& one) { return one.pid == pid; });
}

void StoppedProcesses::wake(Time now) {
  std::erase_if(stopped_, [now](const Stopped& one) {
    if (now < one.until) return false;
    ::kill(one.pid, SIGCONT);
    return true;
  });
}

}  // namespace firesweep::e2e
