#include "worker/runtime/supervisor/child.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace firesweep {

void begin_child(pid_t parent, int death_signal, int orphaned) {
  ::prctl(PR_SET_PDEATHSIG, death_signal);
  if (::getppid() != parent) ::_exit(orphaned);  // the parent died before the line above
  ::setpgid(0, 0);
}

void shed_parent(int last) {
  ::close_range(static_cast<unsigned>(last) + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace firesweep
