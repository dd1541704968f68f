#include "coordinator/core/terminations.h"

#include <cmath>

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
  return report ? sweep.terminator->take(*report) : std::nullopt;
}

// A drain is overtaken: what would be resumed for nothing ends here.
bool may_stop(const TrialState& state) {
  const auto* stopping = std::get_if<Stopping>(&state);
  return std::holds_alternative<Running>(state) ||
         (stopping != nullptr && stopping->reason == Reason::kDrain);
}

}  // namespace

void Terminations::begin(Sweep& sweep, const std::vector<EpochScore>& known) {
  const auto& rules = sweep.spec().early_terminate;
  if (!rules || !sweep.space) return;
  sweep.terminator = make_terminator(*rules, sweep.spec().search_seed);
  for (const EpochScore& one : known) judged(sweep, one);
}

void Terminations::take(const TrialRef& ref, TrialKey key, const EpochMetrics& metrics) {
  Sweep& sweep = *ref.sweep;
  const auto score = score_of(sweep.spec().metric, metrics);
  if (!sweep.terminator || !score) return;
  const auto decision = judged(sweep, {ref.number, metrics.epoch, *score});
  if (!decision || !decision->stop || !may_stop(ref.trial->state)) return;
  state_.changes.persist(record::TrialTerminated{key, decision->evidence, state_.now.utc});
  state_.stops.request(ref, Reason::kEarlyStop);
}

}  // namespace firesweep
