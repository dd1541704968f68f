// What searches that learn cost a coordinator: the time of a proposal after many finished trials;
// then a whole sweep through a real coordinator and database, by workers that train nothing: trials
// per second, and how long a client waits for an answer meanwhile. Fails where a proposal takes
// longer than 20 ms of processor time, or an answer longer than half a second.
#include <algorithm>
#include <atomic>
#include <boost/program_options.hpp>
#include <chrono>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/command.h"
#include "bench/own_coordinator.h"
#include "coordinator/search/learning.h"
#include "shared/codec/sweep_codec.h"
#include "shared/domain/methods.h"
#include "shared/transport/dealer_socket.h"

namespace firesweep::bench {
namespace {

namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr double kMostMilliseconds = 20;  // of a proposal
constexpr double kMostWait = 500;         // for an answer, in milliseconds
constexpr int kTimes = 40;                // proposals that are timed

struct Settings {
  std::string method;
  std::int64_t trials = 0;
  int workers = 0;
  bool unjudged = false;
};

double quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

// Real, whole and categorical parameters, one of which exists only with some values of another.
std::string sweep_text(const Settings& settings) {
  return R"({"name": "bench", "method": ")" + settings.method +
         R"(", "trainer": "simulated", "run_cap": )" + std::to_string(settings.trials) +
         R"(, "max_restarts": 0, "parameters": {"variant": {"value": "v3"},
  "epochs": {"value": 1}, "optimizer": {"values": ["muon", "sgd", "adamw"]},
  "lr": {"distribution": "log_uniform_values", "min": 0.005, "max": 0.02},
  "label_smoothing": {"min": 0.0, "max": 0.3}, "dropout": {"min": 0.0, "max": 0.5},
  "batch_size": {"min": 32, "max": 256}, "momentum": {"min": 0.5, "max": 0.99}},
  "conditions": {"momentum": {"optimizer": "sgd"}}})";
}

double score_of(const TrialConfig& config) {
  const double rate = std::log10(config.lr) + 2;
  return 0.7 - rate * rate - std::abs(config.label_smoothing - 0.1) - 0.1 * config.dropout;
}

