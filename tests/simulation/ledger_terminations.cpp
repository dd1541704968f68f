// What the ledger judges early termination by: told a second time, from the scores alone.
#include <algorithm>
#include <cmath>
#include <optional>

#include "coordinator/search/termination/rungs.h"
#include "tests/simulation/ledger_rules.h"

namespace firesweep::simulation {
namespace {

bool promotes(const LedgerSweep& owner) {
  const auto& rules = owner.frozen->spec.early_terminate;
  return rules && rules->promotion;
}

// One rung, from which the best k go on once all have come.
bool has_two_phases(const EarlyTermination& rules) {
  return rules.type == Termination::kOneEpochTopK && rules.promotion;
}

// Whether it compares a trial with others at rungs.
bool has_rungs(const EarlyTermination& rules) {
  return rules.type == Termination::kAsha || rules.type == Termination::kOneEpochTopK;
}

bool is_rung(const EarlyTermination& rules, std::int64_t epoch, std::int64_t length) {
  const std::int64_t first = rules.min_iter.value_or(1);
  if (rules.type == Termination::kOneEpochTopK) return epoch == first && epoch < length;
  const auto rungs = rungs_between(first, length, rules.eta);
  return std::find(rungs.begin(), rungs.end(), epoch) != rungs.end();
}

bool alike(const LedgerSweep& owner, const LedgerTrial& one, const LedgerTrial& other) {
  const auto& rules = owner.frozen->spec.early_terminate;
  const bool grouped = rules && !rules->group_by.empty();
  return one.length == other.length && (!grouped || one.variant == other.variant);
}

}  // namespace

// Told a second time: among the trials of the same length, and of the same variant where they are
// grouped by it, that have come to a rung, the best 1/eta go on, or the best k.
std::optional<Ledger::Place> Ledger::place_of(const LedgerSweep& owner, std::int64_t own_number,
                                              std::int64_t epoch) const {
  const LedgerTrial& known = owner.trials.at(own_number);
  const auto& rules = owner.frozen->spec.early_terminate;
  if (!rules || !has_rungs(*rules) || !is_rung(*rules, epoch, known.length)) return std::nullopt;
  Place place;
  for (const auto& [number, other] : owner.trials) {
    const auto score = other.scores.find(epoch);
    if (score == other.scores.end() || !alike(owner, known, other)) continue;
    ++place.seen;
    const double own = known.scores.at(epoch);
    const bool first = promotes(owner) && number < own_number;  // of equal ones
    place.rank += score->second > own || (first && score->second == own) ? 1 : 0;
  }
  const double most = rules->type == Termination::kOneEpochTopK
                          ? static_cast<double>(rules->k)
                          : std::max(1.0, std::floor(static_cast<double>(place.seen) / rules->eta));
  place.stops = static_cast<double>(place.rank) > most;
  return place;
}

bool Ledger::has_place(const LedgerSweep& owner, std::int64_t number, std::int64_t epoch) const {
  const auto place = place_of(owner, number, epoch);
  return place && !place->stops;
}

// What runs and is not among the best is terminated by the record that comes next.
void Ledger::note_score(TrialKey key, std::int64_t epoch) {
  const LedgerTrial& known = trial(key.trial);
  if (promotes(sweep(sweep_of(key.trial)))) return note_rung(key, epoch);
  const auto place = place_of(sweep(sweep_of(key.trial)), number_of(key.trial), epoch);
  const auto* stopping = std::get_if<Stopping>(&known.state);
  const bool stops_otherwise = stopping != nullptr && stopping->reason != Reason::kDrain;
  const bool ends = known.live() != key.attempt || known.terminated.contains(key.attempt);
  if (place && place->stops && !ends && !stops_otherwise) due_.insert(key);
}

// Decided on what is durable, once, and by what the file asks for.
void Ledger::enter(const record::TrialTerminated& terminated) {
  const TrialId id = terminated.key.trial;
  LedgerSweep& owner = sweep(sweep_of(id));
  LedgerTrial& known = trial(id);
  if (promotes(owner) && is_terminal(known.state)) retry(owner, known, id);
  const Evidence& on = terminated.evidence;
  const std::string which = to_string(terminated.key);
  const auto& rules = owner.frozen->spec.early_terminate;
  require(rules.has_value(), id, "terminated by a rule that its sweep does not have");
  const bool at_rung = promotes(owner);
  require(attempt(terminated.key).end.has_value() == at_rung, id, which,
          at_rung ? " pruned while it is held" : " terminated after its end");
  const auto epoch = known.epochs.find(on.epoch);
  require(epoch != known.epochs.end() && (at_rung || epoch->second == terminated.key.attempt), id,
          which, " terminated before its epoch was recorded");
  require(on.epoch < known.length, id, which, " terminated at its last epoch");
  require(known.terminated.emplace(terminated.key.attempt, on).second, id, which,
          " terminated twice");
  due_.erase(terminated.key);
  if (!has_rungs(*rules)) return;
  const auto place = place_of(owner, number_of(id), on.epoch);
  require(place && place->seen == on.seen && place->rank == on.rank, id, "terminated as ",
          std::to_string(on.rank), " of ", std::to_string(on.seen), ", and is not that");
  require(place->stops, id, "terminated though it is among the best at its rung");
  if (at_rung) pruned_.insert(id);
}

// A trial at its rung waits, or is promoted in the same event.
void Ledger::note_rung(TrialKey key, std::int64_t epoch) {
  LedgerTrial& known = trial(key.trial);
  if (!known.scores.contains(epoch)) return;
  if (!place_of(sweep(sweep_of(key.trial)), number_of(key.trial), epoch)) return;
  known.rung = std::max(known.rung, epoch);
  if (known.live() == key.attempt && known.at_rung()) came_.insert(key);
}

void Ledger::judge_rung(TrialKey key) const {
  const LedgerTrial& known = *find(key.trial);
  require(!known.at_rung() || !std::holds_alternative<Running>(known.state), key.trial,
          to_string(key), " goes on past its rung, and was not promoted");
}

// One in eta of those that came to a rung passes. More of them only once nobody else can come
// there: then the best of all, and at least one. Of the best k none passes before that.
void Ledger::enter(const record::TrialPromoted& promoted) {
  const TrialId id = promoted.key.trial;
  LedgerSweep& owner = sweep(sweep_of(id));
  LedgerTrial& known = trial(id);
  if (is_terminal(known.state)) retry(owner, known, id);
  const Evidence& on = promoted.evidence;
  const std::string which = to_string(promoted.key);
  require(promotes(owner), id, "promoted by a rule that its sweep does not have");
  require(promoted.key.attempt == known.newest() && !is_terminal(known.state), id, which,
          " promoted, and is ", name(known.state));
  require(known.epochs.contains(on.epoch), id, which, " promoted before its epoch was recorded");
  require(known.at_rung() && known.rung == on.epoch, id, which, " promoted from rung ",
          std::to_string(on.epoch), ", where it does not wait");
  const auto place = place_of(owner, number_of(id), on.epoch);
  require(place && place->seen == on.seen && place->rank == on.rank, id, "promoted as ",
          std::to_string(on.rank), " of ", std::to_string(on.seen), ", and is not that");
  require(!place->stops, id, "promoted though it is not among the best at its rung");
  const auto passed = std::ranges::count_if(owner.trials, [&](const auto& entry) {
    return alike(owner, known, entry.second) && entry.second.promoted.contains(on.epoch);
  });
  const auto& rules = owner.frozen->spec.early_terminate;
  const double most = rules ? static_cast<double>(on.seen) / rules->eta : 0;
  const bool all_come_first = rules && has_two_phases(*rules);
  if (all_come_first || static_cast<double>(passed + 1) > most) beyond_.insert(id);
  known.promoted.emplace(on.epoch, on);
}

// By what the event has left: rows of trials come last in a group.
void Ledger::judge_beyond(TrialId id) const {
  const LedgerSweep& owner = sweeps_.at(sweep_of(id));
  const LedgerTrial& known = owner.trials.at(number_of(id));
  bool others_come = static_cast<std::int64_t>(owner.trials.size()) < owner.space->trials();
  for (const auto& [number, other] : owner.trials) {
    if (number == number_of(id) || !alike(owner, known, other)) continue;
    if (is_terminal(other.state) || other.rung >= known.rung) continue;
    const bool rests = other.at_rung() && other.live() == AttemptNo{};
    others_come = others_come || !rests || has_place(owner, number, other.rung);
  }
  require(!others_come, id, "promoted beyond its rung's places while others may come");
}

// Nothing else is left of its sweep that could bring it a place.
void Ledger::judge_pruned(TrialId id) const {
  const LedgerSweep& owner = sweeps_.at(sweep_of(id));
  const LedgerTrial& known = owner.trials.at(number_of(id));
  require(known.at_rung(), id, "pruned though it does not wait at a rung");
  require(owner.live == 0, id, "pruned while others of its sweep are held");
  require(static_cast<std::int64_t>(owner.trials.size()) == owner.space->trials(), id,
          "pruned before every trial of its sweep had begun");
  for (const auto& [number, other] : owner.trials) {
    if (is_terminal(other.state)) continue;
    require(other.at_rung(), id, "pruned while trial ", std::to_string(number), " is to go on");
    require(!has_place(owner, number, other.rung), id, "pruned while trial ",
            std::to_string(number), " is among the best at its rung");
  }
}

}  // namespace firesweep::simulation
