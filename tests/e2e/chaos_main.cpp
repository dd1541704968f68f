// firesweep-chaos: a developers' tool that runs a sweep under a seeded script of faults.
#include <boost/program_options.hpp>
#include <cstdio>
#include <iostream>

#include "tests/e2e/chaos.h"

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kSkipped = 77;
constexpr int kMostWorkers = 64;

bool sensible(const firesweep::e2e::ChaosOptions& chaos, double lease) {
  return chaos.trials >= 1 && chaos.trials <= 10'000 && chaos.workers >= 1 &&
         chaos.workers <= kMostWorkers && chaos.seconds > 0 && chaos.kills >= 0 && lease >= 0.5;
}

}  // namespace

int main(int argc, char** argv) try {
  namespace options = boost::program_options;
  firesweep::e2e::ChaosOptions chaos;
  double lease = 2;
  options::options_description all(
      "firesweep-chaos: kills, stops and starves the processes of a simulated sweep");
  auto add = all.add_options();
  add("seed", options::value(&chaos.seed)->default_value(chaos.seed), "decides every fault");
  add("trials", options::value(&chaos.trials)->default_value(chaos.trials), "1 to 10000");
  add("workers", options::value(&chaos.workers)->default_value(chaos.workers),
      "slots, two to a supervisor");
  add("seconds", options::value(&chaos.seconds)->default_value(chaos.seconds),
      "the run lasts at least");
  add("kills", options::value(&chaos.kills)->default_value(chaos.kills),
      "kill -9, of all kinds together");
  add("lease", options::value(&lease)->default_value(lease), "in seconds, at least 0.5");
  add("hosts", options::bool_switch(&chaos.hosts),
      "coordinator and workers on three hosts (network namespaces), a bad network between them");
  add("keep", options::bool_switch(&chaos.keep), "logs and database, also where nothing is broken");
  add("help", "this text");
  options::variables_map given;
  options::store(options::parse_command_line(argc, argv, all), given);
  options::notify(given);
  if (given.contains("help")) return std::cout << all, 0;
  if (!sensible(chaos, lease)) return std::cerr << "a number is out of its range\n" << all, kUsage;
  chaos.lease = std::chrono::milliseconds(static_cast<std::int64_t>(lease * 1000));

  const firesweep::e2e::ChaosReport report = firesweep::e2e::run_chaos(chaos);
  if (!report.impossible.empty())
    return std::cerr << "skipped: " << report.impossible << "\n", kSkipped;
  std::cout << report.summary(chaos) << "\n";
  if (!report.skipped.empty()) std::cout << "skipped: " << report.skipped << "\n";
  for (const std::string& promise : report.broken) std::cout << "BROKEN: " << promise << "\n";
  if (!report.kept.empty()) std::cout << "logs and database: " << report.kept << "\n";
  return report.broken.empty() ? 0 : kFailed;
} catch (const boost::program_options::error& mistake) {
  std::cerr << mistake.what() << "\n";
  return kUsage;
}
