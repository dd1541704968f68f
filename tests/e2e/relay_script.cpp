// What a bad network is going to do, and the line of figures about what it did.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "tests/e2e/relay.h"
#include "tests/simulation/random.h"

namespace firesweep::e2e {
namespace {

using simulation::Random;
using std::chrono::milliseconds;

constexpr int kTroublesInTwenty[][2] = {
    {static_cast<int>(Trouble::kDelay), 4}, {static_cast<int>(Trouble::kThrottle), 3},
    {static_cast<int>(Trouble::kHold), 5},  {static_cast<int>(Trouble::kSwallow), 2},
    {static_cast<int>(Trouble::kCut), 5},   {static_cast<int>(Trouble::kRefuse), 1},
};
constexpr double kOneWay = 0.3;       // of the troubles that know directions
constexpr double kBothSockets = 0.5;  // of a host
constexpr double kLonger = 0.35;      // than a lease, of the troubles in which nothing passes
constexpr double kLate = 0.15;        // of delays: longer than a lease

milliseconds between(Random& random, milliseconds first, milliseconds last) {
  return milliseconds(random.between(first.count(), last.count()));
}

milliseconds length_of(Trouble trouble, milliseconds lease, Random& random) {
  switch (trouble) {
    case Trouble::kDelay:
    case Trouble::kThrottle:
      return between(random, lease / 4, lease * 2);
    case Trouble::kHold:
    case Trouble::kSwallow:
    case Trouble::kRefuse:
      return random.chance(kLonger) ? between(random, lease * 5 / 4, lease * 2)
                                    : between(random, lease / 20, lease * 3 / 4);
    case Trouble::kCut:
      return between(random, lease / 2, lease * 2);
  }
  return milliseconds(0);
}

}  // namespace

std::vector<TroubleAt> relay_script(const RelayScript& options) {
  std::vector<Trouble> deck;
  while (static_cast<int>(deck.size()) < options.troubles) {
    for (const auto& [trouble, count] : kTroublesInTwenty)
      deck.insert(deck.end(), static_cast<std::size_t>(count), static_cast<Trouble>(trouble));
  }
  Random random(options.seed);
  for (std::size_t i = deck.size(); i > 1; --i)
    std::swap(deck[i - 1], deck[static_cast<std::size_t>(random.next() % i)]);

  std::vector<TroubleAt> script;
  const double every = static_cast<double>(options.length.count()) / std::max(options.troubles, 1);
  for (int i = 0; i < options.troubles; ++i) {
    TroubleAt one;
    one.at = milliseconds(static_cast<std::int64_t>((i + random.unit()) * every));
    one.trouble = deck[static_cast<std::size_t>(i)];
    one.lasts = length_of(one.trouble, options.lease, random);
    if (random.chance(kOneWay)) one.directions[random.next() % 2] = false;
    one.delay = random.chance(kLate) ? options.lease * 5 / 4
                                     : between(random, milliseconds(5), options.lease * 2 / 5);
    one.bytes_per_second = 200 << random.between(0, 7);
    one.cut = random.one_of({Cut::kReset, Cut::kClose, Cut::kResetCaller, Cut::kResetTarget});
    const std::size_t host = random.next() % options.hosts;
    const bool both = random.chance(kBothSockets);
    one.way = 2 * host + random.next() % 2;
    script.push_back(one);
    if (!both) continue;
    one.way ^= 1;
    script.push_back(one);
  }
  return script;
}

std::string RelayFigures::text() const {
  const auto times = [this](Trouble trouble) {
    const auto found = troubles.find(trouble);
    return found == troubles.end() ? 0 : found->second;
  };
  char line[512];
  std::snprintf(
      line, sizeof line,
      "network: %d delays, %d throttles, %d holds, %d swallowings, %d refusals (%d longer "
      "than the lease), %d cuts; %lld connections, %lld of them cut; %.1f KB delivered, "
      "%.1f KB lost",
      times(Trouble::kDelay), times(Trouble::kThrottle), times(Trouble::kHold),
      times(Trouble::kSwallow), times(Trouble::kRefuse), longer_than_lease, times(Trouble::kCut),
      static_cast<long long>(connections), static_cast<long long>(cut),
      static_cast<double>(bytes) / 1e3, static_cast<double>(lost) / 1e3);
  return line;
}

}  // namespace firesweep::e2e
