// The coordinator's socket. It owns one bound ROUTER and counts dropped messages. It knows only
// bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/error.h"
#include "shared/wire/bounds.h"

namespace firesweep {

struct RouterOptions {
  bool insecure = false;                             // permits anything but ipc and loopback
  std::size_t max_message_bytes = kMaxMessageBytes;  // a peer that sends more is disconnected
  std::chrono::milliseconds linger{1000};  // how long closing waits for queued answers to leave
};

// Peers may connect and disconnect at any time. No message of a peer makes a member throw. Failures
// of the environment are thrown as std::runtime_error. Not thread-safe: one loop owns it. Movable.
class RouterSocket {
 public:
  // Binds "ipc://PATH", "tcp://HOST:PORT" (port 0 or *: any free one). Errors: kBadInput for an
  // address that is not one, is not this machine's, or is open to others without `insecure`;
  // kConflict where another process has it; kIo where the path cannot be written. A stale ipc file
  // is replaced, a live one or another kind of file never is.
  static Result<RouterSocket> bind(const std::string& address, const RouterOptions& options = {});

  RouterSocket(RouterSocket&&) noexcept;
  RouterSocket& operator=(RouterSocket&&) noexcept;
  ~RouterSocket();

  // The address as bound, with the real port: what others connect to.
  const std::string& last_endpoint() const;

  // True once a message waits; false after `timeout` or when a signal came.
  bool poll(std::chrono::milliseconds timeout);

  // Up to `most` waiting messages with their peers, without blocking; empty if none is left.
  // Messages of more than one frame are counted as malformed and dropped.
  std::vector<std::pair<std::string, std::string>> receive(std::size_t most = 1024);

  // Sends the bytes. False if the peer is gone or its queue is full; the message is then lost.
  bool send(const std::string& peer, std::string_view bytes);

  // Messages dropped since the bind because they had more than one frame.
  std::int64_t malformed() const;

  // For poll() of poll.h.
  void* handle();

 private:
  struct Impl;
  explicit RouterSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace firesweep
