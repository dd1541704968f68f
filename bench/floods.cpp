// What floods cost a running sweep, and what CURVE does: real coordinators and workers, a simulated
// sweep whose trials take no time, trials per second alone, under each flood and beside a decoy, in
// turns within one run, and the growth of the coordinator's memory. A flooder here shares the cores
// with the sweep, which a flooder on another host does not: the decoy takes as much processor time
// as the flooder took and sends nothing. Fails where memory grows by more than 50 MiB or, unless
// --small, where less than 80 % of the trials per second beside the decoy are left.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <boost/program_options.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <thread>
#include <zmq.hpp>

#include "shared/transport/client.h"
#include "shared/transport/key_files.h"
#include "shared/wire/codec.h"
#include "tests/e2e/process.h"
#include "tests/e2e/strangers.h"

namespace firesweep::bench {
namespace {

namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;
using e2e::Process;
using std::chrono::milliseconds;

constexpr std::int64_t kMostGrowth = std::int64_t{50} << 20;
constexpr double kLeastShare = 0.8;
constexpr std::chrono::seconds kHandshakes{2};  // of a thousand connections

struct Settings {
  int rounds = 0;
  double seconds = 0;
  int frames = 0, connections = 0;
  std::string only;
  bool small = false;
};

std::string sweep_text() {
  std::string seeds, values;
  for (int i = 1; i <= 200; ++i) seeds += (i > 1 ? "," : "") + std::to_string(i);
  for (int i = 0; i < 9000; ++i) values += (i > 0 ? "," : "") + std::to_string(i / 10000.0);
  return R"({"name": "floods", "method": "grid", "trainer": "simulated",
 "metric": {"name": "val_accuracy", "goal": "maximize"}, "seeds": [)" +
         seeds + R"(], "parameters": {"variant": {"value": "v3"}, "epochs": {"value": 1},
 "label_smoothing": {"values": [)" +
         values + "]}}}\n";
}

// A coordinator with one worker, busy with the sweep.
class Running {
 public:
  explicit Running(bool keys)
      : coordinator_("firesweep", words(keys), folder_.path()),
        endpoint_(e2e::endpoint_of(coordinator_)) {
    worker_.emplace("firesweep-worker",
                    std::vector<std::string>{"--coordinator", endpoint_, "--slots", "1"},
                    folder_.path());
    const std::string file = e2e::write(folder_ / "s.json", sweep_text());
    const auto submitted =
        e2e::run("firesweep", {"submit", file, "--coordinator", endpoint_}, folder_.path());
    if (submitted.code != 0) throw std::runtime_error(submitted.err);
    if (!e2e::eventually([&] { return trials() > 100; })) throw std::runtime_error("no trials run");
  }
  const std::string& endpoint() const { return endpoint_; }
  std::int64_t trials() const {
    const std::string count = e2e::ask(folder_ / "sweeps.db", "SELECT count(*) FROM results");
    return count.empty() ? 0 : std::stoll(count);
  }
  std::int64_t memory() const {
    std::ifstream status("/proc/" + std::to_string(coordinator_.pid()) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6)) << 10;
    }
    throw std::runtime_error("the coordinator died");
  }
  void signal(int number) const {
    coordinator_.signal(number);
    worker_->signal(number);
  }
  std::string status() const {
    return e2e::run("firesweep", {"status", "--coordinator", endpoint_}, folder_.path()).out;
  }

