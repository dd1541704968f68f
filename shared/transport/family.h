// Chooses the family of addresses that libzmq resolves; it resolves only one at a time.
#pragma once

#include <functional>
#include <string>

#include "shared/transport/address.h"

namespace firesweep {

// Whether a name has an address of a family (AF_INET, AF_INET6).
using Resolves = std::function<bool(const std::string& host, int family)>;

// The system's resolver: files and, where so configured, the network. An interface's name, which
// libzmq binds to, is taken for its IPv4 address.
bool resolves(const std::string& host, int family);

// True for an IPv6 address, and for a name that has only IPv6 addresses. If a name has both, IPv4
// is used.
bool wants_ipv6(const Address& address, const Resolves& resolver = resolves);

}  // namespace firesweep
