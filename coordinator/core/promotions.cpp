#include "coordinator/core/promotions.h"

#include <algorithm>
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
    const auto config = sweep.space->config(number);
    if (!config) return;
    const TrialReport report = report_of(number, *config, *sweep.spec().early_terminate);
    coming.emplace_back(population_of(report), sweep.promotion->rung_of(number));
  };
  for (const std::int64_t number : sweep.trials.live()) add(number);
  for (const std::int64_t number : sweep.queue.returned()) add(number);
  return coming;
}

bool all_touched(const Trials& trials) { return std::ssize(trials.touched()) >= trials.total(); }

}  // namespace

std::optional<Promotion> next_promotion(const Sweep& sweep,
                                        const std::function<bool(std::int64_t)>& ready) {
  if (!sweep.promotion || !sweep.space) return std::nullopt;
  const bool many = !all_touched(sweep.trials) ||
                    sweep.trials.live().size() + sweep.queue.returned().size() > kMostHeld;
  std::optional<Coming> coming;
  Outlook outlook;
  outlook.ready = ready;
  outlook.alive = [&](std::int64_t number) {
    const Trial* trial = sweep.trials.find(number);
    return trial != nullptr && !is_terminal(trial->state);
  };
  outlook.more = [&](const Population& population, std::int64_t rung) {
    if (many) return true;
    if (!coming) coming = coming_of(sweep);
    return std::ranges::any_of(
        *coming, [&](const auto& one) { return one.first == population && one.second < rung; });
  };
  return sweep.promotion->next(outlook);
}

bool rungs_are_done(const Sweep& sweep) {
  if (!sweep.promotion || !all_touched(sweep.trials)) return false;
  if (sweep.trials.waiting() == 0) return false;
  if (!sweep.trials.live().empty() || !sweep.queue.returned().empty()) return false;
  return !next_promotion(sweep, [&](std::int64_t number) {
    return std::holds_alternative<Waiting>(sweep.trials.find(number)->state);
  });
}

}  // namespace firesweep
