// Plain TCP sockets, for tests that stand on the wire. Addresses are tcp://A.B.C.D:PORT. Failures
// throw std::runtime_error.
#pragma once

#include <netinet/in.h>

#include <chrono>
#include <string>

#include "shared/base/unique_fd.h"

namespace firesweep {

sockaddr_in socket_address(const std::string& address);

UniqueFd connected_to(const std::string& address);

// Port 0 is any free port.
UniqueFd listening_at(const std::string& address);
int port_of(const UniqueFd& listener);

// Whether there is something to read, or to accept, within `patience`.
bool readable(int fd, std::chrono::milliseconds patience);

}  // namespace firesweep