 private:
  static std::vector<std::string> words(bool keys) {
    std::vector<std::string> all{"serve", "--listen", "tcp://127.0.0.1:*", "--log-file", "log"};
    if (!keys) all.emplace_back("--insecure");
    return all;
  }
  e2e::TempFolder folder_;
  Process coordinator_;
  std::string endpoint_;
  std::optional<Process> worker_;
};

double per_second(const Running& running, double seconds) {
  const auto start = Clock::now();
  const std::int64_t before = running.trials();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const std::int64_t done = running.trials() - before;
  return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double seconds_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Processors that this process takes while it lives: 1 is a whole one.
class Share {
 public:
  double until_now() const {
    return (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_) / (seconds_of(CLOCK_MONOTONIC) - wall_);
  }

 private:
  double cpu_ = seconds_of(CLOCK_PROCESS_CPUTIME_ID), wall_ = seconds_of(CLOCK_MONOTONIC);
};

// The measurement begins once the flood is there; the flood goes on until the measurement's end.
struct Turn {
  std::atomic<bool> ready = false;
  std::atomic<bool> ended = false;
};

// How much it did.
using Flood = std::function<std::int64_t(Turn& turn)>;

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

std::vector<std::pair<std::string, Flood>> floods(const Running& running, const Settings& s) {
  const std::string to = running.endpoint();
  const std::string garbage(200, '\xff');
  const std::int64_t frames = s.frames / s.rounds;
  const auto keep = [&s, to](const std::string& said) {
    return [&s, to, said](Turn& turn) {
      const auto all = connections(to, s.connections, said);
      turn.ready = true;
      while (!turn.ended) std::this_thread::sleep_for(milliseconds(5));
      return static_cast<std::int64_t>(all.size());
    };
  };
  const auto known = [&s, to, frames](int unread, const std::string& bytes) {
    return [&s, to, frames, unread, bytes](Turn& turn) {
      Known peer(to, 1, unread);
      std::int64_t said = 0;
      paced(turn, frames, s.seconds, [&] { said += peer.say(bytes) ? 1 : 0; });
      return said;
    };
  };
  const std::string asks =
      encode(InboundFrame(ClientRequest{kClientProtocolVersion, request::Status{}}));
  return {
      {"garbage, strangers",
       [&s, to, garbage, frames](Turn& turn) {
         return paced(turn, frames, s.seconds, [&] { e2e::RawConnection(to).say(garbage); });
       }},
      {"garbage, known key", known(1000, garbage)},
      {"idle, strangers", keep("")},
      {"half-open (half a greeting)", keep(std::string("\xff\0\0\0\0\0\0\0\1\x7f\3", 11))},
      {"idle, known key",
       [&s, to](Turn& turn) {
         const Known all(to, s.connections, 1000);
         std::this_thread::sleep_for(kHandshakes);
         turn.ready = true;
         while (!turn.ended) std::this_thread::sleep_for(milliseconds(5));
         return static_cast<std::int64_t>(s.connections);
       }},
      {"client that reads nothing", known(1, asks)},
  };
}

// Takes as much processor time as `share` says, in small pieces as a flood does, and sends
// nothing.
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

struct Row {
  std::vector<double> of_alone, of_decoy, taken;  // taken: processors, by the flooder
  std::int64_t done = 0, growth = 0;
};

struct Measured {
  double per_second = 0, taken = 0;
  std::int64_t done = 0, growth = 0;
};

Measured measure(const Running& running, const Flood& flood, double seconds) {
  const std::int64_t memory = running.memory();
  Measured measured;
  Turn turn;
  std::thread flooder([&] { measured.done = flood(turn); });
  std::thread watch([&] {
    while (!turn.ended) {
      measured.growth = std::max(measured.growth, running.memory() - memory);
      std::this_thread::sleep_for(milliseconds(20));
    }
  });
  while (!turn.ready) std::this_thread::sleep_for(milliseconds(5));
  const Share share;
  measured.per_second = per_second(running, seconds);
  measured.taken = share.until_now();
  turn.ended = true;
  flooder.join();
  watch.join();
  return measured;
}

bool measure_floods(const Settings& s) {
  const Running running(true);
  per_second(running, s.seconds);  // until memory has its size
  auto all = floods(running, s);
  std::erase_if(all, [&](const auto& one) { return one.first.find(s.only) == std::string::npos; });
  std::vector<Row> rows(all.size());
  double alone = per_second(running, s.seconds);
  std::vector<double> alones{alone};
  for (int round = 0; round < s.rounds; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Measured flooded = measure(running, all[i].second, s.seconds);
      const Flood beside = [&](Turn& turn) { return decoy(turn, flooded.taken); };
      const Measured decoyed = measure(running, beside, s.seconds);
      const double after = per_second(running, s.seconds);
      rows[i].of_alone.push_back(flooded.per_second / ((alone + after) / 2));
      rows[i].of_decoy.push_back(flooded.per_second / decoyed.per_second);
      rows[i].taken.push_back(flooded.taken);
      rows[i].done += flooded.done;
      rows[i].growth = std::max(rows[i].growth, flooded.growth);
      alone = after;
      alones.push_back(after);
    }
  }
  bool good = true;
  std::cout << std::fixed << "alone: median " << std::setprecision(0) << median(alones)
            << " trials/s, " << *std::min_element(alones.begin(), alones.end()) << " to "
            << *std::max_element(alones.begin(), alones.end()) << "\n";
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Row& row = rows[i];
    const auto [least, most] = std::minmax_element(row.of_decoy.begin(), row.of_decoy.end());
    std::cout << std::left << std::setw(28) << all[i].first << std::right << std::setw(7)
              << row.done << "   takes " << std::setprecision(2) << median(row.taken)
              << " processors   trials/s ÷ beside its decoy " << median(row.of_decoy) << " ("
              << *least << " to " << *most << "), ÷ alone " << median(row.of_alone) << "   memory +"
              << std::setprecision(1) << static_cast<double>(row.growth) / (1 << 20) << " MiB\n";
    good = good && row.growth <= kMostGrowth && (s.small || median(row.of_decoy) >= kLeastShare);
  }
  std::cout << running.status();
  return good;
}

