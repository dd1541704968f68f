#include "shared/transport/router_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "shared/transport/address.h"
#include "shared/transport/family.h"
#include "shared/transport/outgoing.h"
#include "shared/transport/zap_handler.h"
#include "shared/transport/zmq_call.h"

namespace firesweep {
namespace {

constexpr std::int64_t kCurveBytes = 64;  // more than what CURVE adds to a frame
// Messages of one connection that libzmq holds until they are received, each as large as may be.
// The rest stays with the sender.
constexpr int kMostUnread = 8;
constexpr int kBacklog = 4096;  // many that connect at once delay nobody; the kernel may know less
// A host that vanished keeps no connection: two minutes without a sign.
constexpr int kSilenceBeforeProbeS = 60, kProbeEveryS = 20, kProbes = 3;
constexpr int kUnacknowledgedMs = 120'000;
constexpr mode_t kOthersEnter = 077;
constexpr const char* kPeerAddress = "Peer-Address";  // of a message
constexpr std::size_t kKeyDigitsShown = 16;           // as `firesweep keys list` does

tl::unexpected<Error> in_use(const std::string& address, bool tcp) {
  return fail(
      ErrorCode::kConflict, address,
      tcp ? "the port is in use by another process" : "another process listens on this socket",
      tcp ? "choose another port (0 takes any free one), or stop what listens there"
          : "choose another path, or stop what listens there");
}

// Over ipc nobody proves anything: whoever can enter the folder is this user.
Result<void> check_ipc_folder(const std::string& address, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "."
                             : slash == 0               ? "/"
                                                        : path.substr(0, slash);
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0) return {};  // the bind says what is wrong
  if (status.st_uid == ::geteuid() && (status.st_mode & kOthersEnter) == 0) return {};
  return fail(ErrorCode::kBadInput, address,
              "others can enter the folder " + folder + ", and so submit work and read results",
              "put the socket into a folder of your own with mode 0700 (mkdir -m 700 DIR), or "
              "listen on tcp://127.0.0.1:PORT");
}

// libzmq would unlink whatever stands at the path: only a socket that nobody listens on may go.
Result<void> check_ipc_path(const std::string& address, const std::string& path) {
  if (path == "*") return {};
  if (auto folder = check_ipc_folder(address, path); !folder) return folder;
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
  if (parsed.host != "localhost") return without_insecure(address);
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

// What only those hear who know the coordinator's key already: strangers learn nothing.
void close_the_door(zmq::socket_t& socket, const Door& door) {
  socket.set(zmq::sockopt::curve_server, true);
  socket.set(zmq::sockopt::curve_secretkey, zmq::buffer(door.own.secret.bytes));
  socket.set(zmq::sockopt::zap_domain, kZapDomain);
}

void end_dead_connections(zmq::socket_t& socket) {
  socket.set(zmq::sockopt::tcp_keepalive, 1);
  socket.set(zmq::sockopt::tcp_keepalive_idle, kSilenceBeforeProbeS);
  socket.set(zmq::sockopt::tcp_keepalive_intvl, kProbeEveryS);
  socket.set(zmq::sockopt::tcp_keepalive_cnt, kProbes);
  socket.set(zmq::sockopt::tcp_maxrt, kUnacknowledgedMs);
}

PublicKey key_in(std::string_view peer) {
  PublicKey key;
  std::memcpy(key.bytes.data(), peer.data() + peer.size() - kKeyBytes, kKeyBytes);
  return key;
}

// The key that ZAP found; nothing where nobody was asked.
std::optional<PublicKey> sender_of(zmq::message_t& frame) {
  const char* user = zmq_msg_gets(frame.handle(), kUserId);
  return user == nullptr ? std::nullopt : parse_public_key(user);
}

// Over TCP the sender's IP address. Over ipc libzmq has "localhost:user:group:process" of the
// sender.
std::optional<std::string> address_of(zmq::message_t& frame) {
  const char* text = zmq_msg_gets(frame.handle(), kPeerAddress);
  if (text == nullptr || *text == '\0') return std::nullopt;
  std::string address = text;
  if (!address.starts_with("localhost:")) return address;
  return "process " + address.substr(address.rfind(':') + 1);
}

}  // namespace

struct RouterSocket::Impl {
  // What the door lets through.
  std::optional<Arrival> message_in(std::vector<zmq::message_t>& frames);

