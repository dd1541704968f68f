#include "tests/e2e/relay.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "tests/shared/transport/tcp.h"

namespace firesweep::e2e {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

constexpr std::size_t kMostQueued = 64 * 1024;  // of one direction; then the speaker has to wait
constexpr std::size_t kPiece = 16 * 1024;
constexpr int kKernelBuffer = 16 * 1024;  // small, so that a slow link is felt soon
constexpr milliseconds kIdle{20}, kBusy{3};
constexpr double kBurst = 0.1;  // seconds of a throttle's rate that may pass at once

// One direction of one way, as it is now.
struct Weather {
  milliseconds delay{0};
  std::int64_t bytes_per_second = 0;  // 0: as many as there are
  bool held = false;
};

struct Piece {
  Time due;
  std::string bytes;
};

// One direction of one connection.
struct Flow {
  std::deque<Piece> pieces;
  std::size_t queued = 0;
  bool ended = false;     // its speaker has closed
  bool swallows = false;  // what it takes is lost
  double allowance = 0;   // bytes, while a throttle lasts
  Time counted;
};

struct Connection {
  std::size_t way = 0;
  std::array<UniqueFd, 2> ends;  // the caller's, the target's; either may be gone while it swallows
  std::array<Flow, 2> flows;     // towards the target, towards the caller
  bool reached = false;          // the target has accepted
  std::optional<Time> cut_at;
  bool over = false;
};

void reset(UniqueFd& fd) {
  const linger at_once{1, 0};
  if (fd)
    static_cast<void>(::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
  fd = UniqueFd();
}

void keep_buffers_small(int fd) {
  for (const int option : {SO_SNDBUF, SO_RCVBUF})
    static_cast<void>(::setsockopt(fd, SOL_SOCKET, option, &kKernelBuffer, sizeof kKernelBuffer));
}

}  // namespace

struct Relay::Impl {
  Impl(const std::vector<Way>& all, milliseconds leased) : ways(all), lease(leased) {
    for (const Way& way : ways) {
      listeners.push_back(listening_at(way.from));
      keep_buffers_small(listeners.back().get());
    }
    weather.resize(ways.size());
    refusing.resize(ways.size());
    thread = std::thread([this] {
      while (!ending) turn();
    });
  }
  ~Impl() {
    ending = true;
    thread.join();
  }

  void turn() {
    const Time now = Clock::now();
    {
      const std::lock_guard lock(mutex);
      follow_script(now);
      for (Connection& connection : connections) {
        if (connection.cut_at && now >= *connection.cut_at) cut(connection, Cut::kReset);
        deliver(connection, now);
      }
      std::erase_if(connections, [](const Connection& one) { return one.over; });
    }
    wait();
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < listeners.size(); ++i) accept(i);
    for (Connection& connection : connections) take(connection, Clock::now());
  }

  // ---- the script ----

  void follow_script(Time now) {
    if (std::exchange(fresh, false)) {
      for (Connection& connection : connections)
        if (connection.cut_at) connection.cut_at = now;
    }
    for (; next < script.size() && now >= begin + script[next].at; ++next)
      strike(script[next], now);
    for (auto& directions : weather) directions = {};
    std::fill(refusing.begin(), refusing.end(), false);
    std::erase_if(lasting, [&](const TroubleAt& one) { return now >= begin + one.at + one.lasts; });
    for (const TroubleAt& one : lasting) {
      if (one.trouble == Trouble::kRefuse) refusing[one.way] = true;
      for (std::size_t i = 0; i < 2; ++i) {
        if (one.directions[i]) worsen(weather[one.way][i], one);
      }
    }
  }

  static void worsen(Weather& now, const TroubleAt& one) {
    if (one.trouble == Trouble::kDelay) now.delay = std::max(now.delay, one.delay);
    if (one.trouble == Trouble::kHold) now.held = true;
    if (one.trouble != Trouble::kThrottle) return;
    const bool faster = now.bytes_per_second == 0 || now.bytes_per_second > one.bytes_per_second;
    if (faster) now.bytes_per_second = one.bytes_per_second;
  }

