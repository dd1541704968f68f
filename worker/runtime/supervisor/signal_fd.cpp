#include "worker/runtime/supervisor/signal_fd.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <system_error>

namespace firesweep {

std::vector<int> drain_signals(std::initializer_list<int> others) {
  std::vector<int> signals{SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
  struct sigaction before{};
  if (::sigaction(SIGHUP, nullptr, &before) != 0 || before.sa_handler != SIG_IGN) {
    signals.push_back(SIGHUP);
  }
  signals.insert(signals.end(), others);
  return signals;
}

SignalFd::SignalFd(const std::vector<int>& signals) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : signals) sigaddset(&wanted, signal);
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &wanted, &before_); error != 0) {
    throw std::system_error(error, std::generic_category(), "pthread_sigmask");
  }
  fd_ = UniqueFd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) throw std::system_error(errno, std::generic_category(), "signalfd");
}

SignalFd::~SignalFd() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

std::optional<int> SignalFd::next() {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace firesweep
