#include "coordinator/core/reuse.h"

#include <string_view>

#include "coordinator/core/description.h"

namespace firesweep {
namespace {

// "cuda" of "cuda:0".
std::string_view kind_of(std::string_view device) { return device.substr(0, device.find(':')); }

bool same_build(const KnownResult& result, const Capabilities& worker, Trainer trainer) {
  if (result.build_commit != worker.build_commit) return false;
  return trainer == Trainer::kSimulated || (result.torch_version == worker.torch_version &&
                                            kind_of(result.device) == kind_of(worker.device));
}

}  // namespace

void Reuse::begin(std::vector<KnownResult> known) {
  begun_ = true;
  for (KnownResult& result : known) {
    const Work work{result.config_hash, result.dataset, result.seed};
    known_[work].emplace(result.trial, std::move(result));
  }
}

void Reuse::note(const TrialRef& ref, const TrialResult& result) {
  if (!begun_ || !ref.sweep->space) return;
  const TrialDescription trial = describe(*ref.sweep, ref.number, state_.options);
  const std::string dataset(to_string(ref.sweep->spec().dataset));
  known_[{trial.config_hash, dataset, trial.config.seed}].emplace(
      ref.id(),
      KnownResult{ref.id(), trial.config_hash, dataset, trial.config.seed, result.val_accuracy,
                  result.test_accuracy, result.build_commit, result.torch_version, result.device});
}

const KnownResult* Reuse::find(const Worker& worker, const Sweep& sweep,
                               std::int64_t number) const {
  if (!sweep.spec().reuse || sweep.trials.find(number) != nullptr) return nullptr;
  const TrialDescription trial = describe(sweep, number, state_.options);
  const std::string dataset(to_string(sweep.spec().dataset));
  const auto equal = known_.find({trial.config_hash, dataset, trial.config.seed});
  if (equal == known_.end()) return nullptr;
  for (const auto& [id, result] : equal->second) {
    if (same_build(result, worker.capabilities, sweep.spec().trainer)) return &result;
  }
  return nullptr;
}

void Reuse::take(Sweep& sweep, std::int64_t number, const KnownResult& result) {
  const TrialId id = make_trial_id(sweep.id, number);
  sweep.trials.touch(number);
  state_.trial_states.apply({&sweep, number, sweep.trials.find(number)}, trial_event::Reused{});
  TrialResult scores;
  scores.val_accuracy = result.val_accuracy;
  scores.test_accuracy = result.test_accuracy.value_or(0);
  const auto ordinal = sweep.consider(id, scores);
  state_.changes.persist(record::ResultReused{id, describe(sweep, number, state_.options),
                                              result.trial, state_.now.utc, ordinal});
}

}  // namespace firesweep
