#include "shared/transport/poll.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "shared/transport/zmq_call.h"

namespace firesweep {

WakePipe::WakePipe() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::runtime_error(std::string("cannot make an eventfd: ") + strerror(errno));
}

WakePipe::WakePipe(WakePipe&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

WakePipe& WakePipe::operator=(WakePipe&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

WakePipe::~WakePipe() {
  if (fd_ >= 0) ::close(fd_);
}

void WakePipe::wake() const noexcept {
  // A full counter (EAGAIN) wakes as well as one more would.
  const std::uint64_t one = 1;
  const int saved = errno;
  while (::write(fd_, &one, sizeof one) < 0 && errno == EINTR) {
  }
  errno = saved;
}

bool WakePipe::drain() noexcept {
  std::uint64_t count = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd_, &count, sizeof count);
  } while (got < 0 && errno == EINTR);
  return got == sizeof count;
}

bool Ready::any() const {
  return woken || std::find(sockets.begin(), sockets.end(), true) != sockets.end();
}

Ready poll(std::span<void* const> sockets, const WakePipe* wake,
           std::chrono::milliseconds timeout) {
  std::vector<zmq::pollitem_t> items;
  for (void* socket : sockets) items.push_back({socket, 0, ZMQ_POLLIN, 0});
  if (wake != nullptr) items.push_back({nullptr, wake->fd(), ZMQ_POLLIN, 0});
  Ready ready;
  ready.sockets.resize(sockets.size(), false);
  try {
    zmq::poll(items, timeout);
  } catch (const zmq::error_t& error) {
    if (error.num() != EINTR) throw_broken(error, "cannot poll");
    ready.interrupted = true;
    return ready;
  }
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    ready.sockets[i] = (items[i].revents & ZMQ_POLLIN) != 0;
  }
  ready.woken = wake != nullptr && (items.back().revents & ZMQ_POLLIN) != 0;
  return ready;
}

}  // namespace firesweep
