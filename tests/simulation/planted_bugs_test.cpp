// A simulator that finds nothing proves nothing: each planted bug must be found, and soon.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "tests/places.h"
#include "tests/sanitized.h"
#include "tests/simulation/campaign.h"

namespace firesweep::simulation {
namespace {

constexpr std::uint64_t kSeedsEnough = 2'000;
constexpr std::size_t kLongestViolation = 70;

// The first seed at which each bug was found, by name. A hint: it changes with what the simulator
// draws.
std::map<std::string, std::uint64_t, std::less<>> known_seeds() {
  std::map<std::string, std::uint64_t, std::less<>> seeds;
  std::ifstream file(source_dir() / "tests/simulation/planted/seeds.txt");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::uint64_t seed = 0;
    std::string name;
    if (words >> seed >> name) seeds[name] = seed;
  }
  return seeds;
}

std::optional<Outcome> find(Bug bug, std::uint64_t first, std::uint64_t last) {
  Campaign campaign;
  campaign.first = first;
  campaign.last = last;
  campaign.threads = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, 2u));
  campaign.bug = bug;
  return run_campaign(campaign).failure;
}

TEST(PlantedBugs, EachIsFoundWithinTwoThousandSeeds) {
  ASSERT_GE(bugs().size(), 40u);
  const auto known = known_seeds();
  for (const BugStory& story : bugs()) {
    SCOPED_TRACE(story.name);
    const auto seed = known.find(story.name);
    EXPECT_NE(seed, known.end()) << "has no line in tests/simulation/planted/seeds.txt";
    std::optional<Outcome> found;
    // Sanitizers make a seed many times slower. What they look for shows where the bug does.
    if (testing::kSanitized && seed != known.end()) {
      found = find(story.bug, seed->second, seed->second);
    }
    if (!found) found = find(story.bug, 1, kSeedsEnough);
    if (!found) {
      ADD_FAILURE() << story.story << ": is not found";
      continue;
    }
    std::printf("%4llu %-36s %s\n", static_cast<unsigned long long>(found->seed),
                std::string(story.name).c_str(),
                found->violation.substr(0, kLongestViolation).c_str());
  }
}

TEST(PlantedBugs, NothingIsFoundWhileAllSleep) {
  Campaign campaign;
  campaign.last = 500;
  const CampaignResult result = run_campaign(campaign);
  EXPECT_FALSE(result.failure.has_value()) << story_of(*result.failure);
}

}  // namespace
}  // namespace firesweep::simulation
