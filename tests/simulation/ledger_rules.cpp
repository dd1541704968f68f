// What the ledger judges by: ends of attempts, failures, and whether what one event left is whole.
#include "tests/simulation/ledger_rules.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "coordinator/search/termination/rungs.h"
#include "coordinator/search/widening.h"
#include "shared/codec/sweep_codec.h"

namespace firesweep::simulation {
namespace {

std::int64_t numbers(const std::optional<AttemptNo>& attempt) {
  return attempt ? attempt->value : 0;
}

}  // namespace

bool every_point_has(const SweepSpace& space, std::int64_t numbers, std::int64_t seed) {
  std::vector<TrialConfig> with;
  std::vector<TrialConfig> all;
  for (std::int64_t number = 0; number < space.raw(); ++number) {
    auto config = space.config(number);
    if (!config) continue;
    const bool has = config->seed == seed;
    config->seed = seed;
    if (has) {
      with.push_back(std::move(*config));
    } else if (number < numbers) {
      all.push_back(std::move(*config));
    }
  }
  return std::all_of(all.begin(), all.end(), [&](const TrialConfig& point) {
    return std::find(with.begin(), with.end(), point) != with.end();
  });
}

bool adds_a_wanted_seed(const SweepSpace& space, const std::set<std::int64_t>& wanted,
                        const FrozenSweep& file) {
  return std::any_of(wanted.begin(), wanted.end(), [&](std::int64_t seed) {
    const auto files = files_that_widen(space, {{seed}, {}});
    return files && std::any_of(files->begin(), files->end(), [&](const WidenedFile& one) {
             const auto frozen = freeze(one.spec, *one.architectures);
             return frozen && frozen->hash == file.hash;
           });
  });
}

// A proposal follows from everything that was committed before it, and its evidence says so.
void Ledger::enter(const record::PointProposed& proposed) {
  LedgerSweep& owner = sweep(proposed.sweep);
  const Proposal& stored = proposed.proposal;
  const std::string who = "sweep " + std::to_string(proposed.sweep.value) + ": point " +
                          std::to_string(stored.point) + " ";
  if (!owner.space->learns()) throw Violation(who + "is proposed though its method does not learn");
  if (stored.point != static_cast<std::int64_t>(owner.proposals.size())) {
    throw Violation(who + "is proposed as number " + std::to_string(owner.proposals.size()));
  }
  if (stored.results != static_cast<std::int64_t>(owner.learnt.size())) {
    throw Violation(who + "is proposed from " + std::to_string(stored.results) + " of " +
                    std::to_string(owner.learnt.size()) + " results");
  }
  if (owner.space->propose(stored.running) != stored) {
    throw Violation(who + "is not what its evidence gives");
  }
  if (const auto kept = owner.space->keep(stored); !kept) {
    throw Violation(who + to_string(kept.error()));
  }
  owner.proposals.push_back(stored);
  proposed_.push_back(proposed);
}

// A result of equal work, which was trained, in the place of a training that never began.
void Ledger::enter(const record::ResultReused& reused) {
  const TrialId id = reused.trial;
  LedgerSweep& owner = sweep(sweep_of(id));
  LedgerTrial& known = trial(id);
  require(owner.frozen->spec.reuse, id, "reuses a result though its sweep reuses none");
  require(owner.state == SweepState::kRunning, id, "reuses a result while its sweep is ",
          std::string(to_string(owner.state)));
  require(known.attempts.empty() && !is_terminal(known.state), id,
          "reuses a result though it was touched");
  const auto config = owner.space->config(number_of(id));
  require(config == reused.description.config, id, "reuses a result for another config");
  describe_training(owner, number_of(id), *config, known);
  require(known.config_hash == reused.description.config_hash, id,
          "reuses a result under another config hash");
  const LedgerTrial* const from = find(reused.from);
  require(from != nullptr && from->accepted && !from->reused_from, id,
          "reuses a result that was not trained");
  const LedgerSweep& source = sweep(sweep_of(reused.from));
  const auto trained = source.space->config(number_of(reused.from));
  require(from->config_hash == known.config_hash && trained->seed == config->seed, id,
          "reuses the result of other work");
  require(source.frozen->spec.dataset == owner.frozen->spec.dataset, id,
          "reuses a result of another dataset");
  known.length = config->epochs;
  known.variant = config->variant;
  LedgerAttempt& attempt = known.attempts[AttemptNo{1}];
  attempt.end = AttemptEnd::kFinished;
  known.accepted = AttemptNo{1};
  known.reused_from = reused.from;
  require(reused.ordinal.has_value() == owner.space->learns(), id,
          "its reused result is counted, or not, against its method");
  if (!reused.ordinal) return;
  owner.learnt.push_back(number_of(id));
  require(owner.space->learn(number_of(id), known.true_accuracy()) == *reused.ordinal, id,
          "its reused result has another ordinal");
}

// The rows of trials come last in a group.
void Ledger::judge_running(const record::PointProposed& proposed) const {
  const LedgerSweep& owner = sweeps_.at(proposed.sweep);
  std::vector<std::int64_t> expected;
  for (const std::int64_t point : owner.space->search().open()) {
    const auto trials = owner.space->trials_of(point);
    const bool runs = std::any_of(trials.begin(), trials.end(), [&](std::int64_t number) {
      const auto known = owner.trials.find(number);
      return known == owner.trials.end() || !is_terminal(known->second.state);
    });
    if (point < proposed.proposal.point && runs) expected.push_back(point);
  }
  if (expected == proposed.proposal.running) return;
  throw Violation("sweep " + std::to_string(proposed.sweep.value) + ": point " +
                  std::to_string(proposed.proposal.point) +
                  " is proposed as if other points were running");
}

// Every simulated worker can train every trial, so that none of a sweep is given out before those
// of a higher priority that nobody has had yet.
void Ledger::judge_turn(const LedgerSweep& owner, TrialId id) const {
  for (const auto& [other, sweep] : sweeps_) {
    const SweepSpec& spec = sweep.frozen->spec;
    const auto& most = spec.max_concurrent_trials;
    const auto untouched = sweep.space->trials() - static_cast<std::int64_t>(sweep.trials.size());
    // In a race those of a later round wait until it begins.
    const bool turn = sweep.state == SweepState::kRunning && untouched > 0 && sweep.race.empty() &&
                      (!most || sweep.live < *most) && spec.priority > owner.frozen->spec.priority;
    require(!turn, id, "given out before sweep ", std::to_string(other.value),
            ", which has a higher priority");
  }
}

// Restarts are charged for what started, and only for that.
void Ledger::judge_end(const LedgerSweep& owner, const LedgerTrial& known,
                       const LedgerAttempt& attempt, const record::AttemptEnded& ended) const {
  const TrialId id = ended.key.trial;
  const std::string which = to_string(ended.key);
  require(!ended.charged || attempt.started, id, which, " was charged and had not started");
  const bool left = known.charged < owner.frozen->spec.max_restarts;
  // Of one that its sweep's end stops and that is lost in the same event, no row says STOPPING.
  const bool with_its_sweep =
      owner.state == SweepState::kStopping && moved_.contains(sweep_of(ended.key.trial));
  const bool stopping = std::holds_alternative<Stopping>(known.state) || with_its_sweep;
  switch (ended.end) {
    case AttemptEnd::kFinished:
    case AttemptEnd::kHandedBack:
    case AttemptEnd::kUnstarted:
      require(!ended.charged, id, which, " was charged and had only been ",
              std::string(to_string(ended.end)));
      break;
    case AttemptEnd::kErrored:
      require(!ended.charged || left, id, which, " was charged beyond max_restarts");
      break;
    case AttemptEnd::kLost: {
      const bool progress = attempt.newest_epoch > attempt.resumed_from &&
                            known.checkpoint_epoch > attempt.checkpoint_before;
      const bool nothing = attempt.newest_epoch <= attempt.resumed_from &&
                           known.checkpoint_epoch <= attempt.checkpoint_before;
      require(!ended.charged || !progress, id, which,
              " was charged and had left a newer checkpoint");
      require(!ended.charged || left, id, which, " was charged beyond max_restarts");
      require(ended.charged || !attempt.started || !nothing || !left || stopping, id, which,
              " was not charged: it had started and left nothing new");
      break;
    }
  }
}

// A trial fails when nothing else may be tried.
void Ledger::judge_failure(const LedgerSweep& owner, const LedgerTrial& known, TrialId id,
                           const Failed& failed) const {
  require(!known.attempts.empty(), id, "failed without an attempt");
  const LedgerAttempt& last = known.attempts.rbegin()->second;
  const bool exhausted = known.charged >= owner.frozen->spec.max_restarts;
  switch (failed.reason) {
    case Reason::kLost:
      require(last.end == AttemptEnd::kLost && exhausted, id, "failed as lost with restarts left");
      break;
    case Reason::kError:
      require(last.end == AttemptEnd::kErrored && exhausted, id, "failed with restarts left");
      break;
    case Reason::kOom: {
      std::int64_t earlier = 0;
      for (const auto& [number, one] : known.attempts) earlier += one.reason == Reason::kOom;
      require(last.end == AttemptEnd::kErrored && (exhausted || earlier > 1), id,
              "failed at its first OOM with restarts left");
      break;
    }
    case Reason::kTimeout:
      require(owner.frozen->spec.max_trial_duration.has_value(), id, "timed out without a limit");
      break;
    default:
      require(last.end == AttemptEnd::kErrored && last.reason == failed.reason, id, "failed as ",
              std::string(to_string(failed.reason)), " and nobody had reported that");
  }
}

// After each event the trial, its attempts and its result say the same.
void Ledger::judge_whole(TrialId id) const {
  const LedgerSweep& owner = sweeps_.at(sweep_of(id));
  const LedgerTrial& known = owner.trials.at(number_of(id));
  const AttemptNo live = known.live();
  require(newest_attempt(known.state) == known.newest(), id, "is ", name(known.state),
          " of attempt ", std::to_string(newest_attempt(known.state).value), ", the newest is ",
          std::to_string(known.newest().value));
  require(live_attempt(known.state) == live, id, "is ", name(known.state),
          live == AttemptNo{} ? " and nobody holds it" : " and somebody holds it");
  if (live != AttemptNo{}) {
    const bool started = known.attempts.at(live).started;
    require(!std::holds_alternative<Assigned>(known.state) || !started, id,
            "is ASSIGNED and has started");
    require(!std::holds_alternative<Running>(known.state) || started, id,
            "is RUNNING and has not started");
  }
  const auto* complete = std::get_if<Complete>(&known.state);
  require((complete != nullptr) == known.accepted.has_value() &&
              (complete == nullptr || known.accepted == complete->attempt),
          id, "is ", name(known.state), " and has the accepted result of attempt ",
          std::to_string(numbers(known.accepted)));
  for (const auto& [number, one] : known.attempts) {
    require(one.end.has_value() || number == known.newest(), id, "two live attempts");
  }
  const auto& most = owner.frozen->spec.max_failed_trials;
  require(!failed_.contains(id) || !most || owner.failed <= *most ||
              owner.state != SweepState::kRunning,
          id, "its sweep goes on after more failures than max_failed_trials");
}

// A sweep comes to its end when its trials have.
void Ledger::judge_moved(SweepId id) const {
  const LedgerSweep& known = sweeps_.at(id);
  if (is_unfinished(known.state) || known.state == SweepState::kCancelled) return;
  const std::string who = "sweep " + std::to_string(id.value) + ": ";
  if (known.live != 0) {
    throw Violation(who + std::string(to_string(known.state)) + " while trials are held");
  }
  const auto ended = std::count_if(known.trials.begin(), known.trials.end(), [](const auto& entry) {
    return is_terminal(entry.second.state);
  });
  if (known.state == SweepState::kFinished && ended != known.space->trials()) {
    throw Violation(who + "FINISHED with " + std::to_string(ended) + " of " +
                    std::to_string(known.space->trials()) + " trials at their end");
  }
}

}  // namespace firesweep::simulation
