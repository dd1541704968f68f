// firesweep-simulate: a developers' tool that runs seeds of the simulator.
#include <boost/program_options.hpp>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include "tests/simulation/campaign.h"

namespace {

using firesweep::simulation::Bug;
using firesweep::simulation::Campaign;
using firesweep::simulation::CampaignResult;

constexpr int kFailed = 1;
constexpr int kUsage = 2;

bool parse(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// "7" or "1..20000".
bool parse_range(const std::string& text, Campaign& campaign) {
  const auto dots = text.find("..");
  const std::string first = text.substr(0, dots);
  const std::string last = dots == std::string::npos ? first : text.substr(dots + 2);
  return parse(first, campaign.first) && parse(last, campaign.last) &&
         campaign.first <= campaign.last;
}

void print(const CampaignResult& result) {
  std::printf(
      "%lld seeds in %.1f s: %.0f a second, median %.2f ms, slowest %.0f ms (seed %llu), "
      "%.0f hours simulated\n",
      static_cast<long long>(result.seeds), result.seconds,
      static_cast<double>(result.seeds) / result.seconds, result.median_ms, result.slowest_ms,
      static_cast<unsigned long long>(result.slowest_seed),
      std::chrono::duration<double>(result.simulated).count() / 3600);
}

int list_bugs() {
  for (const auto& story : firesweep::simulation::bugs()) {
    std::printf("%-36s %s\n", std::string(story.name).c_str(), std::string(story.story).c_str());
  }
  return 0;
}

int run(const Campaign& campaign, bool log, bool coverage) {
  namespace sim = firesweep::simulation;
  if (log && campaign.first == campaign.last) {
    sim::planted_bug = campaign.bug;
    sim::Simulator simulator;
    sim::Coverage counts;
    const sim::Outcome outcome = simulator.run(campaign.first, counts, true);
    std::cout << outcome.log;
    if (outcome.failed()) std::cout << "BROKEN: " << outcome.violation << "\n";
    return outcome.failed() ? kFailed : 0;
  }
  const CampaignResult result = sim::run_campaign(campaign, [](std::int64_t seeds) {
    if (seeds % 50'000 == 0) std::fprintf(stderr, "%lld seeds\n", static_cast<long long>(seeds));
  });
  print(result);
  if (coverage) std::cout << result.coverage.table() << result.coverage.missing();
  if (!result.failure) return 0;
  sim::planted_bug = campaign.bug;
  sim::Outcome failure = *result.failure;
  if (!log) failure.log.clear();
  std::cout << sim::story_of(failure);
  return kFailed;
}

}  // namespace

int main(int argc, char** argv) try {
  namespace options = boost::program_options;
  std::string seeds, bug;
  Campaign campaign;
  options::options_description all("firesweep-simulate: runs seeds of the simulator");
  auto add = all.add_options();
  add("seeds", options::value(&seeds)->default_value("1..1000"), "a seed or a range A..B");
  add("threads", options::value(&campaign.threads)->default_value(1), "how many at once");
  add("bug", options::value(&bug), "switch a planted bug on");
  add("list-bugs", "the planted bugs");
  add("log", "print the events of the (failing) seed");
  add("coverage", "print what happened how often");
  add("help", "this text");
  options::variables_map given;
  options::store(options::parse_command_line(argc, argv, all), given);
  options::notify(given);
  if (given.contains("help")) return std::cout << all, 0;
  if (given.contains("list-bugs")) return list_bugs();
  if (!parse_range(seeds, campaign) || campaign.threads < 1) {
    std::cerr << "--seeds: found \"" << seeds << "\", expected a seed or A..B\n";
    return kUsage;
  }
  if (!bug.empty()) {
    const auto found = firesweep::simulation::find_bug(bug);
    if (!found) return std::cerr << "--bug: no bug \"" << bug << "\"; see --list-bugs\n", kUsage;
    campaign.bug = *found;
  }
  return run(campaign, given.contains("log"), given.contains("coverage"));
} catch (const boost::program_options::error& mistake) {
  std::cerr << mistake.what() << "\n";
  return kUsage;
}