  void strike(const TroubleAt& one, Time now) {
    ++figures.troubles[one.trouble];
    const bool nothing_passes = one.trouble == Trouble::kHold || one.trouble == Trouble::kSwallow ||
                                one.trouble == Trouble::kRefuse;
    if (nothing_passes && one.lasts > lease) ++figures.longer_than_lease;
    lasting.push_back(one);
    for (Connection& connection : connections) {
      if (connection.way != one.way || connection.cut_at) continue;
      if (one.trouble == Trouble::kRefuse) cut(connection, Cut::kReset);
      if (one.trouble == Trouble::kCut) cut(connection, one.cut);
      if (one.trouble == Trouble::kSwallow) swallow(connection, one.directions);
      if (one.trouble == Trouble::kSwallow || one.trouble == Trouble::kCut)
        connection.cut_at = now + one.lasts;
    }
  }

  void swallow(Connection& connection, std::array<bool, 2> directions) {
    for (std::size_t i = 0; i < 2; ++i) {
      if (!directions[i]) continue;
      connection.flows[i].swallows = true;
      lose(connection.flows[i]);
    }
  }

  void cut(Connection& connection, Cut how) {
    ++figures.cut;
    for (Flow& flow : connection.flows) lose(flow);
    if (how == Cut::kReset || how == Cut::kClose) {
      if (how == Cut::kReset) {
        for (UniqueFd& end : connection.ends) reset(end);
      }
      connection.over = true;
      return;
    }
    reset(connection.ends[how == Cut::kResetCaller ? 0 : 1]);
    swallow(connection, {true, true});
  }

  void lose(Flow& flow) {
    figures.lost += static_cast<std::int64_t>(flow.queued);
    flow.pieces.clear();
    flow.queued = 0;
  }

  // ---- the sockets ----

  void wait() {
    std::vector<pollfd> items;
    bool busy = false;
    for (const UniqueFd& listener : listeners) items.push_back({listener.get(), POLLIN, 0});
    for (const Connection& connection : connections) {
      if (!connection.reached) items.push_back({connection.ends[1].get(), POLLOUT, 0});
      for (std::size_t i = 0; i < 2; ++i) {
        const Flow& flow = connection.flows[i];
        busy = busy || flow.queued > 0;
        if (connection.ends[i] && !flow.ended && flow.queued < kMostQueued)
          items.push_back({connection.ends[i].get(), POLLIN, 0});
      }
    }
    ::poll(items.data(), items.size(), static_cast<int>((busy ? kBusy : kIdle).count()));
  }

