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
  // kBadInput for an address that is not one. Nobody needs to be there yet.
  static Result<ClientConnection> open(const std::string& address);

  // Sends and waits for the answer, at most `timeout` in all and `kConnectTime` for a connection.
  // Errors: kUnavailable naming the endpoint where nobody is there or nobody answers in time (the
  // coordinator may still act on the request); kBadInput where the request breaks a bound of the
  // protocol (it is not sent) or the answer is none; and what the coordinator refuses with. After
  // an error the connection can be used again.
  ClientReply request(const ClientRequest& request, std::chrono::milliseconds timeout);

  static constexpr std::chrono::milliseconds kConnectTime{3000};

 private:
  explicit ClientConnection(DealerSocket socket) : socket_(std::move(socket)) {}
  DealerSocket socket_;
};

}  // namespace firesweep
