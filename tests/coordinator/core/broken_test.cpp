// Scheduler: a sweep that this build cannot read keeps nobody else from anything.
#include <gtest/gtest.h>

#include "tests/coordinator/core/one_worker.h"

namespace firesweep::testing {
namespace {

class Broken : public OneWorker {
 protected:
  // Two sweeps, of which the first no longer reads back after a restart; its first trial is held.
  void break_the_first() {
    begin(make_sweep(3, "old"));
    a.started(key);
    h.submit(make_sweep(2, "new"));
    Snapshot snapshot = h.store.snapshot();
    SweepSnapshot& old = snapshot.sweeps.at(0);
    auto row = std::make_shared<FrozenSweep>();
    row->hash = old.frozen->hash;
    row->spec.name = old.frozen->spec.name;
    row->spec.metric = old.frozen->spec.metric;
    row->spec.trainer = old.frozen->spec.trainer;
    old.frozen = row;
    old.broken = "this build cannot read it: frozen.json: /rules: found 9, expected 1";
    h.scheduler = Scheduler(std::move(snapshot), h.options, h.now);
  }
};

TEST_F(Broken, TheOthersRunToTheirEnd) {
  break_the_first();
  a.hello();
  b.hello();
  b.finished(b.assigned());
  b.finished(b.assigned());
  EXPECT_EQ(h.sweep_state(2), SweepState::kFinished);
  EXPECT_EQ(h.sweep_state(1), SweepState::kRunning) << "the build that began it goes on with it";
  a.finished(key);
  EXPECT_TRUE(is<Complete>(h.state(0, 1))) << "what was held is judged";
  EXPECT_TRUE(h.scheduler.all_finished()) << "nothing here is left to do";
}

TEST_F(Broken, ItIsShownWithTheReasonAndAllItsTrials) {
  break_the_first();
  EXPECT_EQ(h.picture(1).broken,
            "this build cannot read it: frozen.json: /rules: found 9, expected 1");
  EXPECT_EQ(h.picture(1).trials.total, 3);
  EXPECT_EQ(h.picture(1).name, "old");
  EXPECT_EQ(h.picture(2).broken, "");
  EXPECT_EQ(h.picture(1).blocked, "") << "it waits for no worker";
}

TEST_F(Broken, WhatWouldRunItIsRefusedWithTheReason) {
  break_the_first();
  for (const ClientReply& reply :
       {h.submit(make_sweep(3, "old")), h.extend(make_sweep(9, "old")),
        h.steer(request::Verb::kRetry), h.steer(request::Verb::kResume)}) {
    ASSERT_FALSE(reply);
    EXPECT_NE(reply.error().what.find("/rules: found 9"), std::string::npos) << reply.error().what;
  }
}

TEST_F(Broken, ItCanBePausedStoppedAndCancelled) {
  break_the_first();
  a.hello();
  EXPECT_TRUE(h.steer(request::Verb::kPause));
  EXPECT_TRUE(h.steer(request::Verb::kStop));
  a.handed_back(key);
  EXPECT_EQ(h.sweep_state(1), SweepState::kStopped);
}

TEST_F(Broken, ASweepOfWhichThisBuildMakesOtherTrialsIsBrokenToo) {
  begin(make_sweep(3, "old"));
  Snapshot snapshot = h.store.snapshot();
  snapshot.sweeps.at(0).total_trials = 4;
  h.scheduler = Scheduler(std::move(snapshot), h.options, h.now);
  EXPECT_EQ(h.picture(1).broken, "this build makes 3 trials of it where 4 were submitted");
}

TEST_F(Broken, TheSameFileByOlderRulesResumesItsSweep) {
  auto old = make_sweep(3, "s");
  old->hash = "by rules 1";
  old->spec.rules = 1;
  h.submit(old);
  auto file = make_sweep(3, "s");
  file->hash = "by rules 2";
  file->by_older_rules = {old};
  const ClientReply reply = h.submit(file);
  EXPECT_TRUE(reply);
  EXPECT_TRUE(answer_in<reply::Submitted>(reply).resumed);
  EXPECT_EQ(h.store.sweeps.size(), 1u);
}

TEST_F(Broken, ASweepIsExtendedByTheRulesItWasSubmittedWith) {
  auto old = make_sweep(3, "s");
  old->hash = "three by rules 1";
  old->spec.rules = 1;
  h.submit(old);
  auto by_old_rules = make_sweep(5, "s");
  by_old_rules->hash = "five by rules 1";
  by_old_rules->spec.rules = 1;
  auto file = make_sweep(5, "s");
  file->hash = "five by rules 2";
  ASSERT_FALSE(h.extend(file)) << "it does not read by rules 1";
  file->by_older_rules = {by_old_rules};
  EXPECT_TRUE(h.extend(file));
  ASSERT_EQ(h.persisted<record::SweepExtended>().size(), 1u);
  EXPECT_EQ(h.persisted<record::SweepExtended>()[0].frozen->hash, "five by rules 1");
  EXPECT_EQ(h.persisted<record::SweepExtended>()[0].total_trials, 5);
}

}  // namespace
}  // namespace firesweep::testing
