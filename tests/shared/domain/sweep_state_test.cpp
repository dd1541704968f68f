#include "shared/domain/sweep_state.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "shared/domain/records.h"

namespace firesweep {
namespace {

using S = SweepState;
using E = SweepEvent;

constexpr int kStates = static_cast<int>(S::kFailed) + 1;
constexpr int kEvents = static_cast<int>(E::kDrainedAfterFailure) + 1;

// Every legal pair; whatever is not here must be refused.
const std::map<std::pair<S, E>, S> kTable{
    {{S::kRunning, E::kPause}, S::kPaused},
    {{S::kRunning, E::kStop}, S::kStopping},
    {{S::kRunning, E::kCancel}, S::kCancelled},
    {{S::kRunning, E::kNoTrialLeft}, S::kFinished},
    {{S::kRunning, E::kTooManyFailures}, S::kStopping},
    {{S::kPaused, E::kResume}, S::kRunning},
    {{S::kPaused, E::kStop}, S::kStopping},
    {{S::kPaused, E::kCancel}, S::kCancelled},
    {{S::kStopping, E::kCancel}, S::kCancelled},
    {{S::kStopping, E::kDrained}, S::kStopped},
    {{S::kStopping, E::kDrainedAfterFailure}, S::kFailed},
    {{S::kStopped, E::kResume}, S::kRunning},
    {{S::kStopped, E::kRetry}, S::kRunning},
    {{S::kStopped, E::kExtend}, S::kRunning},
    {{S::kFinished, E::kResume}, S::kRunning},
    {{S::kFinished, E::kRetry}, S::kRunning},
    {{S::kFinished, E::kExtend}, S::kRunning},
    {{S::kFailed, E::kResume}, S::kRunning},
    {{S::kFailed, E::kRetry}, S::kRunning},
    {{S::kFailed, E::kExtend}, S::kRunning},
};

TEST(SweepState, EveryPairIsListedOrRefused) {
  for (int s = 0; s < kStates; ++s) {
    for (int e = 0; e < kEvents; ++e) {
      const auto state = static_cast<S>(s);
      const auto event = static_cast<E>(e);
      SCOPED_TRACE(std::string(to_string(state)) + " + " + std::string(to_string(event)));
      const auto expected = kTable.find({state, event});
      const auto next = transition(state, event);
      ASSERT_EQ(next.has_value(), expected != kTable.end());
      if (next) {
        EXPECT_EQ(*next, expected->second);
      } else {
        EXPECT_EQ(next.error().code, ErrorCode::kConflict);
        EXPECT_NE(next.error().what.find(to_string(state)), std::string::npos);
        EXPECT_NE(next.error().what.find(to_string(event)), std::string::npos);
      }
    }
  }
}

TEST(SweepState, NamesAreDistinctAndNotEmpty) {
  std::set<std::string_view> names;
  for (int s = 0; s < kStates; ++s) names.insert(to_string(static_cast<S>(s)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kStates));
  EXPECT_FALSE(names.contains(""));
}

TEST(SweepState, UnfinishedAreThoseThatMayStillMoveByThemselvesOrArePaused) {
  EXPECT_TRUE(is_unfinished(S::kRunning));
  EXPECT_TRUE(is_unfinished(S::kPaused));
  EXPECT_TRUE(is_unfinished(S::kStopping));
  EXPECT_FALSE(is_unfinished(S::kStopped));
  EXPECT_FALSE(is_unfinished(S::kCancelled));
  EXPECT_FALSE(is_unfinished(S::kFinished));
  EXPECT_FALSE(is_unfinished(S::kFailed));
}

TEST(AttemptEnd, NamesAreThoseOfTheStore) {
  EXPECT_EQ(to_string(AttemptEnd::kFinished), "FINISHED");
  EXPECT_EQ(to_string(AttemptEnd::kErrored), "ERRORED");
  EXPECT_EQ(to_string(AttemptEnd::kLost), "LOST");
  EXPECT_EQ(to_string(AttemptEnd::kHandedBack), "HANDED_BACK");
  EXPECT_EQ(to_string(AttemptEnd::kUnstarted), "UNSTARTED");
}

}  // namespace
}  // namespace firesweep
