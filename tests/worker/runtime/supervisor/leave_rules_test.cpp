#include "worker/runtime/supervisor/leave_rules.h"

#include <gtest/gtest.h>

namespace firesweep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::chrono::milliseconds kBegin{1'800'000'000'000};
Instant after(Duration since_begin) {
  return {seconds(500) + since_begin,
          kBegin + std::chrono::duration_cast<std::chrono::milliseconds>(since_begin)};
}
constexpr SlotNews idle(std::uint64_t ended = 0) { return {ended, false}; }
constexpr SlotNews training(std::uint64_t ended = 0) { return {ended, true}; }

TEST(LeaveRules, WithoutRulesNobodyLeaves) {
  LeaveRules rules({}, 2, after(seconds(0)));
  rules.heard(0, training(5), after(seconds(1)));
  EXPECT_FALSE(rules.leave_now(after(std::chrono::hours(1000))));
  EXPECT_FALSE(rules.wake_at(after(seconds(1))));
  EXPECT_FALSE(rules.is_done(0));
  EXPECT_EQ(rules.trials_ended(), 5U);
}

TEST(LeaveRules, IdlenessIsThatOfAllSlotsAndBeginsWithTheLastTrialsEnd) {
  LeaveRules rules({.idle_exit = minutes(10)}, 2, after(seconds(0)));
  EXPECT_EQ(rules.wake_at(after(seconds(0))), after(minutes(10)).steady);
  rules.heard(0, training(), after(minutes(9)));
  EXPECT_FALSE(rules.leave_now(after(minutes(30)))) << "slot 0 trains";
  EXPECT_FALSE(rules.wake_at(after(minutes(30))));
  rules.heard(1, training(), after(minutes(30)));
  rules.heard(0, idle(1), after(minutes(31)));
  EXPECT_FALSE(rules.leave_now(after(minutes(45)))) << "slot 1 trains";
  rules.heard(1, idle(1), after(minutes(45)));
  EXPECT_FALSE(rules.leave_now(after(minutes(55) - seconds(1))));
  EXPECT_TRUE(rules.leave_now(after(minutes(55))));
}

TEST(LeaveRules, ATrialBetweenTwoPiecesOfNewsEndsIdlenessToo) {
  LeaveRules rules({.idle_exit = minutes(10)}, 1, after(seconds(0)));
  rules.heard(0, idle(3), after(minutes(9)));
  EXPECT_FALSE(rules.leave_now(after(minutes(18))));
  EXPECT_TRUE(rules.leave_now(after(minutes(19))));
}

TEST(LeaveRules, ASlotThatDiedInItsTrialIsIdle) {
  LeaveRules rules({.idle_exit = minutes(10)}, 1, after(seconds(0)));
  rules.heard(0, training(), after(minutes(1)));
  rules.ended(0, after(minutes(2)));
  EXPECT_TRUE(rules.leave_now(after(minutes(12))));
}

TEST(LeaveRules, UntilAsksAMinuteBeforeByTheWallClock) {
  LeaveRules rules({.until = kBegin + minutes(30)}, 1, after(seconds(0)));
  rules.heard(0, training(), after(minutes(1)));
  EXPECT_EQ(rules.wake_at(after(minutes(9))), after(minutes(29)).steady);
  EXPECT_FALSE(rules.leave_now(after(minutes(29) - seconds(1))));
  EXPECT_TRUE(rules.leave_now(after(minutes(29))));
  Instant jumped = after(minutes(2));
  jumped.utc += minutes(27);
  EXPECT_TRUE(rules.leave_now(jumped));
}

TEST(LeaveRules, WithMaxTrialsTrialsThatHaveBegunAreEnded) {
  LeaveRules rules({.max_trials = 3}, 2, after(seconds(0)));
  rules.heard(0, training(), after(seconds(1)));
  rules.heard(1, training(), after(seconds(1)));
  rules.heard(0, training(1), after(seconds(2)));
  EXPECT_FALSE(rules.is_done(0)) << "its second trial is the third";
  EXPECT_FALSE(rules.is_done(1));
  rules.heard(1, training(1), after(seconds(3)));
  EXPECT_TRUE(rules.is_done(1)) << "what it has begun is a fourth";
  EXPECT_FALSE(rules.is_done(0));
  rules.heard(0, idle(2), after(seconds(4)));
  EXPECT_TRUE(rules.is_done(0));
  EXPECT_EQ(rules.trials_ended(), 3U);
  EXPECT_FALSE(rules.leave_now(after(minutes(9)))) << "each slot leaves by itself";
}

TEST(LeaveRules, WithMaxTrialsATrialBegunInTheSamePieceOfNewsIsNotEnded) {
  LeaveRules rules({.max_trials = 1}, 1, after(seconds(0)));
  rules.heard(0, training(1), after(seconds(1)));
  EXPECT_TRUE(rules.is_done(0));
}

TEST(LeaveRules, WithMaxTrialsAnIdleSlotLeavesWhereTheOthersHaveTheRest) {
  LeaveRules rules({.max_trials = 1}, 2, after(seconds(0)));
  rules.heard(0, training(), after(seconds(1)));
  EXPECT_TRUE(rules.is_done(1));
  EXPECT_FALSE(rules.is_done(0));
}

TEST(LeaveRules, ATrialThatDiedWithItsSlotDoesNotCount) {
  LeaveRules rules({.max_trials = 2}, 2, after(seconds(0)));
  rules.heard(0, training(), after(seconds(1)));
  rules.heard(1, training(), after(seconds(1)));
  rules.ended(1, after(seconds(2)));
  rules.started(1, after(seconds(3)));
  EXPECT_FALSE(rules.is_done(1));
  rules.heard(0, training(1), after(seconds(4)));
  EXPECT_FALSE(rules.is_done(0)) << "its second trial is the second of all";
  rules.heard(0, idle(2), after(seconds(5)));
  EXPECT_TRUE(rules.is_done(0));
  EXPECT_TRUE(rules.is_done(1));
}

TEST(LeaveRules, AProcessThatBeginsCountsFromNothing) {
  LeaveRules rules({.max_trials = 5}, 1, after(seconds(0)));
  rules.heard(0, idle(3), after(seconds(1)));
  rules.ended(0, after(seconds(2)));
  rules.started(0, after(seconds(3)));
  rules.heard(0, idle(1), after(seconds(4)));
  EXPECT_EQ(rules.trials_ended(), 4U);
  EXPECT_FALSE(rules.is_done(0));
  rules.heard(0, idle(2), after(seconds(5)));
  EXPECT_TRUE(rules.is_done(0));
}

}  // namespace
}  // namespace firesweep
