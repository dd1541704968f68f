#include "tests/simulation/campaign.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

namespace firesweep::simulation {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kProgressEvery = 1000;

thread_local volatile std::uint64_t seed_of_thread = 0;

// An assert of the production code ends the process; at least it names its seed.
void on_abort(int) {
  char text[160];
  const int length = std::snprintf(text, sizeof text,
                                   "\nseed %llu failed an assert; replay: "
                                   "build/release/bin/firesweep-simulate --seeds %llu..%llu"
                                   " --log\n",
                                   static_cast<unsigned long long>(seed_of_thread),
                                   static_cast<unsigned long long>(seed_of_thread),
                                   static_cast<unsigned long long>(seed_of_thread));
  [[maybe_unused]] const auto written =
      ::write(STDERR_FILENO, text, static_cast<std::size_t>(length));
  std::signal(SIGABRT, SIG_DFL);
}

struct Share {
  Coverage coverage;
  std::vector<float> milliseconds;
  double slowest = 0;
  std::uint64_t slowest_seed = 0;
  Duration simulated{0};
};

}  // namespace

CampaignResult run_campaign(const Campaign& campaign,
                            const std::function<void(std::int64_t)>& progress) {
  std::signal(SIGABRT, on_abort);
  const auto began = Clock::now();
  std::atomic<std::uint64_t> next = campaign.first;
  std::atomic<bool> stop = false;
  std::atomic<std::int64_t> run = 0;
  std::mutex mutex;
  CampaignResult result;
  std::vector<Share> shares(static_cast<std::size_t>(campaign.threads));

  const auto work = [&](Share& share) {
    planted_bug = campaign.bug;
    Simulator simulator;
    while (!stop) {
      const std::uint64_t seed = next++;
      if (seed > campaign.last) break;
      seed_of_thread = seed;
      const auto start = Clock::now();
      Outcome outcome = simulator.run(seed, share.coverage, false);
      const double took = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
      share.milliseconds.push_back(static_cast<float>(took));
      share.simulated += outcome.simulated;
      if (took > share.slowest) {
        share.slowest = took;
        share.slowest_seed = seed;
      }
      const std::int64_t count = ++run;
      if (progress && count % kProgressEvery == 0) progress(count);
      if (!outcome.failed()) continue;
      stop = true;
      Coverage ignored;
      const std::lock_guard lock(mutex);
      if (!result.failure || seed < result.failure->seed) {
        // On disks of its own: a violation may leave a query open on the others.
        result.failure = Simulator().run(seed, ignored, true);
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (Share& share : shares) threads.emplace_back([&work, &share] { work(share); });
  }

  std::vector<float> times;
  for (const Share& share : shares) {
    result.coverage.add(share.coverage);
    result.simulated += share.simulated;
    times.insert(times.end(), share.milliseconds.begin(), share.milliseconds.end());
    if (share.slowest > result.slowest_ms) {
      result.slowest_ms = share.slowest;
      result.slowest_seed = share.slowest_seed;
    }
  }
  result.seeds = run;
  result.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  if (!times.empty()) {
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    result.median_ms = static_cast<double>(*middle);
  }
  return result;
}

std::string story_of(const Outcome& failure) {
  return "seed " + std::to_string(failure.seed) + " breaks a promise: " + failure.violation +
         "\nreplay: " + replay_command(failure.seed) + "\n" + failure.log;
}

}  // namespace firesweep::simulation
