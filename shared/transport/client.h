// The connection of the command line to a coordinator: one request, one reply.
#pragma once

#include <chrono>
#include <string>

#include "shared/base/error.h"
#include "shared/transport/dealer_socket.h"
#include "shared/wire/messages.h"

namespace firesweep {

// Not thread-safe. Movable.
class ClientConnection {
 public:
  // Errors of DealerSocket::connect. The coordinator need not run yet.
  static Result<ClientConnection> open(const std::string& address,
                                       const std::optional<CallerKeys>& keys = std::nullopt);

  // Sends a request and waits for the reply, at most `timeout` in all and `kConnectTime` for a
  // connection. Errors: kUnavailable with the endpoint if no coordinator is there, this user's key
  // is refused, or none answers in time (it may still act on the request); kBadInput if the request
  // exceeds a limit of the protocol (it is not sent) or the reply is invalid; and the coordinator's
  // refusals. After an error the connection can be used again.
  ClientReply request(const ClientRequest& request, std::chrono::milliseconds timeout);

  static constexpr std::chrono::milliseconds kConnectTime{3000};

 private:
  explicit ClientConnection(DealerSocket socket) : socket_(std::move(socket)) {}
  DealerSocket socket_;
};

}  // namespace firesweep
