#include "coordinator/cli/run_ending.h"

#include <gtest/gtest.h>

#include <sstream>

#include "coordinator/cli/displays.h"
#include "coordinator/cli/exit_codes.h"

namespace firesweep {
namespace {

TEST(RunEnding, ExitCodesTellTheTruth) {
  EXPECT_EQ(exit_code_of({SweepId{1}, "FINISHED", 4, 4, 0, {}}), kDone);
  EXPECT_EQ(exit_code_of({SweepId{1}, "FINISHED", 4, 1, 3, {}}), kDone);
  EXPECT_EQ(exit_code_of({SweepId{1}, "FINISHED", 4, 0, 4, {}}), kSweepFailed);
  EXPECT_EQ(exit_code_of({SweepId{1}, "FAILED", 4, 1, 3, {}}), kSweepFailed);
  EXPECT_EQ(exit_code_of({SweepId{1}, "STOPPED", 4, 1, 0, {}}), kFailedWhileRunning);
}

TEST(RunEnding, FailuresAreNamedByReasonWithTheCommandThatRepeatsThem) {
  const auto ask = [] {
    return Result<std::string>(
        R"([{"reason": "ERROR", "trials": 2, "trial": "1/0", "message": "no room\nmore"}])");
  };
  std::ostringstream out;
  print_failures(out, {SweepId{1}, "FAILED", 8, 1, 2, 1}, ask, {"--db", "my sweeps.db"});
  EXPECT_EQ(out.str(),
            "2 of 8 trials failed: sweep 1 is FAILED, max_failed_trials is 1\n"
            "  2 ERROR, e.g. trial 1/0: no room\n"
            "  to run them again: firesweep retry 1 --failed --db 'my sweeps.db'\n");
  std::ostringstream nothing;
  print_failures(nothing, {SweepId{1}, "FINISHED", 8, 8, 0, {}}, ask, {});
  EXPECT_EQ(nothing.str(), "");
}

TEST(Displays, OnlyATerminalThatCanIsPaintedInPlace) {
  EXPECT_TRUE(can_paint("xterm-256color"));
  for (const char* term : {static_cast<const char*>(nullptr), "", "dumb"}) {
    EXPECT_FALSE(can_paint(term));
  }
}

}  // namespace
}  // namespace firesweep
