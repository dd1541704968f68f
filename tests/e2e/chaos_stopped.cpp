#include "tests/e2e/chaos_stopped.h"

#include <signal.h>

#include <algorithm>

#include "tests/e2e/process.h"

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

// Those that died in their sleep are nobody's to wake.
void StoppedProcesses::wake(Time now) {
  std::erase_if(stopped_, [&](const Stopped& one) {
    if (now < one.until) return false;
    const std::vector<pid_t> ours = processes_with(mark_);
    if (std::find(ours.begin(), ours.end(), one.pid) != ours.end()) ::kill(one.pid, SIGCONT);
    return true;
  });
}

}  // namespace firesweep::e2e
