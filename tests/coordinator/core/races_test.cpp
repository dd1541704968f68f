// Scheduler: seeds that are not started, since their point is not among the best any more.
#include <gtest/gtest.h>

#include <map>

#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {
namespace {

// Three points with three seeds.
std::shared_ptr<FrozenSweep> racing_sweep() {
  auto frozen = make_sweep(3);
  frozen->spec.seeds = {1, 2, 3};
  frozen->spec.racing = Racing{};
  return frozen;
}

class RacesTest : public ::testing::Test {
 protected:
  RacesTest() {
    h.submit(racing_sweep());
    a.hello();
  }
  // By point and seed: the last point is far behind.
  static double score(std::int64_t number) {
    constexpr double kScores[3][3] = {{0.50, 0.51, 0.50}, {0.49, 0.505, 0.51}, {0.20, 0.21, 0.20}};
    return kScores[number / 3][number % 3];
  }
  void finish(FakeWorker& worker) {
    const TrialKey key = worker.held.begin()->first;
    trained.push_back(number_of(key.trial));
    worker.finished(key, score(trained.back()));
  }
  void finish_rounds(int rounds) {
    for (int i = 0; i < 3 * rounds; ++i) finish(a);
  }

  Harness h;
  FakeWorker a{h, 1, "host/0"};
  FakeWorker b{h, 2, "host/1"};
  std::vector<std::int64_t> trained;
};

TEST_F(RacesTest, SeedsComeInRoundsAndThePointBehindGetsNoThird) {
  while (!a.held.empty()) finish(a);
  EXPECT_EQ(trained, (std::vector<std::int64_t>{0, 3, 6, 1, 4, 7, 2, 5}));
  EXPECT_TRUE(h.state(8) == TrialState(Pruned{}));
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
  EXPECT_EQ(h.picture().trials.pruned, 1);
}

TEST_F(RacesTest, TheDecisionIsPersistedWithItsEvidenceInTheEventThatEndsTheRound) {
  finish_rounds(2);
  const auto decided = h.persisted<record::TrialRacedOut>();
  ASSERT_EQ(decided.size(), 1u);
  EXPECT_EQ(decided[0].trial, make_trial_id({1}, 8));
  EXPECT_EQ(decided[0].description.config.seed, 3);
  EXPECT_EQ(decided[0].evidence.seeds, 2);
  EXPECT_EQ(decided[0].evidence.of_seeds, 3);
  EXPECT_EQ(h.persisted<record::ResultAccepted>().size(), 1u);
}

TEST_F(RacesTest, AWorkerWaitsForTheRoundToEnd) {
  b.hello();
  finish(a);  // 0, and a has 6; b has 3
  finish(a);
  EXPECT_TRUE(a.held.empty()) << "3 is still trained";
  finish(b);
  EXPECT_EQ(a.held.size(), 1u) << "the second round";
  EXPECT_EQ(b.held.size(), 1u);
}

TEST_F(RacesTest, ARestartChangesNothing) {
  finish_rounds(1);
  h.restart();
  a.reconnect();
  finish_rounds(1);
  EXPECT_EQ(h.persisted<record::TrialRacedOut>().size(), 1u);
  h.restart();
  a.reconnect();
  while (!a.held.empty()) finish(a);
  EXPECT_EQ(trained, (std::vector<std::int64_t>{0, 3, 6, 1, 4, 7, 2, 5}));
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
}

TEST_F(RacesTest, AFailedTrialEndsItsRoundAndARetryOpensItAgain) {
  finish(a);
  a.errored(a.held.begin()->first, Reason::kNan);
  finish(a);
  ASSERT_FALSE(a.held.empty());
  EXPECT_EQ(number_of(a.held.begin()->first.trial), 1);
  h.steer(request::Verb::kRetry);
  a.finished(a.held.begin()->first, 0.5);
  ASSERT_FALSE(a.held.empty());
  EXPECT_EQ(number_of(a.held.begin()->first.trial), 3) << "the retried one";
  b.hello();
  EXPECT_TRUE(b.held.empty()) << "the second round waits again";
}

TEST_F(RacesTest, SeedsAddedLaterAreNotStartedOfAPointThatIsOut) {
  while (!a.held.empty()) finish(a);
  ASSERT_TRUE(h.widen({{9}, {}}));
  const auto decided = h.persisted<record::TrialRacedOut>();
  ASSERT_EQ(decided.size(), 1u);
  EXPECT_EQ(decided[0].trial, make_trial_id({1}, 11));
  a.heartbeat();
  std::vector<std::int64_t> more;
  while (!a.held.empty()) {
    more.push_back(number_of(a.held.begin()->first.trial));
    a.finished(a.held.begin()->first, 0.5);
  }
  EXPECT_EQ(more, (std::vector<std::int64_t>{9, 10}));
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
}

TEST_F(RacesTest, AnExtensionRacesByTheSameRule) {
  auto other = racing_sweep();
  other->hash = "another";
  other->spec.racing->top = 2;
  EXPECT_EQ(refused(h.extend(other)), ErrorCode::kBadInput);
}

TEST_F(RacesTest, ACancelledSweepDecidesNothing) {
  finish_rounds(1);
  for (int i = 0; i < 2; ++i) finish(a);
  h.cancel({1});
  a.finished(a.held.begin()->first, 0.2);
  EXPECT_TRUE(h.persisted<record::TrialRacedOut>().empty());
}

}  // namespace
}  // namespace firesweep::testing
