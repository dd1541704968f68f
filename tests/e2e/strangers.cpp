#include "tests/e2e/strangers.h"

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "shared/transport/poll.h"
#include "shared/wire/codec.h"
#include "shared/wire/join.h"
#include "tests/e2e/tcp.h"

namespace firesweep::e2e {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

}  // namespace

std::vector<std::string> everything_one_can_say(SessionId session) {
  const TrialKey key{make_trial_id(SweepId{1}, 0), AttemptNo{1}};
  const auto asks = [](auto body) {
    return encode(InboundFrame(ClientRequest{kClientProtocolVersion, std::move(body)}));
  };
  const auto works = [&](std::uint64_t sequence, WorkerMessage message) {
    return encode(InboundFrame(WorkerFrame{session, sequence, {std::move(message)}}));
  };
  Hello hello;
  hello.name = "stranger/0";
  hello.capabilities.trainers = {"simulated"};
  hello.held = {{key, true}};
  TrialResult result;
  result.epochs = 1;
  std::vector<std::string> all = {
      asks(request::Status{}),
      asks(request::Query{"list", "json", {}, {}, {}}),
      asks(request::Submit{"s.json", "{}", {}}),
      asks(request::Steer{request::Verb::kCancel, SweepId{1}, {}}),
      asks(request::Release{"host/0"}),
      works(1, hello),
      works(2, Report{1, key, report::Started{}}),
      works(3, Report{2, key, report::Finished{result}}),
      works(4, Report{3, key, report::Errored{}}),
      works(5, Goodbye{}),
  };
  for (const char filling : {'\0', 'x', '\xff'}) {
    all.push_back(encode(JoinRequest{std::string(kTokenBytes, filling), "stranger"}));
  }
  return all;
}

std::optional<std::string> says_everything(const std::string& address,
                                           const std::optional<CallerKeys>& keys,
                                           SessionId session) {
  auto socket = DealerSocket::connect(address, keys);
  if (!socket) throw std::runtime_error(to_string(socket.error()));
  const std::vector<std::string> all = everything_one_can_say(session);
  const auto end = Clock::now() + kStrangersPatience;
  for (std::size_t next = 0; Clock::now() < end;) {
    if (auto answer = socket->receive()) return answer;
    if (socket->refusal()) socket->reconnect();
    if (socket->send(all[next % all.size()])) ++next;
    socket->poll(milliseconds(5));
  }
  return std::nullopt;
}

RawConnection::RawConnection(const std::string& address) : fd_(connected_to(address)) {}

void RawConnection::say(const std::string& bytes) {
  static_cast<void>(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

std::string RawConnection::hear(milliseconds patience) {
  std::string text;
  const auto end = Clock::now() + patience;
  while (!closed_ && Clock::now() < end) {
    if (!readable(fd_.get(), milliseconds(20))) continue;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    closed_ = got <= 0;
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

struct Eavesdropper::Impl {
  explicit Impl(const std::string& coordinator)
      : to(coordinator), listener(listening_at("tcp://127.0.0.1:0")) {
    thread = std::thread([this] { relay(); });
  }
  ~Impl() {
    ending = true;
    thread.join();
  }

  // One connection; those that come later wait.
  void relay() {
    while (!ending && !readable(listener.get(), milliseconds(20))) {
    }
    if (ending) return;
    const UniqueFd caller(::accept(listener.get(), nullptr, nullptr));
    const UniqueFd coordinator = connected_to(to);
    bool open = true;
    while (open && !ending) {
      open = carry(caller.get(), coordinator.get(), true) &&
             carry(coordinator.get(), caller.get(), false);
    }
  }
  bool carry(int from, int towards, bool listens) {
    if (!readable(from, milliseconds(5))) return true;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    if (listens) {
      const std::lock_guard lock(mutex);
      heard.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return ::send(towards, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
  }

  const std::string to;
  const UniqueFd listener;
  std::atomic<bool> ending{false};
  mutable std::mutex mutex;  // guards what follows
  std::string heard;
  std::thread thread;
};

Eavesdropper::Eavesdropper(const std::string& address) : impl_(std::make_unique<Impl>(address)) {}
Eavesdropper::~Eavesdropper() = default;
std::string Eavesdropper::address() const {
  return "tcp://127.0.0.1:" + std::to_string(port_of(impl_->listener));
}
std::string Eavesdropper::heard() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->heard;
}

}  // namespace firesweep::e2e
