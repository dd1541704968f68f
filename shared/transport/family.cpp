#include "shared/transport/family.h"

#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>

namespace firesweep {

bool resolves(const std::string& host, int family) {
  if (::if_nametoindex(host.c_str()) != 0) return family == AF_INET;
  addrinfo wanted{};
  wanted.ai_family = family;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &wanted, &found) != 0) return false;
  ::freeaddrinfo(found);
  return true;
}

bool wants_ipv6(const Address& address, const Resolves& resolver) {
  if (address.ipv6) return true;
  if (address.kind != Address::Kind::kTcp || address.host == "*") return false;
  return !resolver(address.host, AF_INET) && resolver(address.host, AF_INET6);
}

}  // namespace firesweep
