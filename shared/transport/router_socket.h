// The coordinator's socket. It owns one bound ROUTER and accepts whom its door admits. It knows
// only bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/transport/curve_keys.h"
#include "shared/wire/bounds.h"

namespace firesweep {

// Who listens, and whose keys are let in.
struct Door {
  KeyPair own;
  // Asked at each handshake, by a thread of the socket's own, and for each message received or
  // sent: a key that is admitted no more is neither heard nor answered from then on.
  std::function<bool(const PublicKey&)> admits;
};

struct RouterOptions {
  std::optional<Door> door = std::nullopt;  // of a TCP address
  bool insecure = false;  // a TCP address without a door: anyone who reaches it is heard
  std::size_t max_message_bytes = kMaxMessageBytes;  // a peer that sends more is disconnected
  std::int64_t max_waiting_bytes = std::int64_t{32} << 20;  // to be sent, to all peers together
  std::chrono::milliseconds linger{1000};  // how long closing waits for queued answers to leave
};

// What a peer sent. `peer` is its connection, to answer it; `sender` is shown to people: its key's
// first digits, else its address, else the connection's number.
struct Arrival {
  std::string peer;
  std::string sender;
  std::string bytes;  // none where it is not whole
  bool whole = true;  // false: several frames, or more bytes than may be
};

// Peers may connect and disconnect at any time. No message of a peer makes a member throw. Failures
// of the environment are thrown as std::runtime_error. Not thread-safe: one loop owns it. Movable.
class RouterSocket {
 public:
  // Binds "ipc://PATH", "tcp://HOST:PORT" (port 0 or *: any free one). TCP speaks CURVE, loopback
  // too. Errors: kBadInput for an address that is not one or is not this machine's, for TCP with
  // neither a door nor `insecure`, and for an ipc path in a folder that others can enter; kConflict
  // where another process has it; kIo where the path cannot be written. A stale ipc file is
  // replaced, a live one or another kind of file never is.
  static Result<RouterSocket> bind(const std::string& address, const RouterOptions& options = {});

  RouterSocket(RouterSocket&&) noexcept;
  RouterSocket& operator=(RouterSocket&&) noexcept;
  ~RouterSocket();

  // The address as bound, with the real port: what others connect to (insecure-tcp://… without a
  // door).
  const std::string& last_endpoint() const;

  // True once a message waits; false after `timeout` or when a signal came.
  bool poll(std::chrono::milliseconds timeout);

  // Up to `most` waiting messages with their peers, without blocking; empty if none is left. A peer
  // is one connection of one key. Messages of keys that the door no longer admits are counted and
  // dropped.
  std::vector<Arrival> receive(std::size_t most = 1024);

  // Sends the bytes. False if the peer is gone or no longer admitted, or if too much waits for it
  // or for all peers (outgoing.h); the message is then lost.
  bool send(const std::string& peer, std::string_view bytes);

  // False for a peer that has stopped reading: its answers wait, and more would be lost.
  bool reads(std::string_view peer) const;

  // The key that opened a peer's connection; nothing over ipc and without a door.
  std::optional<PublicKey> key_of(std::string_view peer) const;

  // Messages dropped since the bind because their key is admitted no more.
  std::int64_t unheard() const;

  // For poll() of poll.h.
  void* handle();

 private:
  struct Impl;
  explicit RouterSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace firesweep
