#include "coordinator/cli/saving.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "coordinator/core/work.h"
#include "coordinator/search/termination/make.h"
#include "shared/base/splitmix.h"

namespace firesweep {
namespace {

constexpr std::int64_t kMostTrials = 2'000;
constexpr std::uint64_t kSweeps = 40;  // of each kind
constexpr double kLeftOut = 0.05;      // at either end

struct Planned {
  TrialReport report;  // before its first epoch
  double work = 0;     // of an epoch
};

std::vector<Planned> planned(const TrialSpace& space, const EarlyTermination& rules,
                             std::span<const std::int64_t> order) {
  std::vector<Planned> trials;
  for (const std::int64_t number : order) {
    const auto config = space.config(number);
    if (!config || config->epochs < 1) continue;
    const double work = work_of(space.frozen(), *config, space.cost(*config));
    trials.push_back(
        {report_of(number, *config, rules), work / static_cast<double>(config->epochs)});
    if (static_cast<std::int64_t>(trials.size()) == kMostTrials) break;
  }
  return trials;
}

// The share of the work that one sweep saves; its running trials take turns.
double saved(Terminator& terminator, const std::vector<Planned>& trials, std::size_t slots,
             std::uint64_t seed, bool ranks_anew) {
  double all = 0;
  double done = 0;
  std::size_t next = 0;
  std::vector<Planned> running;
  while (next < trials.size() || !running.empty()) {
    while (running.size() < slots && next < trials.size()) running.push_back(trials[next++]);
    std::erase_if(running, [&](Planned& one) {
      TrialReport& report = one.report;
      ++report.epoch;
      done += one.work;
      const std::uint64_t turn = ranks_anew ? static_cast<std::uint64_t>(report.epoch) : 0;
      report.score =
          unit_of(splitmix64_at(splitmix64(seed) + turn, static_cast<std::uint64_t>(report.trial)));
      const auto decision = terminator.take(report);
      return report.epoch == report.epochs || (decision && decision->stop);
    });
  }
  for (const Planned& one : trials) all += one.work * static_cast<double>(one.report.epochs);
  return all > 0 ? 1 - done / all : 0;
}

}  // namespace

std::optional<Saving> saving_of(const TrialSpace& space, std::int64_t slots,
                                std::span<const std::int64_t> order) {
  const auto& rules = space.frozen().spec.early_terminate;
  if (!rules || rules->type == Termination::kThreshold || rules->type == Termination::kPlateau) {
    return std::nullopt;
  }
  const std::vector<Planned> trials = planned(space, *rules, order);
  Saving saving{1, 0};
  for (const bool ranks_anew : {false, true}) {
    std::vector<double> shares;
    for (std::uint64_t seed = 0; seed < kSweeps; ++seed) {
      const auto terminator = make_terminator(*rules, space.frozen().spec.search_seed);
      shares.push_back(saved(*terminator, trials,
                             static_cast<std::size_t>(std::max<std::int64_t>(slots, 1)), seed,
                             ranks_anew));
    }
    std::ranges::sort(shares);
    const auto left_out = static_cast<std::size_t>(kLeftOut * static_cast<double>(kSweeps));
    saving.least = std::min(saving.least, shares[left_out]);
    saving.most = std::max(saving.most, shares[shares.size() - 1 - left_out]);
  }
  return saving;
}

}  // namespace firesweep
