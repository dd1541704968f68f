#include "coordinator/search/termination/promotion.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tests/coordinator/search/termination/curves.h"

namespace firesweep {
namespace {

TEST(AshaPromotion, LetsTheBestOfThreeGoOn) {
  RungPromotion asha(AshaOptions{1, 3});
  EXPECT_TRUE(asha.take({1, 1, 9, 0.3}));
  EXPECT_TRUE(asha.take({2, 1, 9, 0.5}));
  EXPECT_FALSE(asha.next());
  EXPECT_TRUE(asha.take({3, 1, 9, 0.4}));
  const auto promotion = asha.next();
  ASSERT_TRUE(promotion);
  EXPECT_EQ(promotion->trial, 2);
  EXPECT_EQ(promotion->evidence,
            (Evidence{.epoch = 1, .score = 0.5, .threshold = 0.5, .rank = 1, .seen = 3}));
  EXPECT_TRUE(asha.promotes(promotion->evidence));
  asha.promote(*promotion);
  EXPECT_FALSE(asha.next());
  EXPECT_FALSE(asha.take({2, 2, 9, 0.6}));
  EXPECT_TRUE(asha.take({2, 3, 9, 0.7}));
}

// Delayed: of three trials one may pass, and it has, though a better one has come since.
TEST(AshaPromotion, PromotesNoMoreThanAThird) {
  RungPromotion asha(AshaOptions{1, 3});
  for (std::int64_t i = 1; i <= 3; ++i) asha.take({i, 1, 9, 0.1 * static_cast<double>(i)});
  asha.promote(*asha.next());
  asha.take({4, 1, 9, 0.9});
  asha.take({5, 1, 9, 0.8});
  EXPECT_FALSE(asha.next());
  asha.take({6, 1, 9, 0.1});
  EXPECT_EQ(asha.next()->trial, 4);
}

TEST(AshaPromotion, TakesTheHighestRungFirst) {
  RungPromotion asha(AshaOptions{1, 3});
  for (std::int64_t i = 1; i <= 9; ++i) asha.take({i, 1, 9, 0.1 * static_cast<double>(i)});
  for (std::int64_t i = 9; i >= 7; --i) {
    EXPECT_EQ(asha.next()->trial, i);
    asha.promote(*asha.next());
    asha.take({i, 3, 9, 1 - 0.1 * static_cast<double>(i)});
  }
  for (std::int64_t i = 10; i <= 12; ++i) asha.take({i, 1, 9, 2});
  EXPECT_EQ(asha.next()->trial, 7);
  EXPECT_EQ(asha.next()->evidence.epoch, 3);
  asha.promote(*asha.next());
  EXPECT_EQ(asha.next()->trial, 10);
}

// A search with one worker, against a version that sorts everything each time.
struct Plain {
  std::map<std::int64_t, std::map<std::int64_t, double>> rungs;  // rung → trial → score
  std::map<std::int64_t, std::vector<std::int64_t>> passed;

