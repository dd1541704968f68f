#include "coordinator/core/sweep.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "shared/domain/conditions.h"

namespace firesweep {
namespace {

// The order of dispatch is sorted by cost, so an even sample of it estimates the sum well.
constexpr std::size_t kWorkSample = 20'000;
// What is not proposed yet costs as much as points spread evenly do on average.
constexpr std::int64_t kSampledPoints = 64;

std::optional<double> score_of(Metric metric, const TrialResult& result) {
  return metric == Metric::kTestAccuracy ? result.test_accuracy : result.val_accuracy;
}

}  // namespace

void Sweep::lay_out() {
  if (!space) return;
  lineage.emplace(*space);
  const auto& rules = spec().racing;
  if (!rules) return;
  if (!race) race.emplace(*rules);
  race->lay(*space);
}

std::vector<std::int64_t> Sweep::order() const {
  assert(space);
  return race ? race->by_round(space->dispatch_order()) : space->dispatch_order();
}

void Sweep::prepare() {
  if (!space || queue.started()) return;
  queue.start(order());
  work_total = estimated_work(queue.order());
  work_done = 0;
  for (const auto& [number, trial] : trials.touched()) {
    if (is_terminal(trial.state)) work_done += work_of_trial(number);
  }
}

void Sweep::grow(SweepSpace grown) {
  assert(space);  // a broken sweep cannot be extended
  const std::int64_t first = space->segments();
  space.emplace(std::move(grown));
  frozen = space->newest();
  trials.grow(space->trials());
  lay_out();
  if (!queue.started()) return;
  const std::vector<std::int64_t> added = space->order_from(first);
  work_total += estimated_work(added);
  if (race) {
    queue.start(order());  // the added trials' rounds are among those that there were
  } else {
    queue.append(added);
  }
}

double Sweep::estimated_work(const std::vector<std::int64_t>& order) const {
  assert(space);
  if (space->learns()) {
    const TrialSpace& newest = space->file(space->segments() - 1);
    const std::vector<TrialConfig> sample = newest.sample(kSampledPoints);
    double sum = 0;
    for (const TrialConfig& config : sample) sum += work_of(*frozen, config, newest.cost(config));
    if (sample.empty()) return 0;
    return sum / static_cast<double>(sample.size()) * static_cast<double>(order.size());
  }
  const std::size_t stride = std::max<std::size_t>(1, order.size() / kWorkSample);
  double sum = 0;
  std::size_t sampled = 0;
  for (std::size_t i = 0; i < order.size(); i += stride, ++sampled) sum += work_of_trial(order[i]);
  if (sampled == 0) return 0;
  return sum / static_cast<double>(sampled) * static_cast<double>(order.size());
}

double Sweep::work_of_trial(std::int64_t number) const {
  if (const Trial* known = trials.find(number); known != nullptr && known->work > 0) {
    return known->work;
  }
  const auto config = space ? space->config(number) : std::nullopt;
  return config ? work_of(*frozen, *config, space->cost(number)) : 0;
}

std::optional<std::int64_t> Sweep::consider(TrialId trial, const TrialResult& result) {
  auto score = score_of(spec().metric, result);
  if (score && !std::isfinite(*score)) score.reset();
  const bool better =
      score &&
      (!best_accuracy || (spec().maximize ? *score > *best_accuracy : *score < *best_accuracy));
  if (better) {
    best_trial = trial;
    best_accuracy = score;
  }
  if (race && score) race->score(number_of(trial), spec().maximize ? *score : -*score);
  if (!space || !space->learns()) return std::nullopt;
  return space->learn(number_of(trial), score);
}

bool Sweep::wants_worker() const {
  if (state != SweepState::kRunning || asleep || !space || trials.waiting() == 0) return false;
  const auto live = static_cast<std::int64_t>(trials.live().size());
  const auto& most = spec().max_concurrent_trials;
  return !most || live < *most;
}

std::vector<std::string> Sweep::amps() const {
  for (const Parameter& parameter : spec().parameters) {
    if (parameter.name != "amp") continue;
    std::vector<std::string> amps;
    for (const Value& value : std::get<ValueList>(parameter.domain).values) {
      amps.push_back(std::get<std::string>(value));
    }
    if (condition_of(spec(), "amp") != nullptr) amps.push_back(spec().base.amp);
    return amps;
  }
  return {spec().base.amp};
}

std::vector<std::string> Sweep::amps_waiting() const {
  const bool varies = std::any_of(spec().parameters.begin(), spec().parameters.end(),
                                  [](const Parameter& p) { return p.name == "amp"; });
  return varies ? queue.passed_over() : amps();
}

}  // namespace firesweep
