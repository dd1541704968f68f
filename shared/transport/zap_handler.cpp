#include "shared/transport/zap_handler.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <optional>
#include <string>

#include "shared/transport/zmq_call.h"

namespace firesweep {
namespace {

constexpr const char* kZapEndpoint = "inproc://zeromq.zap.01";
constexpr const char* kVersion = "1.0";
// version, request, domain, address, identity, mechanism, credentials
constexpr std::size_t kRequestFrames = 7;

// The key that a request asks about; nothing where it is another kind of request.
std::optional<PublicKey> key_in(const std::vector<zmq::message_t>& frames) {
  if (frames.size() != kRequestFrames || frames[0].to_string_view() != kVersion ||
      frames[2].to_string_view() != kZapDomain || frames[5].to_string_view() != "CURVE" ||
      frames[6].size() != kKeyBytes) {
    return std::nullopt;
  }
  PublicKey key;
  std::copy_n(frames[6].data<std::uint8_t>(), kKeyBytes, key.bytes.begin());
  return key;
}

// Signals are for the loops, whose waiting they end.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

ZapHandler::ZapHandler(zmq::context_t& context, zmq::socket_t& bound_later, Admits admits)
    : socket_(context, zmq::socket_type::rep),
      listener_(context, bound_later),
      admits_(std::move(admits)) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.bind(kZapEndpoint);
  thread_ = std::thread([this] { work(); });
}

ZapHandler::~ZapHandler() {
  wake_.wake();
  thread_.join();
}

void ZapHandler::work() {
  block_signals();
  std::chrono::milliseconds wait(-1);
  for (;;) {
    void* const sockets[] = {socket_.handle(), listener_.handle()};
    if (poll(sockets, &wake_, wait).woken) return;
    const auto now = std::chrono::steady_clock::now();
    for (int left = listener_.accepted(); left > 0; --left) newcomers_.accepted(now);
    if (answer()) newcomers_.admitted(now);
    const bool closed = newcomers_.closed(now);
    listener_.close(closed);
    wait = closed ? std::chrono::ceil<std::chrono::milliseconds>(newcomers_.opens_at() - now)
                  : std::chrono::milliseconds(-1);
  }
}

bool ZapHandler::answer() {
  const auto received = receive_now(socket_);
  if (!received) return false;
  const auto& frames = received->frames;
  const auto key = key_in(frames);
  const bool in = key && admits_(*key);
  const std::array<std::string, 6> reply = {kVersion,
                                            frames.size() > 1 ? frames[1].to_string() : "",
                                            in ? "200" : "400",
                                            "",
                                            in ? to_string(*key) : "",
                                            ""};
  for (std::size_t i = 0; i < reply.size(); ++i) {
    const auto more = i + 1 < reply.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
    while (!socket_.send(zmq::buffer(reply[i]), more)) {
    }
  }
  return in;
}

}  // namespace firesweep
