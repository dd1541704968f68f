// The race over seeds, told a second time: who shares a point, which round has begun, and who is
// out by the scores that are committed. Only the arithmetic of the test is the search room's.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "coordinator/search/seed_blocks.h"
#include "coordinator/search/student.h"
#include "shared/codec/config_codec.h"
#include "tests/simulation/ledger_rules.h"

namespace firesweep::simulation {
namespace {

bool alike(double a, double b) { return std::abs(a - b) <= 1e-9 * (1 + std::abs(a)); }

// The scores of a point's trials in the rounds before one.
SeedRow row_of(const LedgerSweep& sweep, std::int64_t point, std::int64_t rounds) {
  SeedRow row(static_cast<std::size_t>(rounds));
  for (const auto& [number, place] : sweep.race) {
    if (place.point != point || place.round >= rounds) continue;
    const auto trial = sweep.trials.find(number);
    if (trial == sweep.trials.end() || !trial->second.accepted) continue;
    row[static_cast<std::size_t>(place.round)] = trial->second.true_accuracy();
  }
  return row;
}

struct Standing {
  std::int64_t better = 0;  // points that are better by the test
  double least = 0;         // of their differences, by t
  std::optional<Spread> spread;
};

// Of a point, by the rounds before one.
Standing standing_of(const LedgerSweep& sweep, const RacePlace& place, std::int64_t rounds) {
  std::map<std::int64_t, SeedRow> rows;
  for (const auto& [number, other] : sweep.race) {
    if (other.group == place.group && !rows.contains(other.point)) {
      rows[other.point] = row_of(sweep, other.point, rounds);
    }
  }
  std::vector<SeedRow> all;
  all.reserve(rows.size());
  for (const auto& [point, row] : rows) all.push_back(row);
  Standing standing;
  standing.spread = pooled_spread(all);
  if (!standing.spread || rows.size() < 2) return standing;
  const auto others = static_cast<double>(rows.size() - 1);
  const double chance =
      sweep.frozen->spec.racing->level / (others * static_cast<double>(sweep.rounds - 1));
  const double bound = student_bound(chance, static_cast<double>(standing.spread->freedom));
  double least = 0;
  for (const auto& [point, row] : rows) {
    const Paired pair = paired(row, rows.at(place.point));
    if (point == place.point || pair.pairs == 0 || pair.difference <= 0) continue;
    const double t = pair.t(*standing.spread);
    if (t < bound) continue;
    if (standing.better++ > 0 && t >= least) continue;
    least = t;
    standing.least = pair.difference;
  }
  return standing;
}

}  // namespace

void lay_race(LedgerSweep& sweep) {
  if (!sweep.frozen->spec.racing) return;
  std::map<std::string, std::int64_t> points;
  std::map<std::int64_t, std::int64_t> seeds;
  for (std::int64_t file = 0; file < sweep.space->segments(); ++file) {
    for (const std::int64_t seed : sweep.space->file(file).frozen().spec.seeds) {
      seeds.try_emplace(seed, static_cast<std::int64_t>(seeds.size()));
    }
  }
  sweep.rounds = static_cast<std::int64_t>(seeds.size());
  for (std::int64_t number = 0; number < sweep.space->raw(); ++number) {
    auto config = sweep.space->config(number);
    if (!config) continue;
    RacePlace place;
    place.round = seeds.at(config->seed);
    place.group = config->variant + " " + std::to_string(config->epochs);
    config->seed = 0;
    const std::string key = sweep.space->architecture(number).hash + encode_config(*config);
    place.point = points.try_emplace(key, static_cast<std::int64_t>(points.size())).first->second;
    sweep.race[number] = place;
  }
}

bool has_begun(const LedgerSweep& sweep, std::int64_t round) {
  return std::all_of(sweep.race.begin(), sweep.race.end(), [&](const auto& entry) {
    if (entry.second.round >= round) return true;
    const auto trial = sweep.trials.find(entry.first);
    return trial != sweep.trials.end() && is_terminal(trial->second.state);
  });
}

void Ledger::enter(const record::TrialRacedOut& out) {
  const TrialId id = out.trial;
  LedgerSweep& owner = sweep(sweep_of(id));
  LedgerTrial& known = trial(id);
  if (std::holds_alternative<Cancelled>(known.state)) retry(owner, known, id);  // in this event
  require(owner.frozen->spec.racing.has_value(), id, "raced out of a sweep that does not race");
  require(owner.state != SweepState::kCancelled, id, "raced out of a cancelled sweep");
  require(known.attempts.empty(), id, "raced out though it had begun");
  require(!is_terminal(known.state), id, "raced out though it is ", name(known.state));
  require(owner.raced_out.emplace(number_of(id), out.evidence).second, id, "raced out twice");
  raced_.push_back(id);
}

// The rows of trials come last in a group.
void Ledger::judge_raced_out(TrialId id) const {
  const LedgerSweep& owner = sweeps_.at(sweep_of(id));
  const RacePlace& place = owner.race.at(number_of(id));
  const RaceEvidence& on = owner.raced_out.at(number_of(id));
  for (const auto& [number, other] : owner.raced_out) {
    if (number != number_of(id) && owner.race.at(number).point == place.point) {
      require(other == on, id, "raced out by other evidence than its point was");
      if (std::ranges::find(raced_, make_trial_id(sweep_of(id), number)) == raced_.end()) return;
    }
  }
  const std::int64_t top = owner.frozen->spec.racing->top;
  for (std::int64_t round = 1; round < owner.rounds && has_begun(owner, round); ++round) {
    const Standing standing = standing_of(owner, place, round);
    if (standing.better < top || !alike(standing.spread->deviation, on.deviation) ||
        standing.spread->freedom != on.freedom) {
      continue;
    }
    if (standing.better > top || alike(standing.least, on.difference)) return;
  }
  require(false, id, "raced out, and by its rounds it is not");
}

void Ledger::judge_round(TrialKey opened) const {
  const LedgerSweep& owner = sweeps_.at(sweep_of(opened.trial));
  const auto place = owner.race.find(number_of(opened.trial));
  if (place == owner.race.end()) return;
  const std::int64_t round = place->second.round;
  require(has_begun(owner, round), opened.trial, "assigned before the seeds before its own ended");
  if (opened.attempt != AttemptNo{1} || round == 0) return;
  const Standing standing = standing_of(owner, place->second, round);
  require(standing.better < owner.frozen->spec.racing->top, opened.trial,
          "assigned though its point was raced out");
}

}  // namespace firesweep::simulation
