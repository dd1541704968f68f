// What a run is going to do, and what it did: the script of faults and the line of figures.
#include <algorithm>
#include <cstdio>

#include "tests/e2e/chaos.h"
#include "tests/simulation/random.h"

namespace firesweep::e2e {
namespace {

using simulation::Random;
using std::chrono::milliseconds;

constexpr double kShareOfFaults = 0.9;  // of the time: the end of a sweep is left in peace
constexpr int kKillsPerCoordinator = 6;
constexpr int kKillsPerSupervisor = 6;
constexpr int kKillsPerStop = 7;
constexpr int kKillsPerFullDisk = 30;

milliseconds length_of(Fault fault, milliseconds lease, Random& random) {
  const auto between = [&](milliseconds a, milliseconds b) {
    return milliseconds(random.between(a.count(), b.count()));
  };
  switch (fault) {
    case Fault::kKillSlot:
      return milliseconds(0);
    case Fault::kKillSupervisor:
      return between(milliseconds(0), milliseconds(500));
    case Fault::kKillCoordinator:  // now and then away for longer than a lease
      return random.chance(1.0 / 6) ? lease * 5 / 4 : between(milliseconds(0), milliseconds(400));
    case Fault::kStopSlot:
    case Fault::kStopSupervisor:
    case Fault::kStopCoordinator:
      return between(lease * 5 / 4, lease * 7 / 4);
    case Fault::kFillDisk:
      return between(milliseconds(500), milliseconds(2000));
  }
  return milliseconds(0);
}

}  // namespace

std::vector<FaultAt> chaos_script(const ChaosOptions& options) {
  const int coordinators = options.kills / kKillsPerCoordinator,
            supervisors = options.kills / kKillsPerSupervisor;
  const int stops = options.kills / kKillsPerStop;
  const int each = std::max(1, stops / 5);
  std::vector<Fault> deck;
  const auto put = [&deck](Fault fault, int count) {
    deck.insert(deck.end(), std::max(count, 0), fault);
  };
  put(Fault::kKillCoordinator, coordinators);
  put(Fault::kKillSupervisor, supervisors);
  put(Fault::kKillSlot, options.kills - coordinators - supervisors);
  put(Fault::kStopCoordinator, each);
  put(Fault::kStopSupervisor, each);
  put(Fault::kStopSlot, std::max(1, stops - 2 * each));
  put(Fault::kFillDisk, std::max(1, options.kills / kKillsPerFullDisk));

  Random random(options.seed);
  for (std::size_t i = deck.size() - 1; i > 0; --i) {
    std::swap(deck[i],
              deck[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(i)))]);
  }
  const double every = 1000 * kShareOfFaults * options.seconds / static_cast<double>(deck.size());
  std::vector<FaultAt> script;
  for (const Fault fault : deck) {
    const milliseconds at(
        static_cast<std::int64_t>((static_cast<double>(script.size()) + random.unit()) * every));
    const std::uint64_t choice = random.next();
    script.push_back({at, fault, choice, length_of(fault, options.lease, random)});
  }
  return script;
}

int ChaosReport::kills() const {
  int sum = 0;
  for (const Fault fault : {Fault::kKillSlot, Fault::kKillSupervisor, Fault::kKillCoordinator}) {
    if (const auto found = injected.find(fault); found != injected.end()) sum += found->second;
  }
  return sum;
}

std::string ChaosReport::summary(const ChaosOptions& options) const {
  const auto times = [this](Fault fault) {
    const auto found = injected.find(fault);
    return found == injected.end() ? 0 : found->second;
  };
  char line[1024];
  std::snprintf(
      line, sizeof line,
      "seed %llu: %d trials on %d workers%s in %.1f s (%.1f trials/s); %d killed -9 (%d slots, %d "
      "supervisors, "
      "%d coordinators); %d stopped for longer than the lease of %.1f s (%d slots, %d supervisors, "
      "%d "
      "coordinators); disk full %d times (%d commits failed, %d starts refused); %lld attempts, "
      "%lld lost, "
      "%lld results superseded, %lld acknowledged; %s",
      static_cast<unsigned long long>(options.seed), options.trials, options.workers,
      options.hosts ? " of two hosts" : "", seconds, trials_per_second, kills(),
      times(Fault::kKillSlot), times(Fault::kKillSupervisor), times(Fault::kKillCoordinator),
      times(Fault::kStopSlot) + times(Fault::kStopSupervisor) + times(Fault::kStopCoordinator),
      std::chrono::duration<double>(options.lease).count(), times(Fault::kStopSlot),
      times(Fault::kStopSupervisor), times(Fault::kStopCoordinator), times(Fault::kFillDisk),
      failed_commits, refused_starts, static_cast<long long>(attempts),
      static_cast<long long>(lost), static_cast<long long>(superseded),
      static_cast<long long>(acknowledged),
      broken.empty() ? "every promise held" : (std::to_string(broken.size()) + " BROKEN").c_str());
  return network.empty() ? line : std::string(line) + "; " + network;
}

}  // namespace firesweep::e2e
