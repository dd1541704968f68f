#include "shared/transport/reachable.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "shared/transport/address.h"

namespace firesweep {
namespace {

bool is_everywhere(const std::string& endpoint) {
  const auto address = parse_address(endpoint, true);
  return address && address->kind == Address::Kind::kTcp &&
         (address->host == "*" || address->host == "0.0.0.0" || address->host == "::");
}

// Link-local addresses need an interface's name and reach no other network.
std::string text_of(const sockaddr* address, bool with_ipv6) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size()) != nullptr ? text.data()
                                                                                    : "";
  }
  if (address->sa_family != AF_INET6 || !with_ipv6) return {};
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
  if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) return {};
  if (::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size()) == nullptr) return {};
  return "[" + std::string(text.data()) + "]";
}

std::vector<std::string> addresses(bool with_ipv6) {
  std::vector<std::string> found;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return found;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_LOOPBACK) != 0) continue;
    const std::string text = text_of(one->ifa_addr, with_ipv6);
    if (!text.empty() && std::find(found.begin(), found.end(), text) == found.end()) {
      found.push_back(text);
    }
  }
  ::freeifaddrs(list);
  return found;
}

}  // namespace

std::vector<std::string> ways_to(const std::string& endpoint) {
  if (!is_everywhere(endpoint)) return {endpoint};
  const std::string port = endpoint.substr(endpoint.rfind(':'));
  const std::string scheme = endpoint.substr(0, endpoint.find("://") + 3);
  std::vector<std::string> ways;
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0') {
    const std::string way = scheme + name.data() + port;
    if (parse_address(way, false)) ways.push_back(way);
  }
  const bool with_ipv6 = endpoint.find('[') != std::string::npos;
  for (const std::string& address : addresses(with_ipv6)) ways.push_back(scheme + address + port);
  return ways.empty() ? std::vector<std::string>{endpoint} : ways;
}

}  // namespace firesweep
