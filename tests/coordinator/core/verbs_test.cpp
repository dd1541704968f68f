// Scheduler: submit, cancel, drain.
#include <gtest/gtest.h>

#include "tests/coordinator/core/harness.h"

namespace firesweep::testing {
namespace {

class Verbs : public ::testing::Test {
 protected:
  Harness h;
  FakeWorker a{h, 1, "host/0"};
  FakeWorker b{h, 2, "host/1"};
};

TEST_F(Verbs, SubmitAddsASweepAndSaysWhich) {
  auto sweep = make_sweep(3, "my \"sweep\"");
  sweep->spec.warnings = {"lr 0.5 is unusual"};
  const ClientReply reply = h.submit(sweep);
  EXPECT_TRUE(reply);
  EXPECT_EQ(answer_in<reply::Submitted>(reply),
            (reply::Submitted{
                {1}, "my \"sweep\"", 3, false, SweepState::kRunning, {"lr 0.5 is unusual"}}));
  EXPECT_EQ(h.store.sweeps.size(), 1u);
  EXPECT_TRUE(h.store.sweeps.at({1}).trials.empty()) << "no row a trial";
}

TEST_F(Verbs, TheSameContentResumesInsteadOfStartingAgain) {
  h.submit(make_sweep(3));
  const ClientReply reply = h.submit(make_sweep(3));
  EXPECT_TRUE(reply);
  EXPECT_EQ(answer_in<reply::Submitted>(reply).sweep, SweepId{1});
  EXPECT_TRUE(answer_in<reply::Submitted>(reply).resumed);
  EXPECT_EQ(h.store.sweeps.size(), 1u);
  EXPECT_EQ(answer_in<reply::Submitted>(h.submit(make_sweep(3, "other"))).sweep, SweepId{2});
}

TEST_F(Verbs, SubmitNamesTheNewestSweepOfTheNameThatCouldBeExtended) {
  const auto edited = [](int trials) {
    auto sweep = make_sweep(trials);
    sweep->hash += " with " + std::to_string(trials);
    return sweep;
  };
  const auto namesake = [&](std::shared_ptr<const FrozenSweep> sweep) {
    return answer_in<reply::Submitted>(h.submit(std::move(sweep))).namesake;
  };
  EXPECT_EQ(namesake(edited(1)), std::nullopt) << "there is no other";
  EXPECT_EQ(namesake(edited(1)), std::nullopt) << "it is the same content";
  EXPECT_EQ(namesake(make_sweep(1, "other")), std::nullopt);
  EXPECT_EQ(namesake(edited(2)), SweepId{1});
  EXPECT_EQ(namesake(edited(3)), SweepId{3});
  h.cancel({4});
  EXPECT_EQ(namesake(edited(4)), SweepId{3}) << "a cancelled one takes no more trials";
}

TEST_F(Verbs, AStoppedSweepResumesToRunning) {
  h.submit(make_sweep(1));
  h.store.sweeps.at({1}).state = SweepState::kStopped;
  h.restart();
  a.hello();
  EXPECT_TRUE(a.got<Assign>().empty());
  h.submit(make_sweep(1));
  EXPECT_EQ(h.sweep_state(), SweepState::kRunning);
  EXPECT_EQ(a.got<Assign>().size(), 1u);
}

TEST_F(Verbs, SubmitSaysWhatASweepWasThatItResumes) {
  const auto woken_from = [&] {
    return answer_in<reply::Submitted>(h.submit(make_sweep(1))).woken_from;
  };
  EXPECT_EQ(woken_from(), std::nullopt) << "it is new";
  EXPECT_EQ(woken_from(), std::nullopt) << "it runs already";
  for (const SweepState state : {SweepState::kPaused, SweepState::kStopped, SweepState::kFailed}) {
    h.store.sweeps.at({1}).state = state;
    h.restart();
    EXPECT_EQ(woken_from(), state);
    EXPECT_EQ(h.sweep_state(), SweepState::kRunning);
  }
  a.hello();
  a.finished(a.assigned());
  EXPECT_EQ(woken_from(), std::nullopt) << "it is finished and stays so";
}

TEST_F(Verbs, AFinishedSweepStaysFinished) {
  h.submit(make_sweep(1));
  a.hello();
  a.finished(a.assigned());
  const ClientReply reply = h.submit(make_sweep(1));
  EXPECT_TRUE(reply);
  EXPECT_EQ(answer_in<reply::Submitted>(reply).state, SweepState::kFinished);
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
}

TEST_F(Verbs, CancellingASweepStopsWhatRunsAndWritesNoRowPerWaitingTrial) {
  h.submit(make_sweep(100));
  a.hello();
  const TrialKey key = a.assigned();
  a.started(key);
  const ClientReply reply = h.cancel({1});
  EXPECT_TRUE(reply);
  EXPECT_EQ(answer_in<reply::SweepSteered>(reply).cancelled, 99);
  EXPECT_EQ(answer_in<reply::SweepSteered>(reply).live, 1);
  EXPECT_EQ(h.records.size(), 2u) << "the sweep's row and the running trial's";
  ASSERT_EQ(a.got<Stop>().size(), 1u);
  EXPECT_FALSE(h.scheduler.all_finished());
  a.handed_back(key);
  EXPECT_TRUE(std::holds_alternative<Cancelled>(h.state(number_of(key.trial))));
  EXPECT_TRUE(a.got<Assign>().empty());
  EXPECT_TRUE(h.scheduler.all_finished());
  EXPECT_EQ(h.picture().trials.cancelled, 100);
  EXPECT_EQ(h.picture().trials.waiting, 0);
}

TEST_F(Verbs, AResultThatCrossesACancelIsSuperseded) {
  h.submit(make_sweep(1));
  a.hello();
  const TrialKey key = a.assigned();
  a.started(key);
  h.cancel({1});
  a.finished(key);
  EXPECT_EQ(a.verdict(), Verdict::kSuperseded);
  EXPECT_TRUE(std::holds_alternative<Cancelled>(h.state(0)));
}

TEST_F(Verbs, ALateResultOfACancelledSweepIsSuperseded) {
  h.submit(make_sweep(1));
  a.hello();
  const TrialKey key = a.assigned();
  a.started(key);
  h.pass(seconds(16));
  h.cancel({1});
  a.finished(key);
  EXPECT_EQ(a.verdict(), Verdict::kSuperseded);
  EXPECT_TRUE(std::holds_alternative<Cancelled>(h.state(0)));
}

TEST_F(Verbs, CancellingAWaitingTrialWritesItsRow) {
  h.submit(make_sweep(2));
  const ClientReply reply = h.cancel({1}, make_trial_id({1}, 1));
  EXPECT_EQ(answer_in<reply::TrialSteered>(reply),
            (reply::TrialSteered{make_trial_id({1}, 1), reply::TrialSteered::Now::kCancelled}));
  EXPECT_TRUE(std::holds_alternative<Cancelled>(h.state(1)));
  a.hello();
  a.finished(a.assigned());
  EXPECT_TRUE(a.got<Assign>().empty());
  EXPECT_EQ(h.sweep_state(), SweepState::kFinished);
}

TEST_F(Verbs, CancellingAnUnbegunLeaseStopsIt) {
  h.submit(make_sweep(1));
  a.hello();
  const TrialKey key = a.assigned();
  const ClientReply reply = h.cancel({1}, key.trial);
  EXPECT_EQ(answer_in<reply::TrialSteered>(reply),
            (reply::TrialSteered{key.trial, reply::TrialSteered::Now::kStopping}));
  ASSERT_EQ(a.got<Stop>().size(), 1u);
  a.returned(key);
  EXPECT_TRUE(std::holds_alternative<Cancelled>(h.state(0)));
}

TEST_F(Verbs, WhatDoesNotExistIsNamedBesideWhatDoes) {
  EXPECT_EQ(refused(h.cancel({1})), ErrorCode::kNotFound);
  h.submit(make_sweep(3));
  ClientReply reply = h.cancel({7});
  ASSERT_FALSE(reply);
  EXPECT_EQ(refused(reply), ErrorCode::kNotFound);
  EXPECT_EQ(reply.error().where, "sweep 7");
  EXPECT_EQ(reply.error().hint, "known sweeps: 1");
  reply = h.cancel({1}, make_trial_id({1}, 3));
  EXPECT_EQ(refused(reply), ErrorCode::kNotFound);
  EXPECT_NE(reply.error().hint.find("0 to 2"), std::string::npos);
}

TEST_F(Verbs, CancellingTwiceIsAConflict) {
  h.submit(make_sweep(3));
  h.cancel({1}, make_trial_id({1}, 0));
  EXPECT_EQ(refused(h.cancel({1}, make_trial_id({1}, 0))), ErrorCode::kConflict);
  h.cancel({1});
  EXPECT_EQ(refused(h.cancel({1})), ErrorCode::kConflict);
  EXPECT_EQ(refused(h.cancel({1}, make_trial_id({1}, 1))), ErrorCode::kConflict);
  EXPECT_EQ(refused(h.submit(make_sweep(3))), ErrorCode::kConflict);
}

TEST_F(Verbs, ADrainStopsRunningTrialsAndKeepsTheirCheckpoints) {
  h.submit(make_sweep(5));
  a.hello();
  const TrialKey key = a.assigned();
  a.started(key);
  h.drain();
  ASSERT_EQ(a.got<Stop>().size(), 1u);
  EXPECT_EQ(a.got<Stop>()[0].reason, Reason::kDrain);
  EXPECT_FALSE(h.scheduler.idle());
  a.handed_back(key, 2);
  EXPECT_TRUE(h.state(number_of(key.trial)) == TrialState(Waiting{key.attempt}));
  EXPECT_EQ(h.stored(number_of(key.trial)).checkpoint_epoch, 2);
  EXPECT_EQ(h.stored(number_of(key.trial)).restarts, 0);
  EXPECT_EQ(a.got<Quit>().size(), 1u);
  EXPECT_TRUE(a.got<Assign>().empty());
  EXPECT_TRUE(h.scheduler.idle());
  EXPECT_EQ(h.sweep_state(), SweepState::kRunning);
}

TEST_F(Verbs, ADrainRecallsWhatHasNotBegun) {
  h.submit(make_sweep(5));
  a.hello();
  const TrialKey key = a.assigned();
  h.drain();
  ASSERT_EQ(a.got<Recall>().size(), 1u);
  a.returned(key);
  EXPECT_TRUE(std::holds_alternative<Waiting>(h.state(number_of(key.trial))));
  EXPECT_EQ(a.got<Quit>().size(), 1u);
}

TEST_F(Verbs, ATrialThatStartsWhileItIsRecalledIsStopped) {
  h.submit(make_sweep(5));
  a.hello();
  const TrialKey key = a.assigned();
  h.drain();
  a.started(key);
  EXPECT_EQ(a.got<Stop>().size(), 1u);
}

TEST_F(Verbs, AResultDuringADrainCompletesTheTrial) {
  h.submit(make_sweep(5));
  a.hello();
  const TrialKey key = a.assigned();
  a.started(key);
  h.drain();
  a.finished(key);
  EXPECT_TRUE(std::holds_alternative<Complete>(h.state(number_of(key.trial))));
}

TEST_F(Verbs, WorkersThatArriveDuringADrainAreSentHome) {
  h.submit(make_sweep(5));
  h.drain();
  a.hello();
  EXPECT_TRUE(a.got<Assign>().empty());
  EXPECT_EQ(a.got<Quit>().size(), 1u);
  ASSERT_FALSE(h.submit(make_sweep(5, "late")));
}

TEST_F(Verbs, AfterADrainTheSameFileGoesOnWhereItWas) {
  h.submit(make_sweep(2));
  a.hello();
  const TrialKey key = a.assigned();
  a.started(key);
  h.drain();
  a.handed_back(key, 3);
  h.restart();
  h.submit(make_sweep(2));
  b.hello();
  const Assign again = b.got<Assign>().at(0);
  EXPECT_EQ(again.key.trial, key.trial) << "what had begun goes first";
  EXPECT_EQ(again.key.attempt, AttemptNo{2});
}

}  // namespace
}  // namespace firesweep::testing
