#include "shared/transport/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>

namespace firesweep {
namespace {

constexpr const char* kExample =
    "for example tcp://127.0.0.1:5555 or ipc:///run/user/1000/firesweep.sock";

tl::unexpected<Error> refuse(const std::string& text, std::string what) {
  return fail(ErrorCode::kBadInput, text, std::move(what), kExample);
}

bool legal_name(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
  });
}

Result<Address> parse_ipc(const std::string& text, std::string_view path, bool to_bind) {
  if (path.empty()) return refuse(text, "found no path after ipc://");
  if (path == "*" && !to_bind) return refuse(text, "found \"*\", expected the path of a socket");
  if (path.front() == '@') {
    return refuse(text, "found an abstract name, expected a path: it has no permissions");
  }
  if (path.find('\0') != std::string_view::npos) return refuse(text, "found a NUL in the path");
  if (path.size() > kMaxIpcPathBytes) {
    return refuse(text, "found a path of " + std::to_string(path.size()) +
                            " bytes, expected at most " + std::to_string(kMaxIpcPathBytes));
  }
  Address address;
  address.kind = Address::Kind::kIpc;
  address.path = path;
  return address;
}

Result<Address> parse_tcp(const std::string& text, std::string_view rest, bool to_bind) {
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos || rest.ends_with(']')) {
    return refuse(text, "found no port, expected tcp://HOST:PORT");
  }
  Address address;
  address.kind = Address::Kind::kTcp;
  std::string_view host = rest.substr(0, colon);
  const std::string_view port = rest.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    address.ipv6 = true;
    in6_addr parsed{};
    if (inet_pton(AF_INET6, std::string(host).c_str(), &parsed) != 1) {
      return refuse(text,
                    "found \"" + std::string(host) + "\" in brackets, expected an IPv6 address");
    }
  } else if (!legal_name(host) && !(host == "*" && to_bind)) {
    return refuse(text, "found host \"" + std::string(host) + "\", expected a name or an address");
  }
  address.host = host;
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool is_number = error == std::errc() && end == port.data() + port.size();
  address.free_port = port == "*" || (is_number && number == 0);
  if (address.free_port ? !to_bind : !is_number || number < 1 || number > 65535) {
    return refuse(text, "found port \"" + std::string(port) + "\", expected 1 to 65535" +
                            (to_bind ? ", or 0 for any free one" : ""));
  }
  return address;
}

}  // namespace

bool Address::local() const {
  if (kind == Kind::kIpc) return true;
  if (host == "localhost" || host == "ip6-localhost" || host == "ip6-loopback") return true;
  if (ipv6) {
    in6_addr parsed{};
    return inet_pton(AF_INET6, host.c_str(), &parsed) == 1 && IN6_IS_ADDR_LOOPBACK(&parsed);
  }
  in_addr parsed{};
  return inet_pton(AF_INET, host.c_str(), &parsed) == 1 && ntohl(parsed.s_addr) >> 24 == 127;
}

Result<Address> parse_address(const std::string& text, bool to_bind) {
  const std::string_view view = text;
  if (view.starts_with("ipc://")) return parse_ipc(text, view.substr(6), to_bind);
  if (view.starts_with("tcp://")) return parse_tcp(text, view.substr(6), to_bind);
  if (view.starts_with(kInsecurePrefix) && without_insecure(text).starts_with("tcp://")) {
    auto address = parse_tcp(text, view.substr(view.find("://") + 3), to_bind);
    if (address) address->insecure = true;
    return address;
  }
  return refuse(text, "found no address, expected tcp://HOST:PORT or ipc://PATH");
}

std::string without_insecure(const std::string& address) {
  const std::string_view prefix = kInsecurePrefix;
  return address.starts_with(prefix) ? address.substr(prefix.size()) : address;
}

}  // namespace firesweep
