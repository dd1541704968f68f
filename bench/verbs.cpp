// How long each control verb takes to answer, asked by a client's connection of a coordinator with
// a real database whose sweep has many points: worst and median of some rounds, in milliseconds.
#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "bench/command.h"
#include "bench/own_coordinator.h"
#include "shared/wire/codec.h"

namespace firesweep::bench {
namespace {

namespace po = boost::program_options;
using request::Verb;
using std::chrono::milliseconds;

constexpr SweepId kSweep{1};

struct Settings {
  std::int64_t points = 0;
  std::int64_t failures = 0;
  int rounds = 0;
  std::string format;
};

std::string list_of(std::int64_t count, double first, double step) {
  std::string list;
  for (std::int64_t i = 0; i < count; ++i) {
    list += (i == 0 ? "" : ",") + std::to_string(first + step * static_cast<double>(i));
  }
  return list;
}

// So many points, in thousands: learning rates × 1,000 values of label smoothing.
request::Submit file_of(std::int64_t points, double first_rate) {
  return submission(R"({"name": "bench", "method": "grid", "trainer": "simulated",
              "max_restarts": 0, "parameters": {"variant": {"value": "v3"},
                             "epochs": {"value": 1}, "lr": {"values": [)" +
                    list_of(points / 1000, first_rate, 0.00001) +
                    "]}, \"label_smoothing\": {\"values\": [" + list_of(1000, 0, 0.0001) + "]}}}");
}

double steer(Client& client, Verb verb, std::optional<TrialId> trial = {}) {
  return client.ask({kClientProtocolVersion, request::Steer{verb, kSweep, trial}});
}

// A worker whose every trial fails for good, until so many have.
void fail_trials(const std::string& endpoint, std::int64_t failures) {
  auto socket = DealerSocket::connect(endpoint).value();
  const SessionId session{1, 2};
  std::uint64_t last_sequence = 0;
  std::uint64_t reports = 0;
  std::uint64_t frames = 0;
  const auto send = [&](std::vector<WorkerMessage> messages) {
    socket.poll_send(milliseconds(3000));
    socket.send(encode(InboundFrame(WorkerFrame{session, ++frames, std::move(messages)})));
  };
  send({hello("bench/0")});
  for (std::int64_t failed = 0; failed < failures;) {
    if (!socket.poll(milliseconds(5000))) throw std::runtime_error("no trial is given out");
    const auto frame = decode_outbound(*socket.receive());
    const auto& commands = std::get<CoordinatorFrame>(*frame);
    last_sequence = std::max(last_sequence, commands.sequence);
    for (const CoordinatorMessage& message : commands.messages) {
      const auto* assign = std::get_if<Assign>(&message);
      if (assign == nullptr) continue;
      ++failed;
      send({Report{++reports, assign->key, report::Errored{Reason::kNan, "bench", 0}}});
    }
  }
  send({Goodbye{}});
}

void print(const Settings& settings, const std::string& verb, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2];
  std::cout << std::fixed << std::setprecision(2);
  if (settings.format == "json") {
    std::cout << R"({"verb": ")" << verb << R"(", "points": )" << settings.points
              << R"(, "median_ms": )" << median << R"(, "worst_ms": )" << times.back() << "}"
              << std::endl;
  } else {
    std::cout << std::left << std::setw(16) << verb << std::right << " median " << std::setw(9)
              << median << " ms   worst " << std::setw(9) << times.back() << " ms" << std::endl;
  }
}

void measure(const Settings& settings) {
  const OwnCoordinator running;
  Client client(running.endpoint());
  const request::Submit file = file_of(settings.points, 0.0001);
  print(settings, "submit", {client.ask({kClientProtocolVersion, file})});
  fail_trials(running.endpoint(), settings.failures);

  std::vector<double> pause, resume, stop, cancel, retry_trial, extend;
  for (int round = 0; round < settings.rounds; ++round) {
    pause.push_back(steer(client, Verb::kPause));
    resume.push_back(steer(client, Verb::kResume));
    stop.push_back(steer(client, Verb::kStop));
    resume.push_back(steer(client, Verb::kResume));
    const TrialId trial = make_trial_id(kSweep, settings.points - 1 - round);
    cancel.push_back(steer(client, Verb::kCancel, trial));
    retry_trial.push_back(steer(client, Verb::kRetry, trial));
    const request::Submit more = file_of(1000, 0.02 + 0.001 * round);
    extend.push_back(client.ask({kClientProtocolVersion, request::Extend{kSweep, more}}));
  }
  print(settings, "pause", pause);
  print(settings, "resume", resume);
  print(settings, "stop", stop);
  print(settings, "cancel trial", cancel);
  print(settings, "retry trial", retry_trial);
  print(settings, "extend by 1000", extend);
  // The sweep's own file with one more learning rate, as people edit them.
  const request::Submit edited = file_of(settings.points + 1000, 0.0001);
  print(settings, "extend, edited",
        {client.ask({kClientProtocolVersion, request::Extend{kSweep, edited}})});
  const std::string failed = "retry " + std::to_string(settings.failures);
  print(settings, failed, {steer(client, Verb::kRetry)});
  print(settings, "cancel", {steer(client, Verb::kCancel)});
}

}  // namespace

int run(int argc, char** argv) {
  Settings settings;
  po::options_description options("How long each control verb takes to answer");
  options.add_options()("help", "this text")("points",
                                             po::value(&settings.points)->default_value(1'000'000),
                                             "of the sweep, in thousands")(
      "failures", po::value(&settings.failures)->default_value(1000), "trials for retry")(
      "rounds", po::value(&settings.rounds)->default_value(20), "of each verb")(
      "format,f", po::value(&settings.format)->default_value("text"), "text or json");
  if (!read_options(argc, argv, options)) return 0;
  measure(settings);
  return 0;
}

}  // namespace firesweep::bench

int main(int argc, char** argv) {
  return firesweep::bench::exit_code_of("verbs", [&] { return firesweep::bench::run(argc, argv); });
}
