#include "shared/transport/zap_handler.h"

#include <signal.h>

#include <algorithm>
#include <array>
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

ZapHandler::ZapHandler(zmq::context_t& context, Admits admits)
    : socket_(context, zmq::socket_type::rep), admits_(std::move(admits)) {
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
  for (;;) {
    void* const sockets[] = {socket_.handle()};
    const Ready ready = poll(sockets, &wake_, std::chrono::milliseconds(-1));
    if (ready.woken) return;
    if (ready.any()) answer();
  }
}

void ZapHandler::answer() {
  const auto received = receive_now(socket_);
  if (!received) return;
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
}

}  // namespace firesweep
