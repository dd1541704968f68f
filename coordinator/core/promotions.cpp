#include "coordinator/core/promotions.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "coordinator/core/work.h"

namespace firesweep {
namespace {

// Where so many trials are held, no rung is near its end; they are not looked at one by one.
constexpr std::size_t kMostHeld = 1'024;

// Trials on their way to a rung, by population; with the rung that they came to last.
using Coming = std::vector<std::pair<Population, std::int64_t>>;

Coming coming_of(const Sweep& sweep) {
  Coming coming;
  const auto add = [&](std::int64_t number) {
    const auto& rules = sweep.spec().early_terminate;
    const auto config = sweep.space ? sweep.space->config(number) : std::nullopt;
    if (!config || !rules) return;
    const TrialReport report = report_of(number, *config, *rules);
    coming.emplace_back(population_of(report), sweep.promotion->rung_of(number));
  };
  for (const std::int64_t number : sweep.trials.live()) add(number);
  for (const std::int64_t number : sweep.queue.returned()) add(number);
  return coming;
}

bool all_touched(const Trials& trials) { return std::ssize(trials.touched()) >= trials.total(); }

Outlook outlook_of(const Sweep& sweep, std::function<bool(std::int64_t)> ready) {
  const bool many = !all_touched(sweep.trials) ||
                    sweep.trials.live().size() + sweep.queue.returned().size() > kMostHeld;
  Outlook outlook;
  outlook.ready = std::move(ready);
  outlook.alive = [&sweep](std::int64_t number) {
    const Trial* trial = sweep.trials.find(number);
    return trial != nullptr && !is_terminal(trial->state);
  };
  outlook.more = [&sweep, many, coming = std::optional<Coming>()](const Population& population,
                                                                  std::int64_t rung) mutable {
    if (many) return true;
    if (!coming) coming = coming_of(sweep);
    return std::ranges::any_of(
        *coming, [&](const auto& one) { return one.first == population && one.second < rung; });
  };
  return outlook;
}

bool waits(const Sweep& sweep, std::int64_t number) {
  const Trial* trial = sweep.trials.find(number);
  return trial != nullptr && std::holds_alternative<Waiting>(trial->state);
}

}  // namespace

std::optional<Promotion> next_promotion(const Sweep& sweep,
                                        const std::function<bool(std::int64_t)>& ready) {
  if (!sweep.promotion || !sweep.space) return std::nullopt;
  return sweep.promotion->next(outlook_of(sweep, ready));
}

std::vector<RungOverview> waiting_at_rungs(const Sweep& sweep) {
  std::vector<RungOverview> rungs;
  if (!sweep.promotion || !sweep.space) return rungs;
  const auto ready = [&](std::int64_t number) { return waits(sweep, number); };
  std::map<std::int64_t, RungOverview> by_epoch;
  for (const AtRung& one : sweep.promotion->waiting(outlook_of(sweep, ready))) {
    if (!ready(one.trial)) continue;
    const Evidence& on = one.evidence;
    RungOverview& rung = by_epoch[on.epoch];
    rung.epoch = on.epoch;
    ++rung.waiting;
    rung.ready += one.goes_on ? 1 : 0;
    if (rung.trials.size() == RungOverview::kMostNamed) continue;
    rung.trials.push_back({make_trial_id(sweep.id, one.trial),
                           sweep.spec().maximize ? on.score : -on.score, on.rank, on.seen});
  }
  for (auto& [epoch, rung] : by_epoch) rungs.push_back(std::move(rung));
  return rungs;
}

bool rungs_are_done(const Sweep& sweep) {
  if (!sweep.promotion || !all_touched(sweep.trials)) return false;
  if (sweep.trials.waiting() == 0) return false;
  if (!sweep.trials.live().empty() || !sweep.queue.returned().empty()) return false;
  return !next_promotion(sweep, [&](std::int64_t number) { return waits(sweep, number); });
}

}  // namespace firesweep
