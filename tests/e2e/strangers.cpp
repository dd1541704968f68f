#include "tests/e2e/strangers.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "shared/transport/poll.h"
#include "shared/wire/codec.h"
#include "shared/wire/join.h"
#include "tests/shared/transport/tcp.h"

namespace firesweep::e2e {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// ZMTP 3.1: a greeting of 64 bytes, then frames of a flags byte, a length of 1 or 8 bytes, and a
// body. A command's body begins with the length of its name.
constexpr std::size_t kGreeting = 64;
constexpr unsigned char kLong = 2, kCommand = 4;

std::string described_frame(unsigned char flags, const std::string& body) {
  if ((flags & kCommand) == 0) return "a message of " + std::to_string(body.size()) + " bytes";
  if (body.empty()) return "a command without a name";
  const auto length = static_cast<unsigned char>(body[0]);
  const std::string name = body.substr(1, length);
  if (name != "ERROR" || body.size() < length + 2U) return name;
  return name + " " + body.substr(length + 2U);  // its reason
}

}  // namespace

std::string described(const std::string& bytes, bool closed) {
  std::string text = bytes.size() >= kGreeting ? "greeting"
                     : bytes.empty()           ? "nothing"
                                     : std::to_string(bytes.size()) + " bytes of a greeting";
  for (std::size_t at = kGreeting; at < bytes.size();) {
    const auto flags = static_cast<unsigned char>(bytes[at++]);
    std::uint64_t size = 0;
    for (int left = (flags & kLong) != 0 ? 8 : 1; left > 0 && at < bytes.size(); --left) {
      size = size << 8 | static_cast<unsigned char>(bytes[at++]);
    }
    text += ", " + described_frame(flags, bytes.substr(at, size));
    at += std::min<std::uint64_t>(size, bytes.size() - at);
  }
  return text + (closed ? ", end" : "");
}

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
  return says(everything_one_can_say(session), address, keys);
}

std::optional<std::string> says(const std::vector<std::string>& all, const std::string& address,
                                const std::optional<CallerKeys>& keys) {
  auto socket = DealerSocket::connect(address, keys);
  if (!socket) throw std::runtime_error(to_string(socket.error()));
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
    thread = std::thread([this] {
      while (!ending) relay();
    });
  }
  ~Impl() {
    ending = true;
    thread.join();
  }

  // One connection; those that come later wait.
  void relay() {
    if (!readable(listener.get(), milliseconds(20))) return;
    const UniqueFd caller(::accept(listener.get(), nullptr, nullptr));
    const UniqueFd coordinator = connected_to(to);
    {
      const std::lock_guard lock(mutex);
      said.emplace_back();
    }
    while (!ending && carry(caller.get(), coordinator.get(), true) &&
           carry(coordinator.get(), caller.get(), false)) {
    }
  }
  // False where one of them has ended the connection.
  bool carry(int from, int towards, bool listens) {
    if (!readable(from, milliseconds(5))) return true;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
    {
      const std::lock_guard lock(mutex);
      if (got > 0)
        (listens ? heard : said.back().bytes).append(buffer.data(), static_cast<std::size_t>(got));
      if (got <= 0 && !listens) said.back().closed = true;
    }
    if (got <= 0) return false;
    return ::send(towards, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
  }

  struct Said {
    std::string bytes;
    bool closed = false;
  };

  const std::string to;
  const UniqueFd listener;
  std::atomic<bool> ending{false};
  mutable std::mutex mutex;  // guards what follows
  std::string heard;
  std::vector<Said> said;  // by the coordinator, over each connection
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
std::string Eavesdropper::answers() const {
  const std::lock_guard lock(impl_->mutex);
  std::set<std::string> different;
  for (const Impl::Said& one : impl_->said) different.insert(described(one.bytes, one.closed));
  std::string text, before;
  // In reverse, so that what was cut off when it ended comes after what was not.
  for (auto one = different.rbegin(); one != different.rend(); ++one) {
    if (!before.starts_with(*one)) text += (text.empty() ? "" : "; or ") + *one;
    before = *one;
  }
  return text;
}

}  // namespace firesweep::e2e