// The processor's milliseconds for each of some proposals after so many results, while some trials
// run.
std::vector<double> times_of_proposals(const Settings& settings, Method method) {
  Settings own = settings;
  own.method = to_string(method);
  const auto spec = decode_sweep(sweep_text(own), "bench.json");
  if (!spec) throw std::runtime_error(to_string(spec.error()));
  LearningSearch search(*spec);
  SearchRandom random(1, 1);
  for (std::int64_t i = 0; i < settings.trials; ++i) {
    Coordinates at = random_point(search.space(), random);
    const double score = 1 - std::abs(at[1] - 0.4) - std::abs(at[2] - 0.3) + 0.1 * random.unit();
    search.keep(std::move(at), static_cast<double>(random.below(100'000)));
    if (i + settings.workers < settings.trials) search.learn(i, score);
  }
  const std::vector<std::int64_t> running(search.open().begin(), search.open().end());
  std::vector<double> times;
  for (int i = 0; i < kTimes; ++i) {
    const std::clock_t begin = std::clock();
    search.keep(search.propose(running, [](const Coordinates&) { return true; }), 1);
    times.push_back(1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  return times;
}

// A worker that finishes every trial at once.
class Worker {
 public:
  Worker(const std::string& endpoint, int index)
      : socket_(DealerSocket::connect(endpoint).value()),
        session_{7, static_cast<std::uint64_t>(index) + 1} {
    send({hello("bench/" + std::to_string(index))});
  }

  // How many trials it has finished meanwhile.
  std::int64_t work() {
    std::int64_t finished = 0;
    while (auto bytes = socket_.receive()) {
      const auto frame = decode_outbound(*bytes);
      if (!frame) throw std::runtime_error(to_string(frame.error()));
      const auto* commands = std::get_if<CoordinatorFrame>(&*frame);
      if (commands == nullptr) continue;
      std::vector<WorkerMessage> reports;
      for (const CoordinatorMessage& message : commands->messages) {
        if (const auto* assign = std::get_if<Assign>(&message)) {
          reports.emplace_back(Report{++reports_, assign->key, report::Started{}});
          TrialResult result;
          result.val_accuracy = score_of(assign->config);
          result.test_accuracy = 0.5;
          result.epochs = 1;
          result.amp = "off";
          reports.emplace_back(Report{++reports_, assign->key, report::Finished{result}});
          ++finished;
        }
      }
      if (!reports.empty()) send(std::move(reports));
    }
    return finished;
  }

 private:
  void send(std::vector<WorkerMessage> messages) {
    socket_.poll_send(milliseconds(3000));
    socket_.send(encode(InboundFrame(WorkerFrame{session_, ++frames_, std::move(messages)})));
  }

  DealerSocket socket_;
  SessionId session_;
  std::uint64_t reports_ = 0;
  std::uint64_t frames_ = 0;
};

struct Found {
  std::vector<double> rates;  // trials per second, of each tenth of the sweep
  std::vector<double> waits;  // for an answer, in milliseconds, within the last tenth
};

Found run_sweep(const Settings& settings) {
  const OwnCoordinator running;
  Client client(running.endpoint());
  client.ask({kClientProtocolVersion, submission(sweep_text(settings))});
  std::atomic<std::int64_t> finished = 0;
  std::atomic<bool> failed = false;
  Found found;
  std::thread work([&] {
    try {
      std::vector<Worker> workers;
      for (int i = 0; i < settings.workers; ++i) workers.emplace_back(running.endpoint(), i);
      auto heard = Clock::now();
      auto since = heard;
      std::int64_t tenth = 1;
      while (finished < settings.trials) {
        for (Worker& worker : workers) {
          const std::int64_t more = worker.work();
          if (more > 0) heard = Clock::now();
          finished += more;
        }
        if (Clock::now() - heard > std::chrono::seconds(10)) {
          throw std::runtime_error("no trial is given out");
        }
        if (finished * 10 >= tenth * settings.trials) {
          const double seconds = std::chrono::duration<double>(Clock::now() - since).count();
          found.rates.push_back(static_cast<double>(settings.trials) / 10 / seconds);
          since = Clock::now();
          ++tenth;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      }
    } catch (const std::exception& failure) {
      std::cerr << "proposals: " << failure.what() << "\n";
      failed = true;
    }
  });
  while (!failed && finished < settings.trials) {
    const bool measured = finished * 10 >= settings.trials * 9;
    if (measured) found.waits.push_back(client.ask({kClientProtocolVersion, request::Status{}}));
    std::this_thread::sleep_for(milliseconds(measured ? 20 : 50));
  }
  work.join();
  if (failed) throw std::runtime_error("the sweep did not end");
  return found;
}

bool measure(const Settings& settings) {
  bool good = true;
  std::cout << std::fixed << std::setprecision(2);
  for (const MethodInfo& info : methods()) {
    if (!info.learns) continue;
    const auto times = times_of_proposals(settings, info.method);
    const double median = quantile(times, 0.5);
    std::cout << std::left << std::setw(10) << to_string(info.method) << " a proposal after "
              << settings.trials << " trials: median " << median << " ms, worst "
              << quantile(times, 1) << " ms of processor time" << std::endl;
    good = good && median <= kMostMilliseconds;
  }
  const Found found = run_sweep(settings);
  std::cout << settings.method << ", " << settings.workers << " workers: trials/s in each tenth";
  for (const double rate : found.rates) std::cout << " " << std::setprecision(0) << rate;
  std::cout << std::setprecision(1) << "\nan answer meanwhile, at " << settings.trials
            << " trials: median " << quantile(found.waits, 0.5) << " ms, worst "
            << quantile(found.waits, 1) << " ms, of " << found.waits.size() << "\n";
  return good && quantile(found.waits, 1) <= kMostWait;
}

int run(int argc, char** argv) {
  Settings settings;
  po::options_description options("proposals: what searches that learn cost a coordinator");
  options.add_options()("help,h", "print this and exit")(
      "method", po::value(&settings.method)->default_value("tpe"), "of the sweep")(
      "trials", po::value(&settings.trials)->default_value(10'000), "of the sweep, at least 100")(
      "workers", po::value(&settings.workers)->default_value(8), "that train nothing")(
      "unjudged", po::bool_switch(&settings.unjudged), "succeed however long things take");
  if (!read_options(argc, argv, options)) return 0;
  if (settings.trials < 100 || settings.workers < 1) {
    std::cerr << "proposals: --trials is at least 100, --workers at least 1\n";
    return 2;
  }
  const bool good = measure(settings) || settings.unjudged;
  if (!good) std::cerr << "proposals: slower than it may be\n";
  return good ? 0 : 1;
}

}  // namespace
}  // namespace firesweep::bench

int main(int argc, char** argv) {
  return firesweep::bench::exit_code_of("proposals",
                                        [&] { return firesweep::bench::run(argc, argv); });
}