  void accept(std::size_t way) {
    if (!readable(listeners[way].get(), milliseconds(0))) return;
    Connection connection;
    connection.way = way;
    connection.ends[0] =
        UniqueFd(::accept4(listeners[way].get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!connection.ends[0]) return;
    if (refusing[way]) return reset(connection.ends[0]);
    ++figures.connections;
    UniqueFd& target = connection.ends[1];
    target = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    keep_buffers_small(target.get());
    const sockaddr_in name = socket_address(ways[way].to);
    const int done = ::connect(target.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
    if (done != 0 && errno != EINPROGRESS) return reset(connection.ends[0]);
    connections.push_back(std::move(connection));
  }

  // What has arrived, into the flows.
  void take(Connection& connection, Time now) {
    if (!connection.reached) connection.reached = has_reached(connection);
    for (std::size_t i = 0; i < 2 && !connection.over; ++i) {
      Flow& flow = connection.flows[i];
      if (!connection.ends[i] || flow.ended || flow.queued >= kMostQueued) continue;
      if (i == 1 && !connection.reached) continue;
      std::string bytes(kPiece, '\0');
      const ssize_t got = ::recv(connection.ends[i].get(), bytes.data(), bytes.size(), 0);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (got < 0) return end(connection);
      if (got == 0) {
        flow.ended = true;
        continue;
      }
      bytes.resize(static_cast<std::size_t>(got));
      if (flow.swallows) {
        figures.lost += got;
        continue;
      }
      const Time due = now + weather[connection.way][i].delay;
      flow.queued += bytes.size();
      flow.pieces.push_back(
          {flow.pieces.empty() ? due : std::max(due, flow.pieces.back().due), std::move(bytes)});
    }
  }

  bool has_reached(Connection& connection) {
    pollfd item{connection.ends[1].get(), POLLOUT, 0};
    if (::poll(&item, 1, 0) <= 0) return false;
    int mistake = 0;
    socklen_t size = sizeof mistake;
    ::getsockopt(connection.ends[1].get(), SOL_SOCKET, SO_ERROR, &mistake, &size);
    if (mistake != 0) end(connection);
    return mistake == 0;
  }

  // One side has reset it, or was never there: the other learns of it.
  void end(Connection& connection) {
    for (Flow& flow : connection.flows) lose(flow);
    for (UniqueFd& fd : connection.ends) reset(fd);
    connection.over = true;
  }

  // What is due, as far as the weather lets it pass.
  void deliver(Connection& connection, Time now) {
    for (std::size_t i = 0; i < 2 && !connection.over; ++i) {
      Flow& flow = connection.flows[i];
      const Weather& now_and_here = weather[connection.way][i];
      const UniqueFd& to = connection.ends[1 - i];
      if (!to || !connection.reached || now_and_here.held) continue;
      refill(flow, now_and_here.bytes_per_second, now);
      while (!flow.pieces.empty() && now >= flow.pieces.front().due) {
        std::string& bytes = flow.pieces.front().bytes;
        std::size_t most = bytes.size();
        if (now_and_here.bytes_per_second > 0)
          most = std::min(most, static_cast<std::size_t>(flow.allowance));
        if (most == 0) break;
        const ssize_t sent = ::send(to.get(), bytes.data(), most, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) break;
        if (sent < 0) return end(connection);
        figures.bytes += sent;
        flow.allowance -= static_cast<double>(sent);
        flow.queued -= static_cast<std::size_t>(sent);
        bytes.erase(0, static_cast<std::size_t>(sent));
        if (bytes.empty()) flow.pieces.pop_front();
      }
      const bool closed = flow.ended && flow.pieces.empty() && !flow.swallows;
      if (closed) connection.over = true;
    }
  }

  static void refill(Flow& flow, std::int64_t rate, Time now) {
    const double passed = std::chrono::duration<double>(now - flow.counted).count();
    flow.counted = now;
    const double most = std::max(1.0, static_cast<double>(rate) * kBurst);
    flow.allowance = std::clamp(flow.allowance + passed * static_cast<double>(rate), 0.0, most);
  }

  const std::vector<Way> ways;
  const milliseconds lease;
  std::vector<UniqueFd> listeners;
  std::atomic<bool> ending{false};

  // The thread's alone.
  std::vector<Connection> connections;
  std::vector<std::array<Weather, 2>> weather;
  std::vector<bool> refusing;

  mutable std::mutex mutex;  // guards what follows
  std::vector<TroubleAt> script, lasting;
  std::size_t next = 0;
  Time begin;
  bool fresh = false;  // the script is another than at the last turn
  RelayFigures figures;

  std::thread thread;  // last: it uses everything above
};

Relay::Relay(const std::vector<Way>& ways, milliseconds lease)
    : impl_(std::make_unique<Impl>(ways, lease)) {}
Relay::~Relay() = default;

std::string Relay::address(std::size_t way) const {
  const std::string& from = impl_->ways[way].from;
  return from.substr(0, from.rfind(':') + 1) + std::to_string(port_of(impl_->listeners[way]));
}

void Relay::trouble(std::vector<TroubleAt> script) {
  const std::lock_guard lock(impl_->mutex);
  impl_->script = std::move(script);
  impl_->lasting.clear();
  impl_->next = 0;
  impl_->begin = Clock::now();
  impl_->fresh = true;
}

RelayFigures Relay::figures() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->figures;
}

}  // namespace firesweep::e2e
