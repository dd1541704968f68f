// The socket of a worker or client: one DEALER connected to one coordinator. It reconnects by
// itself; nothing is queued while there is no connection, so that the owner decides what is worth
// sending again.
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

// Environment failures are thrown as std::runtime_error. Not thread-safe: one loop owns it.
// Movable.
class DealerSocket {
 public:
  // Connects in the background. tcp:// speaks CURVE with `keys` (key_files.h); ipc:// and
  // insecure-tcp:// take none. kBadInput for an address that is not one and for keys that are
  // missing; whether anybody is there, and opens, shows later.
  static Result<DealerSocket> connect(const std::string& address,
                                      const std::optional<CallerKeys>& keys = std::nullopt);

  DealerSocket(DealerSocket&&) noexcept;
  DealerSocket& operator=(DealerSocket&&) noexcept;
  ~DealerSocket();

  const std::string& address() const;

  // Throws the connection and everything queued away and connects afresh.
  void reconnect();

  // Why the other side has turned this connection away since it was made, in words and with what
  // can be done; nothing where it has not. After a refusal only reconnect() tries again.
  std::optional<Error> refusal();

  // False where there is no connection or its queue is full: an ordinary loss. Never blocks.
  bool send(std::string_view bytes);

  // The next waiting message, without blocking. Messages of more than one frame are counted and
  // dropped.
  std::optional<std::string> receive();

  // True once a message waits (poll) or one could be sent (poll_send); false after `timeout` or
  // when a signal came.
  bool poll(std::chrono::milliseconds timeout);
  bool poll_send(std::chrono::milliseconds timeout);

  // Messages dropped because they had more than one frame.
  std::int64_t malformed() const;

  // Closes, waiting at most `linger` for what is queued to leave. Afterwards the object may only be
  // destroyed. The destructor alone discards what is queued.
  void close(std::chrono::milliseconds linger);

  // For poll() of poll.h.
  void* handle();

 private:
  struct Impl;
  explicit DealerSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace firesweep
