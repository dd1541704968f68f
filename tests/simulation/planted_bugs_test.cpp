// A simulator that finds nothing proves nothing: each planted bug must be found, and soon.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <thread>

#include "tests/simulation/campaign.h"

namespace firesweep::simulation {
namespace {

constexpr std::uint64_t kSeedsEnough = 2'000;
constexpr std::size_t kLongestViolation = 70;

TEST(PlantedBugs, EachIsFoundWithinTwoThousandSeeds) {
  ASSERT_GE(bugs().size(), 40u);
  std::string table = "seeds needed  bug                                  what was noticed\n";
  for (const BugStory& story : bugs()) {
    Campaign campaign;
    campaign.last = kSeedsEnough;
    campaign.threads = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, 2u));
    campaign.bug = story.bug;
    const CampaignResult result = run_campaign(campaign);
    EXPECT_TRUE(result.failure.has_value())
        << story.name << " (" << story.story << ") is not found";
    const std::string seeds =
        result.failure ? std::to_string(result.failure->seed) : std::string("not found");
    const std::string noticed =
        result.failure ? result.failure->violation.substr(0, kLongestViolation) : std::string();
    char line[200];
    std::snprintf(line, sizeof line, "%12s  %-36s %s\n", seeds.c_str(),
                  std::string(story.name).c_str(), noticed.c_str());
    table += line;
  }
  std::printf("%s", table.c_str());
}

TEST(PlantedBugs, NothingIsFoundWhileAllSleep) {
  Campaign campaign;
  campaign.last = 500;
  const CampaignResult result = run_campaign(campaign);
  EXPECT_FALSE(result.failure.has_value()) << story_of(*result.failure);
}

}  // namespace
}  // namespace firesweep::simulation
