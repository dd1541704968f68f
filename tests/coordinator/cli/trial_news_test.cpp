// The lines about trials that end.
#include <gtest/gtest.h>

#include "coordinator/cli/displays.h"

namespace firesweep {
namespace {

record::AttemptEnded lost() {
  record::AttemptEnded ended;
  ended.key = {make_trial_id({1}, 13), {2}};
  ended.end = AttemptEnd::kLost;
  ended.message = "not claimed after the coordinator's restart";
  return ended;
}

// Only the process that gave an attempt out knows its worker.
TEST(TrialNews, ALossOfAnAttemptFromBeforeARestartNamesNoWorker) {
  TrialNews news;
  EXPECT_EQ(news.line_for(lost()),
            "! trial 1/13  attempt 2 lost: not claimed after the coordinator's restart");
}

TEST(TrialNews, ALossNamesTheWorkerThatHadTheAttempt) {
  TrialNews news;
  record::AttemptOpened opened;
  opened.key = lost().key;
  opened.worker = "vm/0";
  opened.description.config.variant = "v3";
  EXPECT_EQ(news.line_for(opened), "");
  EXPECT_EQ(
      news.line_for(lost()),
      "! trial 1/13 v3  attempt 2 lost with vm/0: not claimed after the coordinator's restart");
}

TEST(TrialNews, ABeginningFromNothingIsToldWhereACheckpointWasMissed) {
  TrialNews news;
  record::AttemptStarted started;
  started.key = lost().key;
  EXPECT_EQ(news.line_for(started), "");
  started.checkpoint_missed = true;
  EXPECT_EQ(news.line_for(started),
            "! trial 1/13  begins from nothing: the checkpoint it could go on from was not found");
  started.resumed_from_epoch = 3;
  EXPECT_EQ(news.line_for(started), "") << "it had an older one";
}

}  // namespace
}  // namespace firesweep