  zmq::context_t context{1};
  std::unique_ptr<ZapHandler> zap;  // of the door
  zmq::socket_t socket{context, zmq::socket_type::router};
  std::optional<Door> door;
  std::string endpoint;
  std::size_t max_message_bytes = 0;
  std::int64_t unheard = 0;
  Outgoing outgoing{0};
};

std::optional<Arrival> RouterSocket::Impl::message_in(std::vector<zmq::message_t>& frames) {
  // The first frame is the peer's routing id, put there by libzmq.
  Arrival arrival{frames[0].to_string(), {}, {}, frames.size() == 2};
  zmq::message_t& said = frames.back();
  if (door) {
    const auto sender = sender_of(said);
    if (!sender || !door->admits(*sender)) {
      ++unheard;
      return std::nullopt;
    }
    arrival.sender = "key " + to_string(*sender).substr(0, kKeyDigitsShown);
    arrival.peer.append(reinterpret_cast<const char*>(sender->bytes.data()), kKeyBytes);
  } else {
    arrival.sender = address_of(said).value_or("connection " + hex_of(arrival.peer));
  }
  arrival.whole = arrival.whole && said.size() <= max_message_bytes;
  if (arrival.whole) arrival.bytes = said.to_string();
  return arrival;
}

RouterSocket::RouterSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RouterSocket::RouterSocket(RouterSocket&&) noexcept = default;
RouterSocket& RouterSocket::operator=(RouterSocket&&) noexcept = default;
RouterSocket::~RouterSocket() = default;

Result<RouterSocket> RouterSocket::bind(const std::string& address, const RouterOptions& options) {
  const Result<Address> parsed = parse_address(address, true);
  if (!parsed) return tl::unexpected(parsed.error());
  const bool tcp = parsed->kind == Address::Kind::kTcp;
  if (tcp && (!options.door || parsed->insecure) && !options.insecure) {
    return fail(ErrorCode::kBadInput, address,
                "anybody who reaches this port could submit work and read results: connections are "
                "neither encrypted nor checked",
                "listen on tcp://HOST:PORT, which asks for keys, or add --insecure inside a "
                "network you trust");
  }
  if (parsed->kind == Address::Kind::kIpc) {
    if (auto free = check_ipc_path(address, parsed->path); !free) {
      return tl::unexpected(free.error());
    }
  }
  auto impl = std::make_unique<Impl>();
  zmq::socket_t& socket = impl->socket;
  impl->max_message_bytes = options.max_message_bytes;
  impl->outgoing = Outgoing(options.max_waiting_bytes);
  std::int64_t most = static_cast<std::int64_t>(options.max_message_bytes);
  if (tcp && options.door && !options.insecure) {
    impl->door = options.door;
    impl->zap = std::make_unique<ZapHandler>(impl->context, socket, options.door->admits);
    close_the_door(socket, *options.door);
    most += kCurveBytes;
  }
  socket.set(zmq::sockopt::router_mandatory, true);
  socket.set(zmq::sockopt::router_handover, false);
  socket.set(zmq::sockopt::maxmsgsize, most);
  socket.set(zmq::sockopt::linger, static_cast<int>(options.linger.count()));
  socket.set(zmq::sockopt::handshake_ivl, kHandshakeMs);
  socket.set(zmq::sockopt::rcvhwm, kMostUnread);
  socket.set(zmq::sockopt::backlog, kBacklog);
  end_dead_connections(socket);
  socket.set(zmq::sockopt::ipv6, wants_ipv6(*parsed));
  try {
    socket.bind(bindable(address, *parsed));
  } catch (const zmq::error_t& error) {
    return bind_error(address, *parsed, error.num());
  }
  impl->endpoint = socket.get(zmq::sockopt::last_endpoint);
  if (tcp && !impl->door) impl->endpoint = kInsecurePrefix + impl->endpoint;
  return RouterSocket(std::move(impl));
}

const std::string& RouterSocket::last_endpoint() const { return impl_->endpoint; }

bool RouterSocket::poll(std::chrono::milliseconds timeout) {
  return wait_for(impl_->socket, ZMQ_POLLIN, timeout);
}

std::vector<Arrival> RouterSocket::receive(std::size_t most) {
  std::vector<Arrival> messages;
  while (messages.size() < most) {
    auto received = receive_now(impl_->socket);
    if (!received) break;
    if (auto message = impl_->message_in(received->frames)) messages.push_back(std::move(*message));
  }
  return messages;
}

bool RouterSocket::reads(std::string_view peer) const { return impl_->outgoing.room_for(peer); }

bool RouterSocket::send(const std::string& peer, std::string_view bytes) {
  constexpr auto kNow = zmq::send_flags::dontwait;
  const std::optional<PublicKey> key = key_of(peer);
  const auto& door = impl_->door;
  if (door && (!key || !door->admits(*key))) return false;
  const std::string_view connection =
      std::string_view(peer).substr(0, peer.size() - (key ? kKeyBytes : 0));
  auto message = impl_->outgoing.message(peer, bytes);
  if (!message) return false;
  for (;;) {
    try {
      // With router_mandatory the first frame fails where the peer is gone (EHOSTUNREACH) or full
      // (EAGAIN); once it is taken, so is the second.
      if (!impl_->socket.send(zmq::buffer(connection), kNow | zmq::send_flags::sndmore)) {
        return false;
      }
      return impl_->socket.send(*message, kNow).has_value();
    } catch (const zmq::error_t& error) {
      if (error.num() == EINTR) continue;
      if (error.num() == EHOSTUNREACH) return false;
      throw_broken(error, "cannot send");
    }
  }
}

std::optional<PublicKey> RouterSocket::key_of(std::string_view peer) const {
  if (!impl_->door || peer.size() <= kKeyBytes) return std::nullopt;
  return key_in(peer);
}

std::int64_t RouterSocket::unheard() const { return impl_->unheard; }

void* RouterSocket::handle() { return impl_->socket.handle(); }

}  // namespace firesweep
