#include "bench/flooders.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <zmq.hpp>

#include "shared/transport/key_files.h"
#include "shared/wire/codec.h"
#include "tests/e2e/strangers.h"
#include "tests/shared/transport/tcp.h"

namespace firesweep::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kHandshakes{2};  // of a thousand connections

// `total` times within the seconds of a round, evenly.
std::int64_t paced(Turn& turn, std::int64_t total, double seconds,
                   const std::function<void()>& once) {
  turn.ready = true;
  const auto start = Clock::now();
  std::int64_t done = 0;
  while (!turn.ended && done < total) {
    const double passed = std::chrono::duration<double>(Clock::now() - start).count();
    const auto due = static_cast<std::int64_t>(passed / seconds * static_cast<double>(total)) + 1;
    for (; done < std::min(due, total) && !turn.ended; ++done) once();
    std::this_thread::sleep_for(milliseconds(1));
  }
  while (!turn.ended) std::this_thread::sleep_for(milliseconds(5));
  return done;
}

// Connects, says it and leaves, and waits for nothing. False where nobody accepts it.
bool knock(const sockaddr_in& at, const std::string& garbage) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  static_cast<void>(::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at));
  const bool said = ::send(fd, garbage.data(), garbage.size(), MSG_NOSIGNAL) > 0;
  ::close(fd);
  return said;
}

std::vector<std::unique_ptr<e2e::RawConnection>> connections(const std::string& to, int count,
                                                             const std::string& said) {
  std::vector<std::unique_ptr<e2e::RawConnection>> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(std::make_unique<e2e::RawConnection>(to));
    all.back()->say(said);
  }
  return all;
}

// Sockets of one context, with this user's key; `unread` messages are taken from the network.
class Known {
 public:
  Known(const std::string& to, int count, int unread) {
    const CallerKeys keys = keys_to(to).value().value();
    context_.set(zmq::ctxopt::max_sockets, count + 16);
    for (int i = 0; i < count; ++i) {
      zmq::socket_t& socket = sockets_.emplace_back(context_, zmq::socket_type::dealer);
      socket.set(zmq::sockopt::linger, 0);
      socket.set(zmq::sockopt::rcvhwm, unread);
      socket.set(zmq::sockopt::curve_serverkey, zmq::buffer(keys.coordinator.bytes));
      socket.set(zmq::sockopt::curve_publickey, zmq::buffer(keys.own.public_key.bytes));
      socket.set(zmq::sockopt::curve_secretkey, zmq::buffer(keys.own.secret.bytes));
      socket.connect(to);
    }
  }
  bool say(const std::string& bytes) {
    return sockets_[0].send(zmq::buffer(bytes), zmq::send_flags::dontwait).has_value();
  }

 private:
  zmq::context_t context_{1};
  std::vector<zmq::socket_t> sockets_;
};

}  // namespace

std::vector<std::pair<std::string, Flood>> floods(const FloodPlan& plan) {
  const std::string garbage(200, '\xff');
  const auto keep = [plan](const std::string& said) {
    return [plan, said](Turn& turn) {
      const auto all = connections(plan.to, plan.connections, said);
      turn.ready = true;
      while (!turn.ended) std::this_thread::sleep_for(milliseconds(5));
      return static_cast<std::int64_t>(all.size());
    };
  };
  const auto known = [plan](int unread, const std::string& bytes) {
    return [plan, unread, bytes](Turn& turn) {
      Known peer(plan.to, 1, unread);
      std::int64_t said = 0;
      paced(turn, plan.frames, plan.seconds, [&] { said += peer.say(bytes) ? 1 : 0; });
      return said;
    };
  };
  const std::string asks =
      encode(InboundFrame(ClientRequest{kClientProtocolVersion, request::Status{}}));
  return {
      {"garbage, strangers",
       [plan, garbage](Turn& turn) {
         std::int64_t said = 0;
         paced(turn, plan.frames, plan.seconds,
               [&, at = socket_address(plan.to)] { said += knock(at, garbage) ? 1 : 0; });
         return said;
       }},
      {"garbage, known key", known(1000, garbage)},
      {"idle, strangers", keep("")},
      {"half-open (half a greeting)", keep(std::string("\xff\0\0\0\0\0\0\0\1\x7f\3", 11))},
      {"idle, known key",
       [plan](Turn& turn) {
         const Known all(plan.to, plan.connections, 1000);
         std::this_thread::sleep_for(kHandshakes);
         turn.ready = true;
         while (!turn.ended) std::this_thread::sleep_for(milliseconds(5));
         return static_cast<std::int64_t>(plan.connections);
       }},
      {"client that reads nothing", known(1, asks)},
  };
}

double seconds_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::int64_t decoy(Turn& turn, double share) {
  const int threads = static_cast<int>(share) + 1;
  const auto burn = [&turn, each = share / threads] {
    const double start = seconds_of(CLOCK_MONOTONIC), before = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    while (!turn.ended) {
      const double due = (seconds_of(CLOCK_MONOTONIC) - start) * each;
      while (seconds_of(CLOCK_THREAD_CPUTIME_ID) - before < due && !turn.ended) {
      }
      std::this_thread::sleep_for(milliseconds(1));
    }
  };
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) all.emplace_back(burn);
  turn.ready = true;
  for (std::thread& one : all) one.join();
  return 0;
}

}  // namespace firesweep::bench
