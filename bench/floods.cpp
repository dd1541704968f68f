// What floods cost a running sweep, and what CURVE does: real coordinators and workers, a simulated
// sweep whose trials take no time, trials per second alone, under each flood and beside a decoy, in
// turns within one run, and the growth of the coordinator's memory. A flooder here shares the cores
// with the sweep, which a flooder on another host does not: the decoy takes as much processor time
// as the flooder took and sends nothing. Fails where memory grows by more than 50 MiB or, unless
// --small, where less than 80 % of the trials per second beside the decoy are left.
#include <signal.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <thread>

#include "bench/command.h"
#include "bench/flooders.h"
#include "shared/transport/client.h"
#include "shared/transport/key_files.h"
#include "tests/e2e/process.h"

namespace firesweep::bench {
namespace {

namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;
using e2e::Process;
using std::chrono::milliseconds;

constexpr std::int64_t kMostGrowth = std::int64_t{50} << 20;
constexpr double kLeastShare = 0.8;

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

// Processors that this process takes while it lives: 1 is a whole one.
class Share {
 public:
  double until_now() const {
    return (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_) / (seconds_of(CLOCK_MONOTONIC) - wall_);
  }

 private:
  double cpu_ = seconds_of(CLOCK_PROCESS_CPUTIME_ID), wall_ = seconds_of(CLOCK_MONOTONIC);
};

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
  auto all = floods({running.endpoint(), s.frames / s.rounds, s.connections, s.seconds});
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
  if (!read_options(argc, argv, options)) return 0;
  ::setenv("XDG_CONFIG_HOME", e2e::config_home().c_str(), /*overwrite=*/1);
  const bool good = measure_floods(s);
  if (!s.small && s.only.empty()) measure_curve(s);
  if (!good) std::cerr << "floods: a flood takes more than it may\n";
  return good ? 0 : 1;
}

}  // namespace
}  // namespace firesweep::bench

int main(int argc, char** argv) {
  return firesweep::bench::exit_code_of("floods",
                                        [&] { return firesweep::bench::run(argc, argv); });
}
