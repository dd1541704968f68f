#include "coordinator/search/termination/recompute.h"

#include <gtest/gtest.h>

#include "coordinator/search/termination/make.h"
#include "tests/coordinator/search/termination/curves.h"

namespace firesweep {
namespace {

constexpr std::int64_t kEpochs = 20;
constexpr std::int64_t kSeed = 5;

// A sweep of 40 trials as it was decided, with what is stored of it.
struct Stored {
  EarlyTermination rules;
  std::vector<TrialReport> reports;
  std::vector<TrialDecision> decisions;

  Recomputed again() const { return recompute(rules, kSeed, reports, decisions); }
  std::string only_difference() const {
    const Recomputed done = again();
    EXPECT_EQ(done.differences.size(), 1);
    return done.differences.empty() ? "" : done.differences[0];
  }
};

Stored decided(const EarlyTermination& rules) {
  Stored stored{rules, {}, {}};
  const auto terminator = make_terminator(rules, kSeed);
  for (std::int64_t trial = 0; trial < 40; ++trial) {
    TrialReport report{trial, 0, kEpochs};
    while (++report.epoch <= kEpochs) {
      report.score = made_up_score(trial, report.epoch);
      stored.reports.push_back(report);
      const auto decision = terminator->take(report);
      if (!decision || !decision->stop) continue;
      stored.decisions.push_back({trial, false, decision->evidence});
      break;
    }
  }
  return stored;
}

Stored promoted(const EarlyTermination& rules = {.min_iter = 1, .promotion = true}) {
  Stored stored{rules, {}, {}};
  const auto asha = make_promotion(stored.rules);
  std::int64_t begun = 0;
  Outlook outlook;
  if (rules.type == Termination::kOneEpochTopK) {
    outlook.more = [&](const Population&, std::int64_t) { return begun < 40; };
  }
  while (true) {
    const auto found = asha->next(outlook);
    if (!found && begun == 40) break;
    TrialReport report{found ? found->trial : begun++, found ? found->evidence.epoch : 0, kEpochs};
    if (found) {
      asha->promote(*found);
      stored.decisions.push_back({found->trial, true, found->evidence});
    }
    while (++report.epoch <= kEpochs) {
      report.score = made_up_score(report.trial, report.epoch);
      stored.reports.push_back(report);
      if (asha->take(report)) break;
    }
  }
  for (std::int64_t trial = 0; trial < 40; ++trial) {
    if (!asha->waits(trial) || asha->promotes(asha->standing(trial))) continue;
    stored.decisions.push_back({trial, false, asha->standing(trial)});
  }
  return stored;
}

TEST(Recompute, FindsEveryDecisionOfEveryKindAsStored) {
  using enum Termination;
  for (const EarlyTermination& rules :
       {EarlyTermination{.min_iter = 1}, EarlyTermination{.type = kHyperband, .min_iter = 1},
        EarlyTermination{.type = kMedian}, EarlyTermination{.type = kThreshold, .at_least = 0.5},
        EarlyTermination{.type = kPlateau, .patience = 2}}) {
    const Stored stored = decided(rules);
    EXPECT_GT(stored.decisions.size(), 5) << to_string(rules.type);
    const Recomputed done = stored.again();
    EXPECT_EQ(done.decisions, static_cast<std::int64_t>(stored.decisions.size()));
    EXPECT_EQ(done.differences, std::vector<std::string>()) << to_string(rules.type);
  }
  const Stored stored = promoted();
  EXPECT_GT(stored.decisions.size(), 30);
  EXPECT_EQ(stored.again().differences, std::vector<std::string>());
  const Stored phases = promoted({.type = kOneEpochTopK, .promotion = true, .k = 4});
  EXPECT_EQ(phases.decisions.size(), 40) << "4 go on, and 36 do not";
  EXPECT_EQ(phases.again().differences, std::vector<std::string>());
}

TEST(Recompute, TellsADecisionAgainstItsEvidence) {
  Stored stored = promoted();
  ASSERT_TRUE(stored.decisions[0].promoted);
  stored.decisions[0].evidence.rank = 3;
  const std::string trial = std::to_string(stored.decisions[0].number);
  EXPECT_EQ(
      stored.only_difference().substr(0, 76),
      ("trial " + trial + ", epoch 1: stored is that it goes on, the rule says stopped of rank 3")
          .substr(0, 76));
  stored = decided({.min_iter = 1});
  stored.decisions[2].evidence.rank = 1;
  EXPECT_NE(stored.only_difference().find("stored is that it stopped, the rule says goes on"),
            std::string::npos);
}

TEST(Recompute, TellsAScoreThatIsNotTheTrials) {
  Stored stored = promoted();
  stored.decisions[0].evidence.score += 0.25;
  EXPECT_NE(stored.only_difference().find("stored is the score "), std::string::npos);
  stored.decisions[0].recorded_again = true;
  EXPECT_TRUE(stored.again().differences.empty()) << "the row is of a later attempt";
}

TEST(Recompute, TellsAnEpochThatIsNoRungAndOneThatIsNotStored) {
  Stored stored = promoted();
  stored.decisions[0].evidence.epoch = 19;
  EXPECT_NE(stored.only_difference().find("no accuracy of this epoch is stored"),
            std::string::npos);
  stored = decided({.type = Termination::kPlateau, .patience = 2});
  stored.decisions[0].evidence.epoch = 1;
  EXPECT_NE(stored.only_difference().find("the rule compares nothing after this epoch"),
            std::string::npos);
}

TEST(Recompute, TellsMoreTrialsThanHaveCome) {
  Stored stored = decided({.min_iter = 1});
  stored.decisions[0].evidence.seen = 41;
  stored.decisions[0].evidence.rank = 41;
  EXPECT_NE(stored.only_difference().find("rank 41 of 41 trials, of which 40 have come there"),
            std::string::npos);
}

TEST(Recompute, TellsAnotherBracket) {
  Stored stored = decided({.type = Termination::kHyperband, .min_iter = 1});
  ++stored.decisions[0].evidence.bracket;
  EXPECT_NE(stored.only_difference().find("recomputed was"), std::string::npos);
}

}  // namespace
}  // namespace firesweep
