// Longer trials, told a second time: which trainings are the beginning of a longer one follows from
// what each epoch makes of the weights, not from the schedule's name.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "shared/codec/config_hash.h"
#include "tests/simulation/ledger_rules.h"
#include "tests/simulation/training.h"

namespace firesweep::simulation {
namespace {

bool has_several_lengths(const SweepSpace& space) {
  std::set<std::int64_t> lengths;
  for (std::int64_t file = 0; file < space.segments(); ++file) {
    lengths.insert(space.file(file).frozen().spec.base.epochs);
  }
  return lengths.size() > 1;
}

std::vector<std::uint64_t> states_of(const LedgerSweep& sweep, std::int64_t number,
                                     const TrialConfig& config) {
  return Training(config, hash_of(sweep, number, config), sweep.space->architecture(number).hash,
                  std::string(to_string(sweep.frozen->spec.dataset)))
      .states();
}

}  // namespace

std::string hash_of(const LedgerSweep& sweep, std::int64_t number, const TrialConfig& config) {
  return config_hash(config, sweep.space->architecture(number).hash, sweep.frozen->dataset_checksum,
                     sweep.frozen->spec.trainer);
}

void describe_training(const LedgerSweep& sweep, std::int64_t number, const TrialConfig& config,
                       LedgerTrial& trial) {
  trial.config_hash = hash_of(sweep, number, config);
  trial.scores_due.clear();
  for (const std::uint64_t weights : states_of(sweep, number, config)) {
    trial.scores_due.push_back(accuracy_of(weights));
  }
}

void lay_lengths(LedgerSweep& sweep) {
  sweep.begins_with.clear();
  if (sweep.space->learns() || !has_several_lengths(*sweep.space)) return;
  std::map<std::int64_t, std::vector<std::uint64_t>> trainings;
  std::map<std::pair<std::size_t, std::uint64_t>, std::int64_t> ends;  // by length and last state
  for (std::int64_t number = 0; number < sweep.space->raw(); ++number) {
    const auto config = sweep.space->config(number);
    if (!config) continue;
    const auto& states = trainings[number] = states_of(sweep, number, *config);
    ends[{states.size(), states.back()}] = number;
  }
  for (const auto& [number, states] : trainings) {
    for (std::size_t length = states.size() - 1; length > 0; --length) {
      const auto shorter = ends.find({length, states[length - 1]});
      if (shorter != ends.end()) sweep.begins_with[number].push_back(shorter->second);
    }
  }
}

// By what is complete, and what of it is stored, when it is assigned.
std::vector<EarlierTraining> Ledger::earlier_of(TrialId id) const {
  std::vector<EarlierTraining> earlier;
  const LedgerSweep& owner = sweeps_.at(sweep_of(id));
  const auto shorter = owner.begins_with.find(number_of(id));
  if (shorter == owner.begins_with.end()) return earlier;
  for (const std::int64_t number : shorter->second) {
    const auto known = owner.trials.find(number);
    if (known == owner.trials.end() || !known->second.accepted) continue;
    const TrialKey key{make_trial_id(sweep_of(id), number), *known->second.accepted};
    earlier.push_back({key, known->second.config_hash, known->second.stored.has_value()});
    if (earlier.size() == kMostEarlier) break;
  }
  return earlier;
}

// Of a trial that is told it may begin as another.
void Ledger::judge_earlier(TrialId id, const EarlierTraining& earlier) const {
  const TrialId other = earlier.key.trial;
  const std::string told = "is told to begin as trial " + to_string(other) + ", ";
  const LedgerTrial* const shorter = find(other);
  require(sweep_of(other) == sweep_of(id) && shorter != nullptr, id, told,
          "which its sweep does not have");
  const auto& begins_with = sweeps_.at(sweep_of(id)).begins_with;
  const auto known = begins_with.find(number_of(id));
  require(known != begins_with.end() &&
              std::ranges::find(known->second, number_of(other)) != known->second.end(),
          id, told, "whose epochs are not its first");
  require(shorter->accepted.has_value(), id, told, "which is ", name(shorter->state),
          " and not COMPLETE");
}

void Ledger::judge_assigned(const Assign& assign) const {
  const TrialId id = assign.key.trial;
  for (const EarlierTraining& one : assign.begun_as) judge_earlier(id, one);
  const LedgerAttempt* const attempt = find(assign.key);
  require(attempt != nullptr && attempt->earlier == assign.begun_as, id,
          "is not told of the complete trials that it may begin as");
}

void Ledger::judge_begun(TrialKey key, TrialKey as, std::int64_t epoch) const {
  const LedgerAttempt* const attempt = find(key);
  const LedgerTrial* const shorter = find(as.trial);
  const bool told = attempt != nullptr && std::ranges::any_of(attempt->earlier, [&](const auto& e) {
                      return e.key == as;
                    });
  require(told && shorter != nullptr, key.trial, to_string(key), " begins as ", to_string(as),
          ", which it was not told of");
  require(epoch >= 1 && epoch <= shorter->length, key.trial, to_string(key), " begins after epoch ",
          std::to_string(epoch), " of trial ", to_string(as.trial), ", which has ",
          std::to_string(shorter->length));
}

}  // namespace firesweep::simulation
