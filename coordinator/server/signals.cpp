#include "coordinator/server/signals.h"

#include <signal.h>

#include <atomic>
#include <initializer_list>

namespace firesweep {
namespace {

std::atomic<int> count{0};
std::atomic<int> last{0};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int signal) {
  last.store(signal, std::memory_order_relaxed);
  count.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2}) sigaction(signal, &action, nullptr);
  // Under nohup the terminal's end is no reason to leave.
  struct sigaction before{};
  sigaction(SIGHUP, nullptr, &before);
  if (before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
}

int interrupts() { return count.load(std::memory_order_relaxed); }
int last_interrupt_signal() { return last.load(std::memory_order_relaxed); }

}  // namespace firesweep
