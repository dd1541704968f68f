#include "shared/transport/listener.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include "shared/transport/zmq_call.h"

namespace firesweep {

Listener::Listener(zmq::context_t& context, zmq::socket_t& bound_later)
    : events_(context, zmq::socket_type::pair) {
  constexpr const char* kPlace = "inproc://listener";
  constexpr int kEvents = ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED;
  if (zmq_socket_monitor(bound_later.handle(), kPlace, kEvents) != 0) throw zmq::error_t();
  events_.set(zmq::sockopt::linger, 0);
  events_.set(zmq::sockopt::rcvhwm, 0);  // libzmq's thread would wait for room
  events_.connect(kPlace);
}

int Listener::accepted() {
  int count = 0;
  while (const auto received = receive_now(events_)) {
    const auto event = event_in(received->frames[0]);
    if (!event) continue;
    if (event->number == ZMQ_EVENT_LISTENING) fd_ = static_cast<int>(event->value);
    if (event->number == ZMQ_EVENT_ACCEPTED) ++count;
  }
  return count;
}

void Listener::close(bool closed) {
  if (closed == closed_ || fd_ < 0) return;
  closed_ = closed;
  // The connections that are accepted would inherit a filter: it stands only while there are none.
  sock_filter drop = {BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program = {1, &drop};
  const int unused = 0;  // the kernel asks for a number
  static_cast<void>(closed
                        ? ::setsockopt(fd_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program)
                        : ::setsockopt(fd_, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused));
}

}  // namespace firesweep
