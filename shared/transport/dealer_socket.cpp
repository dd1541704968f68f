#include "shared/transport/dealer_socket.h"

#include "shared/transport/address.h"
#include "shared/transport/family.h"
#include "shared/transport/zmq_call.h"
#include "shared/wire/bounds.h"

namespace firesweep {
namespace {

constexpr int kReconnectMs = 100;  // libzmq doubles it and adds jitter
constexpr int kLongestReconnectMs = 1000;

void show_keys(zmq::socket_t& socket, const CallerKeys& keys) {
  socket.set(zmq::sockopt::curve_serverkey, zmq::buffer(keys.coordinator.bytes));
  socket.set(zmq::sockopt::curve_publickey, zmq::buffer(keys.own.public_key.bytes));
  socket.set(zmq::sockopt::curve_secretkey, zmq::buffer(keys.own.secret.bytes));
}

Error unknown_key(const std::string& address) {
  return {ErrorCode::kUnavailable, address,
          "the coordinator there does not know this user's key, or no longer",
          "paste here what `firesweep keys invite` prints on its host"};
}

Error speaks_otherwise(const std::string& address) {
  const bool insecure = address.starts_with(kInsecurePrefix);
  std::string hint =
      "a coordinator that was started with --insecure is reached as insecure-tcp://…, any other "
      "as tcp://…: try " +
      (insecure ? without_insecure(address) : kInsecurePrefix + address);
  if (!insecure) {
    hint += "; if its keys were made anew, paste here what `firesweep keys invite` prints there";
  }
  return {ErrorCode::kUnavailable, address,
          "what answers there does not speak as this side does, with or without keys",
          std::move(hint)};
}

// Whether the other side closed the connection before the handshake had ended. It does so where it
// sees first that the two do not speak alike, and where it is killed.
bool was_hung_up_on(const SocketEvent& event) {
  return event.number == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL &&
         (event.value == EPIPE || event.value == ECONNRESET);
}

}  // namespace

struct DealerSocket::Impl {
  std::string address;
  bool ipv6 = false;
  std::optional<CallerKeys> keys;
  zmq::context_t context{1};
  zmq::socket_t socket;
  zmq::socket_t handshakes;  // tells how each ended
  std::optional<Error> refused;
  int hung_up = 0;  // times in a row
  std::int64_t opened = 0;
  std::int64_t malformed = 0;

  void watch_handshakes() {
    const std::string place = "inproc://handshakes-" + std::to_string(++opened);
    constexpr int kEnds = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                          ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                          ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    if (zmq_socket_monitor(socket.handle(), place.c_str(), kEnds) != 0) throw zmq::error_t();
    handshakes = zmq::socket_t(context, zmq::socket_type::pair);
    handshakes.set(zmq::sockopt::linger, 0);
    handshakes.connect(place);
    refused.reset();
    hung_up = 0;
  }

  void learn(const SocketEvent& handshake) {
    constexpr int kTooOften = 3;
    hung_up = was_hung_up_on(handshake) ? hung_up + 1 : 0;
    if (handshake.number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
      refused.reset();
    } else if (handshake.number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
      refused = unknown_key(address);
    } else if (handshake.number == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL || hung_up == kTooOften) {
      refused = speaks_otherwise(address);
    }
  }

  void open() {
    handshakes.close();
    socket = zmq::socket_t(context, zmq::socket_type::dealer);
    watch_handshakes();
    if (keys) show_keys(socket, *keys);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::immediate, true);
    socket.set(zmq::sockopt::reconnect_ivl, kReconnectMs);
    socket.set(zmq::sockopt::reconnect_ivl_max, kLongestReconnectMs);
    socket.set(zmq::sockopt::handshake_ivl, kHandshakeMs);
    socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(kMaxMessageBytes));
    socket.set(zmq::sockopt::ipv6, ipv6);
    socket.connect(without_insecure(address));
  }
};

DealerSocket::DealerSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DealerSocket::DealerSocket(DealerSocket&&) noexcept = default;
DealerSocket& DealerSocket::operator=(DealerSocket&&) noexcept = default;
DealerSocket::~DealerSocket() = default;

Result<DealerSocket> DealerSocket::connect(const std::string& address,
                                           const std::optional<CallerKeys>& keys) {
  const Result<Address> parsed = parse_address(address, false);
  if (!parsed) return tl::unexpected(parsed.error());
  if (parsed->takes_keys() && !keys) {
    return fail(ErrorCode::kBadInput, address, "there are no keys to connect with",
                "a coordinator that asks for none is reached as insecure-tcp://…");
  }
  auto impl = std::make_unique<Impl>();
  impl->address = address;
  impl->ipv6 = wants_ipv6(*parsed);
  if (parsed->takes_keys()) impl->keys = keys;
  try {
    impl->open();
  } catch (const zmq::error_t& error) {
    if (error.num() != EINVAL) throw_broken(error, "cannot connect to " + address);
    return fail(ErrorCode::kBadInput, address, "host \"" + parsed->host + "\" cannot be resolved",
                "for example tcp://127.0.0.1:5555");
  }
  return DealerSocket(std::move(impl));
}

const std::string& DealerSocket::address() const { return impl_->address; }

void DealerSocket::reconnect() {
  impl_->socket.close();
  try {
    impl_->open();
  } catch (const zmq::error_t& error) {
    throw_broken(error, "cannot connect to " + impl_->address);
  }
}

std::optional<Error> DealerSocket::refusal() {
  while (const auto received = receive_now(impl_->handshakes)) {
    if (const auto event = event_in(received->frames[0])) impl_->learn(*event);
  }
  return impl_->refused;
}

bool DealerSocket::send(std::string_view bytes) {
  for (;;) {
    try {
      return impl_->socket.send(zmq::buffer(bytes), zmq::send_flags::dontwait).has_value();
    } catch (const zmq::error_t& error) {
      if (error.num() != EINTR) throw_broken(error, "cannot send to " + impl_->address);
    }
  }
}

std::optional<std::string> DealerSocket::receive() {
  while (const auto received = receive_now(impl_->socket)) {
    if (received->frames.size() == 1) return received->frames[0].to_string();
    ++impl_->malformed;
  }
  return std::nullopt;
}

bool DealerSocket::poll(std::chrono::milliseconds timeout) {
  return wait_for(impl_->socket, ZMQ_POLLIN, timeout);
}

bool DealerSocket::poll_send(std::chrono::milliseconds timeout) {
  return wait_for(impl_->socket, ZMQ_POLLOUT, timeout);
}

std::int64_t DealerSocket::malformed() const { return impl_->malformed; }

void DealerSocket::close(std::chrono::milliseconds linger) {
  impl_->socket.set(zmq::sockopt::linger, static_cast<int>(linger.count()));
  impl_->handshakes.close();
  impl_->socket.close();
  impl_->context.close();
}

void* DealerSocket::handle() { return impl_->socket.handle(); }

}  // namespace firesweep
