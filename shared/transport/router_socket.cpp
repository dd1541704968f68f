#include "shared/transport/router_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "shared/transport/address.h"
#include "shared/transport/family.h"
#include "shared/transport/zmq_call.h"

namespace firesweep {
namespace {

constexpr int kHandshakeMs = 10'000;  // a stranger that says nothing is disconnected

tl::unexpected<Error> in_use(const std::string& address, bool tcp) {
  return fail(
      ErrorCode::kConflict, address,
      tcp ? "the port is in use by another process" : "another process listens on this socket",
      tcp ? "choose another port (0 takes any free one), or stop what listens there"
          : "choose another path, or stop what listens there");
}

// libzmq would unlink whatever stands at the path: only a socket that nobody listens on may go.
Result<void> check_ipc_path(const std::string& address, const std::string& path) {
  if (path == "*") return {};
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) {
    return fail(ErrorCode::kBadInput, address, "the path is taken by something that is no socket",
                "choose another path");
  }
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.c_str(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) throw std::runtime_error(std::string("cannot make a socket: ") + strerror(errno));
  const bool refused = ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 &&
                       errno == ECONNREFUSED;
  ::close(fd);
  if (!refused) return in_use(address, false);
  return {};
}

// libzmq asks no resolver for what it binds.
std::string bindable(const std::string& address, const Address& parsed) {
  if (parsed.host != "localhost") return address;
  return "tcp://127.0.0.1" + address.substr(address.rfind(':'));
}

tl::unexpected<Error> bind_error(const std::string& address, const Address& parsed, int number) {
  const bool tcp = parsed.kind == Address::Kind::kTcp;
  switch (number) {
    case EADDRINUSE:
      return in_use(address, tcp);
    case EACCES:
    case EPERM:
    case EROFS:
      return fail(ErrorCode::kIo, address,
                  tcp ? "this user may not open the port" : "this user may not write there",
                  tcp ? "choose a port above 1023" : "choose another folder");
    case ENOENT:
    case ENOTDIR:
      if (!tcp) {
        return fail(ErrorCode::kIo, address, "the folder does not exist",
                    "make it, or choose another path");
      }
      [[fallthrough]];
    case EADDRNOTAVAIL:
    case ENODEV:
    case EINVAL:
      return fail(ErrorCode::kBadInput, address,
                  "host \"" + parsed.host + "\" is no address of this machine",
                  "for example tcp://127.0.0.1:5555, or tcp://*:5555 for all of its addresses");
    default:
      return fail(ErrorCode::kIo, address, std::string("cannot listen: ") + zmq_strerror(number));
  }
}

}  // namespace

struct RouterSocket::Impl {
  zmq::context_t context{1};
  zmq::socket_t socket{context, zmq::socket_type::router};
  std::string endpoint;
  std::int64_t malformed = 0;
};

RouterSocket::RouterSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RouterSocket::RouterSocket(RouterSocket&&) noexcept = default;
RouterSocket& RouterSocket::operator=(RouterSocket&&) noexcept = default;
RouterSocket::~RouterSocket() = default;

Result<RouterSocket> RouterSocket::bind(const std::string& address, const RouterOptions& options) {
  const Result<Address> parsed = parse_address(address, true);
  if (!parsed) return tl::unexpected(parsed.error());
  if (!parsed->local() && !options.insecure) {
    return fail(ErrorCode::kBadInput, address,
                "anybody who reaches this port could submit work and read results: connections are "
                "neither encrypted nor checked",
                "listen on tcp://127.0.0.1:PORT or ipc://PATH, or add --insecure inside a network "
                "you trust");
  }
  if (parsed->kind == Address::Kind::kIpc) {
    if (auto free = check_ipc_path(address, parsed->path); !free) {
      return tl::unexpected(free.error());
    }
  }
  auto impl = std::make_unique<Impl>();
  zmq::socket_t& socket = impl->socket;
  socket.set(zmq::sockopt::router_mandatory, true);
  socket.set(zmq::sockopt::router_handover, false);
  socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(options.max_message_bytes));
  socket.set(zmq::sockopt::linger, static_cast<int>(options.linger.count()));
  socket.set(zmq::sockopt::handshake_ivl, kHandshakeMs);
  socket.set(zmq::sockopt::ipv6, wants_ipv6(*parsed));
  try {
    socket.bind(bindable(address, *parsed));
  } catch (const zmq::error_t& error) {
    return bind_error(address, *parsed, error.num());
  }
  impl->endpoint = socket.get(zmq::sockopt::last_endpoint);
  return RouterSocket(std::move(impl));
}

const std::string& RouterSocket::last_endpoint() const { return impl_->endpoint; }

bool RouterSocket::poll(std::chrono::milliseconds timeout) {
  return wait_for(impl_->socket, ZMQ_POLLIN, timeout);
}

std::vector<std::pair<std::string, std::string>> RouterSocket::receive(std::size_t most) {
  std::vector<std::pair<std::string, std::string>> messages;
  while (messages.size() < most) {
    const auto received = receive_now(impl_->socket);
    if (!received) break;
    // The first frame is the peer's routing id, put there by libzmq.
    if (received->frames.size() != 2) {
      ++impl_->malformed;
      continue;
    }
    messages.emplace_back(received->frames[0].to_string(), received->frames[1].to_string());
  }
  return messages;
}

bool RouterSocket::send(const std::string& peer, std::string_view bytes) {
  constexpr auto kNow = zmq::send_flags::dontwait;
  for (;;) {
    try {
      // With router_mandatory the first frame fails where the peer is gone (EHOSTUNREACH) or full
      // (EAGAIN); once it is taken, so is the second.
      if (!impl_->socket.send(zmq::buffer(peer), kNow | zmq::send_flags::sndmore)) return false;
      return impl_->socket.send(zmq::buffer(bytes), kNow).has_value();
    } catch (const zmq::error_t& error) {
      if (error.num() == EINTR) continue;
      if (error.num() == EHOSTUNREACH) return false;
      throw_broken(error, "cannot send");
    }
  }
}

std::int64_t RouterSocket::malformed() const { return impl_->malformed; }

void* RouterSocket::handle() { return impl_->socket.handle(); }

}  // namespace firesweep
