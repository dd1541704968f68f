// The simulator over the real rooms: many seeds, none may break a promise, and together they must
// have met everything that can happen.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "tests/sanitized.h"
#include "tests/simulation/campaign.h"

namespace firesweep::simulation {
namespace {

// Sanitizers make a seed many times slower, and what they look for shows in few. Only the whole
// run must meet everything.
constexpr bool kWholeRun = !testing::kSanitized;
constexpr std::uint64_t kSeeds = kWholeRun ? 20'000 : 500;
constexpr unsigned kMostThreads = 2;

TEST(Simulation, NoSeedBreaksAPromiseAndTogetherTheyMeetEverything) {
  Campaign campaign;
  campaign.last = kSeeds;
  campaign.threads =
      static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads));
  const CampaignResult result = run_campaign(campaign);
  std::printf(
      "%lld seeds in %.1f s on %d threads: %.0f a second, median %.2f ms, slowest %.0f ms "
      "(seed %llu), %.0f hours simulated\n%s",
      static_cast<long long>(result.seeds), result.seconds, campaign.threads,
      static_cast<double>(result.seeds) / result.seconds, result.median_ms, result.slowest_ms,
      static_cast<unsigned long long>(result.slowest_seed),
      std::chrono::duration<double>(result.simulated).count() / 3600,
      result.coverage.table().c_str());
  ASSERT_FALSE(result.failure.has_value()) << story_of(*result.failure);
  if (kWholeRun) {
    EXPECT_EQ(result.coverage.missing(), "");
  }
}

TEST(Simulation, ASeedReplaysByteForByte) {
  // The second one has lived through other seeds on its disks: nothing of them may show.
  Simulator first, second;
  Coverage coverage;
  second.run(4711, coverage, false);
  second.run(4719, coverage, false);
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Outcome once = first.run(seed, coverage, true);
    const Outcome again = second.run(seed, coverage, true);
    ASSERT_GT(once.log.size(), 1000u);
    ASSERT_EQ(once.log, again.log) << "seed " << seed;
    ASSERT_EQ(once.violation, again.violation);
    ASSERT_EQ(first.run(seed, coverage, false).simulated, once.simulated)
        << "seed " << seed << " goes otherwise when nobody listens";
  }
}

TEST(Simulation, SeedsDiffer) {
  Simulator simulator;
  Coverage coverage;
  EXPECT_NE(simulator.run(1, coverage, true).log, simulator.run(2, coverage, true).log);
}

}  // namespace
}  // namespace firesweep::simulation
