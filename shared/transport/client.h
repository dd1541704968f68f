// One question, one answer: how the command line talks to a coordinator.
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
  // Errors of DealerSocket::connect. Nobody needs to be there yet.
  static Result<ClientConnection> open(const std::string& address,
                                       const std::optional<CallerKeys>& keys = std::nullopt);

  // Sends and waits for the answer, at most `timeout` in all and `kConnectTime` for a connection.
  // Errors: kUnavailable naming the endpoint where nobody is there, this user's key is turned away,
  // or nobody answers in time (the coordinator may still act on the request); kBadInput where the
  // request breaks a bound of the protocol (it is not sent) or the answer is none. What the
  // coordinator refuses is a ClientReply that is not ok. After an error the connection can be used
  // again.
  Result<ClientReply> request(const ClientRequest& request, std::chrono::milliseconds timeout);

  static constexpr std::chrono::milliseconds kConnectTime{3000};

 private:
  explicit ClientConnection(DealerSocket socket) : socket_(std::move(socket)) {}
  DealerSocket socket_;
};

}  // namespace firesweep
