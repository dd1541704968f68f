// A bound socket of libzmq that listens, from outside: whom it accepts, and when. Internal to the
// room.
#pragma once

#include <string>
#include <zmq.hpp>

namespace firesweep {

// Tells of connections that are accepted, and can keep new ones out. Those that are accepted
// already go on. Made before the socket is bound, used by one thread.
class Listener {
 public:
  // Throws zmq::error_t.
  Listener(zmq::context_t& context, zmq::socket_t& bound_later);

  // For poll() of poll.h: whether accepted() has news.
  void* handle() { return events_.handle(); }
  // Connections that were accepted since the last call.
  int accepted();
  // Closed: the kernel drops what asks for a connection, at next to no cost; who asks tries again
  // after a second. Without effect where the kernel cannot.
  void close(bool closed);

 private:
  zmq::socket_t events_;
  int fd_ = -1;
  bool closed_ = false;
};

}  // namespace firesweep