// Connects, asks and leaves: connections per second.
double handshakes_per_second(const std::string& to, double seconds) {
  const auto keys = keys_to(to).value();
  const auto start = Clock::now();
  int done = 0;
  double passed = 0;
  for (; passed < seconds; ++done) {
    auto connection = ClientConnection::open(to, keys).value();
    const auto reply =
        connection.request({kClientProtocolVersion, request::Status{}}, milliseconds(10'000));
    if (!reply) throw std::runtime_error(to_string(reply.error()));
    passed = std::chrono::duration<double>(Clock::now() - start).count();
  }
  return done / passed;
}

void measure_curve(const Settings& s) {
  const Running with(true), without(false);
  std::vector<double> trials;
  std::vector<double> connects_with, connects_without;
  for (int round = 0; round < 2 * s.rounds; ++round) {
    double rate[2], connects[2];
    for (const int half : {0, 1}) {
      const int which = (half + round) % 2;
      const Running& runs = which == 0 ? with : without;
      (which == 0 ? without : with).signal(SIGSTOP);
      runs.signal(SIGCONT);
      per_second(runs, 0.5);
      rate[which] = per_second(runs, s.seconds);
      connects[which] = handshakes_per_second(runs.endpoint(), s.seconds / 2);
      (which == 0 ? without : with).signal(SIGCONT);
    }
    trials.push_back(rate[0] / rate[1]);
    connects_with.push_back(connects[0]);
    connects_without.push_back(connects[1]);
  }
  std::cout << std::fixed << std::setprecision(2) << "CURVE: trials/s with ÷ without "
            << median(trials) << " (" << *std::min_element(trials.begin(), trials.end()) << " to "
            << *std::max_element(trials.begin(), trials.end())
            << ")   connect, ask, leave: " << std::setprecision(0) << median(connects_with)
            << "/s with, " << median(connects_without) << "/s without, one at a time\n";
}

int run(int argc, char** argv) {
  Settings s;
  po::options_description options("floods: a sweep under floods, and the cost of CURVE");
  options.add_options()("help,h", "print this and exit")(
      "rounds", po::value(&s.rounds)->default_value(3), "of every flood")(
      "seconds", po::value(&s.seconds)->default_value(2), "of a measurement")(
      "frames", po::value(&s.frames)->default_value(100'000), "of garbage, in all rounds together")(
      "connections", po::value(&s.connections)->default_value(1000), "that idle")(
      "only", po::value(&s.only), "floods with this in their name")(
      "small", po::bool_switch(&s.small), "judge memory alone");
  po::variables_map values;
  po::store(po::parse_command_line(argc, argv, options), values);
  po::notify(values);
  if (values.count("help") != 0) {
    std::cout << options;
    return 0;
  }
  ::setenv("XDG_CONFIG_HOME", e2e::config_home().c_str(), /*overwrite=*/1);
  const bool good = measure_floods(s);
  if (!s.small && s.only.empty()) measure_curve(s);
  if (!good) std::cerr << "floods: a flood takes more than it may\n";
  return good ? 0 : 1;
}

}  // namespace
}  // namespace firesweep::bench

int main(int argc, char** argv) {
  try {
    return firesweep::bench::run(argc, argv);
  } catch (const std::exception& failure) {
    std::cerr << "floods: " << failure.what() << "\n";
    return 2;
  }
}
