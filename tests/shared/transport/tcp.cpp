#include "tests/shared/transport/tcp.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace firesweep {
namespace {

constexpr int kWaiting = 64;  // connections that nobody has accepted yet

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

}  // namespace

sockaddr_in socket_address(const std::string& address) {
  const std::size_t host = address.find("://") + 3, colon = address.rfind(':');
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  if (::inet_pton(AF_INET, address.substr(host, colon - host).c_str(), &name.sin_addr) != 1) {
    throw std::runtime_error(address + " is no IPv4 address");
  }
  return name;
}

UniqueFd connected_to(const std::string& address) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in name = socket_address(address);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    fail("cannot connect to " + address);
  }
  return fd;
}

UniqueFd listening_at(const std::string& address) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in name = socket_address(address);
  const int yes = 1;
  static_cast<void>(::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
      ::listen(fd.get(), kWaiting) != 0) {
    fail("cannot listen at " + address);
  }
  return fd;
}

int port_of(const UniqueFd& listener) {
  sockaddr_in name{};
  socklen_t size = sizeof name;
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name), &size) != 0) {
    fail("a listener has no port");
  }
  return ntohs(name.sin_port);
}

bool readable(int fd, std::chrono::milliseconds patience) {
  pollfd item{fd, POLLIN, 0};
  return ::poll(&item, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace firesweep
