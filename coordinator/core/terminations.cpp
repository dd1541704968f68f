#include "coordinator/core/terminations.h"

#include <cmath>

#include "coordinator/core/promotions.h"
#include "coordinator/core/work.h"
#include "coordinator/search/termination/make.h"

namespace firesweep {
namespace {

std::optional<double> score_of(Metric metric, const EpochMetrics& metrics) {
  auto score = metric == Metric::kTestAccuracy ? metrics.test_accuracy : metrics.val_accuracy;
  if (score && !std::isfinite(*score)) score.reset();  // the store would not keep it
  return score;
}

std::optional<TrialReport> report_of(const Sweep& sweep, const EpochScore& at) {
  const auto& rules = sweep.spec().early_terminate;
  const auto config = sweep.space ? sweep.space->config(at.number) : std::nullopt;
  if (!config || !rules) return std::nullopt;
  TrialReport report = firesweep::report_of(at.number, *config, *rules);
  report.epoch = at.epoch;
  report.score = sweep.spec().maximize ? at.score : -at.score;
  return report;
}

std::optional<Decision> judged(Sweep& sweep, const EpochScore& at) {
  const auto report = report_of(sweep, at);
  if (!report) return std::nullopt;
  if (sweep.terminator) return sweep.terminator->take(*report);
  sweep.promotion->take(*report);
  return std::nullopt;
}

// A drain is overtaken: what would be resumed for nothing ends here.
bool may_stop(const TrialState& state) {
  const auto* stopping = std::get_if<Stopping>(&state);
  return std::holds_alternative<Running>(state) ||
         (stopping != nullptr && stopping->reason == Reason::kDrain);
}

}  // namespace

void Terminations::begin(Sweep& sweep, const std::vector<EpochScore>& known,
                         const std::vector<TrialPromotion>& promotions) {
  const auto& rules = sweep.spec().early_terminate;
  if (!rules || !sweep.space) return;
  sweep.terminator = make_terminator(*rules, sweep.spec().search_seed);
  sweep.promotion = make_promotion(*rules);
  for (const EpochScore& one : known) judged(sweep, one);
  for (const TrialPromotion& one : promotions) {
    if (sweep.promotion) sweep.promotion->promote({one.number, one.evidence});
  }
}

void Terminations::take(const TrialRef& ref, TrialKey key, const EpochMetrics& metrics) {
  Sweep& sweep = *ref.sweep;
  const auto score = score_of(sweep.spec().metric, metrics);
  if (!score) return;
  if (sweep.promotion) return take_at_rung(ref, {ref.number, metrics.epoch, *score});
  if (!sweep.terminator) return;
  const auto decision = judged(sweep, {ref.number, metrics.epoch, *score});
  if (!decision || !decision->stop || !may_stop(ref.trial->state)) return;
  state_.changes.persist(record::TrialTerminated{key, decision->evidence, state_.now.utc});
  state_.stops.request(ref, Reason::kEarlyStop);
}

// It goes on at once where a free worker would be given this very trial.
void Terminations::take_at_rung(const TrialRef& ref, const EpochScore& at) {
  Sweep& sweep = *ref.sweep;
  const auto report = report_of(sweep, at);
  if (!report || !sweep.promotion->take(*report)) return;
  sweep.queue.remove(ref.number);
  state_.changes.sweep(sweep.id);
  if (!std::holds_alternative<Running>(ref.trial->state)) return;
  const auto next = next_promotion(sweep, [&](std::int64_t number) {
    return number == ref.number ||
           std::holds_alternative<Waiting>(sweep.trials.find(number)->state);
  });
  if (next && next->trial == ref.number) return promote(sweep, ref.number);
  state_.stops.request(ref, Reason::kDrain);
}

void Terminations::promote(Sweep& sweep, std::int64_t number) {
  const Evidence evidence = sweep.promotion->standing(number);
  const TrialKey key{make_trial_id(sweep.id, number),
                     newest_attempt(sweep.trials.find(number)->state)};
  sweep.promotion->promote({number, evidence});
  state_.changes.persist(record::TrialPromoted{key, evidence, state_.now.utc});
}

void Terminations::end_rungs(Sweep& sweep) {
  if (sweep.state != SweepState::kRunning || sweep.asleep || !rungs_are_done(sweep)) return;
  for (const auto& [number, trial] : sweep.trials.touched()) {
    if (!std::holds_alternative<Waiting>(trial.state)) continue;
    const TrialRef ref{&sweep, number, sweep.trials.find(number)};
    const TrialKey key{ref.id(), newest_attempt(trial.state)};
    state_.changes.persist(
        record::TrialTerminated{key, sweep.promotion->standing(number), state_.now.utc});
    state_.trial_states.apply(ref, trial_event::NotPromoted{});
  }
}

}  // namespace firesweep
