#include "coordinator/search/termination/recompute.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <optional>

#include "coordinator/search/termination/make.h"

namespace firesweep {
namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.begin(), text.end(), value, std::chars_format::general, 6);
  return {text.data(), end.ptr};
}

std::string verdict(bool stops) { return stops ? "stopped" : "goes on"; }

class Recomputation {
 public:
  Recomputation(const EarlyTermination& rules, std::int64_t seed,
                const std::vector<TrialReport>& reports)
      : rules_(rules), seed_(seed) {
    for (const TrialReport& report : reports) trials_[report.trial].push_back(report);
  }

  // What differs of one decision; empty: nothing.
  std::string judge(const TrialDecision& decision) const {
    const Evidence& on = decision.evidence;
    const auto own = trials_.find(decision.number);
    const TrialReport* at = own == trials_.end() ? nullptr : report_at(own->second, on.epoch);
    if (at == nullptr) return "no accuracy of this epoch is stored";
    const bool stops = rules_.promotion ? !make_promotion(rules_)->promotes(on)
                                        : make_terminator(rules_, seed_)->stops(on);
    if (stops == decision.promoted) {
      return "stored is that it " + verdict(!decision.promoted) + ", the rule says " +
             verdict(stops) + " of rank " + std::to_string(on.rank) + " of " +
             std::to_string(on.seen) + ", " + number(on.score) + " beside " + number(on.threshold);
    }
    const auto found = alone(own->second, on.epoch);
    if (!found) return "the rule compares nothing after this epoch";
    if (!decision.recorded_again && found->score != on.score) {
      return "stored is the score " + number(on.score) + ", recomputed was " + number(found->score);
    }
    if (found->bracket != on.bracket) {
      return "stored is bracket " + std::to_string(on.bracket) + ", recomputed was " +
             std::to_string(found->bracket);
    }
    const std::int64_t most = comparable(*at, on);
    if (on.seen > most || on.rank > on.seen) {
      return "stored is rank " + std::to_string(on.rank) + " of " + std::to_string(on.seen) +
             " trials, of which " + std::to_string(most) + " have come there";
    }
    return {};
  }

 private:
  static const TrialReport* report_at(const std::vector<TrialReport>& reports, std::int64_t epoch) {
    const auto found = std::ranges::find(reports, epoch, &TrialReport::epoch);
    return found == reports.end() ? nullptr : &*found;
  }

  // What the rule makes of the trial's own epochs, without any other trial.
  std::optional<Evidence> alone(const std::vector<TrialReport>& reports, std::int64_t epoch) const {
    if (rules_.promotion) {
      const auto promotion = make_promotion(rules_);
      const TrialReport& last = *report_at(reports, epoch);
      return promotion->take(last) ? std::optional(promotion->standing(last.trial)) : std::nullopt;
    }
    if (rules_.type == Termination::kMedian) return best_until(reports, epoch);
    const auto terminator = make_terminator(rules_, seed_);
    std::optional<Decision> decision;
    for (const TrialReport& report : reports) {
      if (report.epoch <= epoch) decision = terminator->take(report);
    }
    return decision ? std::optional(decision->evidence) : std::nullopt;
  }

  std::optional<Evidence> best_until(const std::vector<TrialReport>& reports,
                                     std::int64_t epoch) const {
    double best = -std::numeric_limits<double>::infinity();
    for (const TrialReport& report : reports) {
      if (report.epoch <= epoch) best = std::max(best, ordered_score(report.score));
    }
    const TrialReport& last = *report_at(reports, epoch);
    if (epoch < first_epoch(rules_.min_iter, last) || epoch >= last.epochs) return std::nullopt;
    return Evidence{.epoch = epoch, .score = best};
  }

  // The trials that have a score there, the decided one among them.
  std::int64_t comparable(const TrialReport& own, const Evidence& on) const {
    if (rules_.type == Termination::kThreshold || rules_.type == Termination::kPlateau) {
      return on.seen;  // these compare a trial with itself
    }
    return std::ranges::count_if(trials_, [&](const auto& entry) {
      const TrialReport* at = report_at(entry.second, on.epoch);
      return at != nullptr && population_of(*at) == population_of(own);
    });
  }

  const EarlyTermination& rules_;
  std::int64_t seed_;
  std::map<std::int64_t, std::vector<TrialReport>> trials_;
};

}  // namespace

Recomputed recompute(const EarlyTermination& rules, std::int64_t seed,
                     const std::vector<TrialReport>& reports,
                     const std::vector<TrialDecision>& decisions) {
  const Recomputation recomputation(rules, seed, reports);
  Recomputed done;
  for (const TrialDecision& decision : decisions) {
    ++done.decisions;
    const std::string why = recomputation.judge(decision);
    if (why.empty()) continue;
    done.differences.push_back("trial " + std::to_string(decision.number) + ", epoch " +
                               std::to_string(decision.evidence.epoch) + ": " + why);
  }
  return done;
}

}  // namespace firesweep
