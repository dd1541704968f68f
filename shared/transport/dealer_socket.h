// The socket of a worker or client: one DEALER connected to one coordinator. It reconnects by
// itself. Nothing is queued while there is no connection; the owner decides what to send again.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/transport/curve_keys.h"

namespace firesweep {

// How often whoever waits for an answer looks for a refusal instead.
inline constexpr std::chrono::milliseconds kRefusalLookEvery{100};

// Failures of the environment are thrown as std::runtime_error. Not thread-safe: one loop owns it.
// Movable.
class DealerSocket {
 public:
  // Connects in the background. tcp:// uses CURVE with `keys` (key_files.h); ipc:// and
  // insecure-tcp:// take none. kBadInput for an invalid address and for missing keys. Does not wait
  // for a connection.
  static Result<DealerSocket> connect(const std::string& address,
                                      const std::optional<CallerKeys>& keys = std::nullopt);

  DealerSocket(DealerSocket&&) noexcept;
  DealerSocket& operator=(DealerSocket&&) noexcept;
  ~DealerSocket();

  const std::string& address() const;

  // Discards the connection and everything queued, and connects again.
  void reconnect();

  // Why the other side has refused this connection since it was made, and what the user can do;
  // nothing if it has not. A side that closes the connection in the handshake, three times in a
  // row, has refused it. After a refusal only reconnect() is sure to try again.
  std::optional<Error> refusal();

  // False if there is no connection or its queue is full; the message is then lost. Never blocks.
  bool send(std::string_view bytes);

  // The next waiting message, without blocking. Messages of more than one frame are counted and
  // dropped.
  std::optional<std::string> receive();

  // True once a message waits (poll) or one could be sent (poll_send); false after `timeout` or
  // after a signal.
  bool poll(std::chrono::milliseconds timeout);
  bool poll_send(std::chrono::milliseconds timeout);

  // Messages dropped because they had more than one frame.
  std::int64_t malformed() const;

  // Closes the socket and waits at most `linger` for queued messages to be sent. Afterwards the
  // object may only be destroyed. The destructor without close() discards queued messages.
  void close(std::chrono::milliseconds linger);

  // For poll() of poll.h.
  void* handle();

 private:
  struct Impl;
  explicit DealerSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace firesweep
