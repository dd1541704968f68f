#include "shared/transport/client.h"

#include <algorithm>
#include <sstream>

#include "shared/wire/codec.h"

namespace firesweep {
namespace {

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

std::string seconds_text(std::chrono::milliseconds time) {
  std::ostringstream text;
  text << static_cast<double>(time.count()) / 1000.0 << " s";
  return text.str();
}

}  // namespace

Result<ClientConnection> ClientConnection::open(const std::string& address,
                                                const std::optional<CallerKeys>& keys) {
  auto socket = DealerSocket::connect(address, keys);
  if (!socket) return tl::unexpected(socket.error());
  return ClientConnection(std::move(*socket));
}

ClientReply ClientConnection::request(const ClientRequest& request,
                                      std::chrono::milliseconds timeout) {
  const std::string bytes = encode(InboundFrame(request));
  if (const auto legal = decode_inbound(bytes); !legal) return tl::unexpected(legal.error());

  const auto deadline = Clock::now() + timeout;
  const auto connected_by = std::min(deadline, Clock::now() + kConnectTime);
  while (!socket_.send(bytes)) {
    if (auto refused = socket_.refusal()) {
      socket_.reconnect();
      return tl::unexpected(std::move(*refused));
    }
    if (Clock::now() >= connected_by) {
      return fail(
          ErrorCode::kUnavailable, socket_.address(),
          "no coordinator was reached within " + seconds_text(std::min(timeout, kConnectTime)),
          socket_.address().starts_with("tcp://")
              ? "is `firesweep serve` running there? If another user or host runs it, join first: "
                "`firesweep keys invite` there prints how"
              : "is `firesweep serve` running there?");
    }
    socket_.poll_send(std::min(until(connected_by), kRefusalLookEvery));
  }
  do {
    while (const auto answer = socket_.receive()) {
      auto frame = decode_outbound(*answer);
      if (!frame) {
        socket_.reconnect();
        return fail(
            ErrorCode::kBadInput, socket_.address(),
            "what answers there is no coordinator of this version: " + to_string(frame.error()),
            "use the same build of firesweep on both sides");
      }
      if (auto* reply = std::get_if<ClientReply>(&*frame)) return std::move(*reply);
    }
    socket_.poll(until(deadline));
  } while (Clock::now() < deadline);
  // A late answer must not be taken for that of the next request.
  socket_.reconnect();
  return fail(ErrorCode::kUnavailable, socket_.address(),
              "the coordinator was reached, but did not answer within " + seconds_text(timeout),
              "it may be busy, and may still have acted: ask again, or look at its log");
}

}  // namespace firesweep
