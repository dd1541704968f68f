// The coordinator's answer to libzmq's question who may come in (ZAP, RFC 27). Internal to the
// room.
#pragma once

#include <functional>
#include <thread>
#include <zmq.hpp>

#include "shared/transport/curve_keys.h"
#include "shared/transport/listener.h"
#include "shared/transport/newcomers.h"
#include "shared/transport/poll.h"

namespace firesweep {

// Asked by a thread of the socket's own, at the end of a handshake; safe from any thread.
using Admits = std::function<bool(const PublicKey&)>;

inline constexpr const char* kZapDomain = "firesweep";
inline constexpr const char* kUserId = "User-Id";  // of a message: its sender's public key

// Answers for all sockets of one context with the domain kZapDomain: 200 and the key as User-Id for
// those that are admitted, 400 and nothing else for everybody else. libzmq lets everybody in while
// nobody answers, so it is made before the socket is bound and outlives it; what comes without a
// User-Id is not to be believed. While too many connect who are not admitted (newcomers.h), nobody
// is accepted; who is connected goes on.
class ZapHandler {
 public:
  // Binds in the caller's thread; from then on every handshake of the socket, which is bound later,
  // waits for the answer. Throws zmq::error_t.
  ZapHandler(zmq::context_t& context, zmq::socket_t& bound_later, Admits admits);
  ~ZapHandler();
  ZapHandler(const ZapHandler&) = delete;

 private:
  void work();
  bool answer();  // whether somebody was admitted

  zmq::socket_t socket_;
  Listener listener_;
  Newcomers newcomers_;
  const Admits admits_;
  WakePipe wake_;  // means: end
  std::thread thread_;
};

}  // namespace firesweep