  std::pair<std::int64_t, std::int64_t> next(double eta) const {  // rung, trial
    for (auto rung = rungs.rbegin(); rung != rungs.rend(); ++rung) {
      std::vector<std::pair<double, std::int64_t>> order;
      for (const auto& [trial, score] : rung->second) order.emplace_back(-score, trial);
      std::ranges::sort(order);
      const auto most = static_cast<std::size_t>(static_cast<double>(order.size()) / eta + 1e-9);
      const auto gone = passed.find(rung->first);
      const std::size_t count = gone == passed.end() ? 0 : gone->second.size();
      if (count >= most) continue;
      for (std::size_t i = 0; i < order.size(); ++i) {
        if (-order[i].first < -order[most - 1].first) break;
        const bool before = count > 0 && std::ranges::count(gone->second, order[i].second) > 0;
        if (!before) return {rung->first, order[i].second};
      }
    }
    return {0, -1};
  }
};

RC_GTEST_PROP(AshaPromotion, PromotesAsItsDefinitionDoes, ()) {
  const double eta = *rc::gen::element(1.5, 2.0, 3.0, 4.0);
  const std::uint64_t seed = *rc::gen::arbitrary<std::uint64_t>();
  RungPromotion asha(AshaOptions{1, eta});
  Plain plain;
  std::int64_t begun = 0;
  for (int step = 0; step < 200; ++step) {
    const auto found = asha.next();
    const auto [rung, trial] = plain.next(eta);
    RC_ASSERT(found.has_value() == (trial >= 0));
    std::int64_t next = begun;
    std::int64_t epoch = 0;
    if (found) {
      RC_ASSERT(found->trial == trial);
      RC_ASSERT(found->evidence.epoch == rung);
      asha.promote(*found);
      plain.passed[rung].push_back(trial);
      next = trial;
      epoch = rung;
    } else {
      ++begun;
    }
    while (++epoch <= 20) {
      const double score = made_up_score(next + static_cast<std::int64_t>(seed % 1000), epoch);
      if (!asha.take({next, epoch, 20, score})) continue;
      plain.rungs[epoch][next] = score;
      break;
    }
  }
}

TEST(AshaPromotion, KnowsTheSameFromWhatIsStored) {
  RungPromotion asha(AshaOptions{1, 3});
  std::vector<TrialReport> reports;
  std::vector<Promotion> promotions;
  std::int64_t begun = 0;
  for (int step = 0; step < 150; ++step) {
    RungPromotion restored(AshaOptions{1, 3});
    for (const TrialReport& report : reports) restored.take(report);
    for (const Promotion& promotion : promotions) restored.promote(promotion);
    const auto found = asha.next();
    ASSERT_EQ(restored.next(), found) << step;
    TrialReport next{found ? found->trial : begun++, found ? found->evidence.epoch : 0, 20};
    ASSERT_EQ(restored.waits(next.trial), found.has_value()) << step;
    if (found) {
      promotions.push_back(*found);
      asha.promote(*found);
    }
    while (++next.epoch <= 20) {
      next.score = made_up_score(next.trial, next.epoch);
      reports.push_back(next);
      if (asha.take(next)) break;
    }
  }
  EXPECT_GT(promotions.size(), 30);
}

// It hears late that it is to wait, and reports further epochs.
TEST(AshaPromotion, ATrialThatRunsPastItsRungWaitsWhereItCameTo) {
  RungPromotion asha(AshaOptions{1, 3});
  for (std::int64_t i = 1; i <= 3; ++i) asha.take({i, 1, 9, 0.1 * static_cast<double>(i)});
  EXPECT_FALSE(asha.take({3, 2, 9, 0.9}));
  EXPECT_TRUE(asha.waits(3)) << "an epoch that is no rung promotes nobody";
  EXPECT_TRUE(asha.take({3, 3, 9, 0.9}));
  EXPECT_EQ(asha.rung_of(3), 3);
  EXPECT_EQ(asha.next(), std::nullopt) << "it has left the first rung, and 2 is not in its third";
  EXPECT_FALSE(asha.take({3, 1, 9, 0.2})) << "a repeated epoch";
  EXPECT_EQ(asha.rung_of(3), 3);
}

// Whoever next() would name one after the other is marked; nobody else is.
RC_GTEST_PROP(AshaPromotion, TellsWhoGoesOnAsItPromotesThem, ()) {
  RungPromotion asha(AshaOptions{1, *rc::gen::element(1.5, 2.0, 3.0)});
  const auto trials = *rc::gen::inRange<std::int64_t>(1, 30);
  for (std::int64_t i = 0; i < trials; ++i) {
    asha.take({i, 1, 9, made_up_score(i, 1), i % 3 == 0 ? "a" : "b"});
  }
  const bool closed = *rc::gen::arbitrary<bool>();
  Outlook outlook;
  outlook.more = [&](const Population&, std::int64_t) { return !closed; };
  outlook.ready = [](std::int64_t trial) { return trial % 5 != 0; };
  std::set<std::int64_t> told;
  for (const AtRung& one : asha.waiting(outlook)) {
    RC_ASSERT(one.evidence == asha.standing(one.trial));
    if (one.goes_on) told.insert(one.trial);
  }
  std::set<std::int64_t> promoted;
  while (const auto next = asha.next(outlook)) {
    promoted.insert(next->trial);
    asha.promote(*next);
  }
  RC_ASSERT(told == promoted);
}

class AshaOutlook : public ::testing::Test {
 protected:
  AshaOutlook() {
    outlook_.more = [this](const Population&, std::int64_t rung) { return rung >= open_from_; };
  }
  std::int64_t next() const {
    const auto found = asha_.next(outlook_);
    return found ? found->trial : 0;
  }
  std::int64_t promote() {
    const auto found = asha_.next(outlook_);
    if (!found) return 0;
    asha_.promote(*found);
    return found->trial;
  }
  RungPromotion asha_{AshaOptions{1, 3}};
  Outlook outlook_;
  std::int64_t open_from_ = 1;  // to this rung and those above more trials may come
};

TEST_F(AshaOutlook, WhoeverCannotGoNowIsPassedOver) {
  for (std::int64_t i = 1; i <= 6; ++i) asha_.take({i, 1, 9, 0.1 * static_cast<double>(i)});
  outlook_.ready = [](std::int64_t trial) { return trial != 6; };
  EXPECT_EQ(promote(), 5);
  EXPECT_EQ(promote(), 0) << "4 is not among the best third";
  outlook_.ready = {};
  EXPECT_EQ(promote(), 6);
}

TEST_F(AshaOutlook, AtTheEndOfARungEveryOneOfTheBestThirdGoesOn) {
  for (std::int64_t i = 1; i <= 3; ++i) asha_.take({i, 1, 9, 0.1 * static_cast<double>(i)});
  EXPECT_EQ(promote(), 3);
  for (std::int64_t i = 4; i <= 5; ++i) asha_.take({i, 1, 9, 0.1 * static_cast<double>(i)});
  EXPECT_EQ(promote(), 0) << "3 has the only place of five";
  open_from_ = 2;
  EXPECT_EQ(promote(), 5) << "the best of all that came";
  EXPECT_EQ(promote(), 0);
  EXPECT_FALSE(asha_.promotes(asha_.standing(4)));
  EXPECT_TRUE(asha_.promotes(asha_.standing(5)));
}

TEST_F(AshaOutlook, OfFewTrialsTheBestGoesOnAtTheEnd) {
  asha_.take({1, 1, 9, 0.1});
  asha_.take({2, 1, 9, 0.2});
  EXPECT_EQ(promote(), 0) << "a third may come";
  open_from_ = 2;
  EXPECT_EQ(promote(), 2);
  EXPECT_TRUE(asha_.take({2, 3, 9, 0.3}));
  EXPECT_EQ(next(), 0) << "others may come to the second rung";
  open_from_ = 9;
  EXPECT_EQ(promote(), 2);
}

// One that waits below and will be promoted comes to the rung above.
TEST_F(AshaOutlook, ARungIsAtItsEndOnceThoseBelowAre) {
  for (std::int64_t i = 1; i <= 6; ++i) asha_.take({i, 1, 9, 0.1 * static_cast<double>(i)});
  EXPECT_EQ(promote(), 6);
  EXPECT_TRUE(asha_.take({6, 3, 9, 0.6}));
  open_from_ = 9;
  outlook_.ready = [](std::int64_t trial) { return trial != 5; };
  outlook_.alive = [](std::int64_t) { return true; };
  EXPECT_EQ(next(), 0) << "5 will come";
  outlook_.alive = outlook_.ready;
  EXPECT_EQ(next(), 6) << "5 has failed";
}

TEST_F(AshaOutlook, OfEqualScoresNoMorePassThanThereArePlaces) {
  for (std::int64_t i = 1; i <= 7; ++i) asha_.take({i, 1, 9, 0.5});
  open_from_ = 2;
  EXPECT_EQ(promote(), 1);
  EXPECT_EQ(promote(), 2);
  EXPECT_EQ(promote(), 0);
  EXPECT_EQ(asha_.standing(3),
            (Evidence{.epoch = 1, .score = 0.5, .threshold = 0.5, .rank = 3, .seen = 7}));
  EXPECT_FALSE(asha_.promotes(asha_.standing(3)));
}

// None before all have come, then the best k of each group, best first.
RC_GTEST_PROP(TwoPhases, PromoteTheBestKOfAll, ()) {
  const auto k = *rc::gen::inRange<std::int64_t>(1, 6);
  const auto trials = *rc::gen::inRange<std::int64_t>(1, 40);
  RungPromotion top(OneEpochOptions{.min_iter = 2, .k = k});
  std::map<std::string, std::vector<std::pair<double, std::int64_t>>> groups;
  for (std::int64_t i = 0; i < trials; ++i) {
    const std::string group = i % 3 == 0 ? "a" : "b";
    RC_ASSERT(!top.take({i, 1, 9, 1, group}));
    RC_ASSERT(top.take({i, 2, 9, made_up_score(i, 2), group}));
    groups[group].emplace_back(-made_up_score(i, 2), i);
    RC_ASSERT(!top.next());
  }
  Outlook all_came;
  all_came.more = [](const Population&, std::int64_t) { return false; };
  for (auto& [name, group] : groups) {
    std::ranges::sort(group);
    for (std::size_t i = 0; i < group.size(); ++i) {
      const std::int64_t trial = group[i].second;
      const bool best = std::cmp_less(i, k);
      RC_ASSERT(top.promotes(top.standing(trial)) == best);
      if (!best) continue;
      const auto next = top.next(all_came);
      RC_ASSERT(next && next->trial == trial);
      RC_ASSERT(next->evidence.seen == std::ssize(group));
      top.promote(*next);
      RC_ASSERT(!top.take({trial, 3, 9, 0, name}));
    }
  }
  RC_ASSERT(!top.next(all_came));
}

TEST(TwoPhases, ATrialOfNoMoreEpochsIsNotCompared) {
  RungPromotion top(OneEpochOptions{.k = 1});
  EXPECT_FALSE(top.take({1, 1, 1, 0.5}));
  EXPECT_TRUE(top.take({1, 1, 2, 0.5}));
}

}  // namespace
}  // namespace firesweep
