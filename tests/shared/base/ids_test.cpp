#include "shared/base/ids.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>
#include <type_traits>

namespace firesweep {
namespace {

constexpr std::int64_t kTrialsPerSweep = std::int64_t{1} << kTrialNumberBits;
constexpr std::int64_t kSweeps = std::int64_t{1} << (63 - kTrialNumberBits);

RC_GTEST_PROP(TrialId, GivesBackItsSweepAndNumber, ()) {
  const SweepId sweep{*rc::gen::inRange<std::int64_t>(0, kSweeps)};
  const auto number = *rc::gen::inRange<std::int64_t>(0, kTrialsPerSweep);
  const TrialId trial = make_trial_id(sweep, number);
  RC_ASSERT(sweep_of(trial) == sweep);
  RC_ASSERT(number_of(trial) == number);
  RC_ASSERT(trial.value >= 0);
}

RC_GTEST_PROP(TrialId, OrdersBySweepThenNumber, ()) {
  const auto sweeps = rc::gen::inRange<std::int64_t>(0, 4);
  const auto numbers = rc::gen::inRange<std::int64_t>(0, 4);
  const auto a = std::pair{*sweeps, *numbers};
  const auto b = std::pair{*sweeps, *numbers};
  RC_ASSERT((make_trial_id({a.first}, a.second) < make_trial_id({b.first}, b.second)) == (a < b));
}

TEST(TrialId, HoldsTheLargestSweepAndNumber) {
  const TrialId last = make_trial_id({kSweeps - 1}, kTrialsPerSweep - 1);
  EXPECT_EQ(last.value, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(sweep_of(last).value, kSweeps - 1);
  EXPECT_EQ(number_of(last), kTrialsPerSweep - 1);
}

TEST(TrialId, ReadsAsSweepSlashNumber) { EXPECT_EQ(to_string(make_trial_id({3}, 17)), "3/17"); }

TEST(TrialKey, ReadsAsTrialHashAttempt) {
  EXPECT_EQ(to_string(TrialKey{make_trial_id({3}, 17), {2}}), "3/17#2");
}

TEST(TrialKey, DiffersWhereOnlyTheAttemptDiffers) {
  const TrialId trial = make_trial_id({1}, 5);
  const TrialKey first{trial, {1}};
  const TrialKey second{trial, {2}};
  EXPECT_NE(first, second);
  EXPECT_LT(first, second);
}

TEST(StrongId, IsNeverAnotherKindOfId) {
  static_assert(!std::is_convertible_v<SweepId, TrialId>);
  static_assert(!std::is_constructible_v<AttemptNo, TrialId>);
  static_assert(!std::is_convertible_v<TrialId, std::int64_t>);
}

TEST(SessionId, DiffersInEitherHalfAndIsNoneByDefault) {
  EXPECT_EQ(SessionId{}, (SessionId{0, 0}));
  EXPECT_NE((SessionId{1, 0}), (SessionId{0, 1}));
}

}  // namespace
}  // namespace firesweep
