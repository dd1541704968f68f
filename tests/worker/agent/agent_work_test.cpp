// What an agent does with trials: queueing, running, stopping, reporting, leaving.
#include "tests/worker/agent/script.h"

namespace firesweep {
namespace {

TEST(AgentWork, AnAssignmentStartsTheTrainerAtOnce) {
  Script script;
  script.welcomed().receive({assign(key(1))});
  EXPECT_EQ(script.started(), Keys{key(1)});
  EXPECT_EQ(script.agent.running(), key(1));
}

TEST(AgentWork, StartTrainerCarriesTheWholeAssignment) {
  Assign whole = assign(key(1));
  whole.config.lr = 0.5;
  whole.config_hash = "c0ffee";
  Script script;
  script.welcomed().receive({whole});
  ASSERT_TRUE(script.one<agent_effect::StartTrainer>());
  EXPECT_EQ(script.one<agent_effect::StartTrainer>()->assign, whole);
}

TEST(AgentWork, NothingBeginsBeforeTheWelcomeWhichMayBeLost) {
  Script script;
  script.connect().receive_numbered(2, {assign(key(1)), assign(key(2))});
  EXPECT_EQ(script.started(), Keys{}) << "where checkpoints travel is not known";
  script.tick_after(seconds(1));
  ASSERT_TRUE(script.one<agent_effect::SendFrame>());
  EXPECT_EQ(script.said<Hello>().size(), 1U);
  EXPECT_EQ(script.said<Hello>().front().held.size(), 2U);
  EXPECT_EQ(script.receive({Welcome{}}).started(), Keys{key(1)});
}

TEST(AgentWork, OneTrialRunsAtATimeAndTheOthersWaitInOrder) {
  Script script;
  script.welcomed().receive({assign(key(3)), assign(key(1)), assign(key(2))});
  EXPECT_EQ(script.started(), Keys{key(3)});
  EXPECT_EQ(script.ended(key(3)).started(), Keys{key(1)});
  EXPECT_EQ(script.ended(key(1)).started(), Keys{key(2)});
  EXPECT_EQ(script.ended(key(2)).started(), Keys{});
}

TEST(AgentWork, TheNextTrialStartsInTheSameEffectsAsTheEndOfTheLast) {
  Script script;
  script.running(key(1)).receive({assign(key(2))});
  script.now += seconds(1);
  script.ended(key(1));
  EXPECT_EQ(script.reported<report::Finished>(), Keys{key(1)});
  EXPECT_EQ(script.started(), Keys{key(2)});
}

TEST(AgentWork, ARepeatedAssignmentStartsNothing) {
  Script script;
  script.running(key(1));
  EXPECT_EQ(script.receive({assign(key(1))}).started(), Keys{});
  script.ended(key(1));
  EXPECT_EQ(script.receive({assign(key(1))}).started(), Keys{})
      << "its end is not yet acknowledged";
  script.receive({Ack{1, Verdict::kAccepted}, Ack{2, Verdict::kAccepted}});
  EXPECT_EQ(script.receive({assign(key(1))}).started(), Keys{}) << "its end is acknowledged";
}

TEST(AgentWork, ANewAttemptReplacesAnOlderOneOfItsTrial) {
  Script script;
  script.running(key(1, 1)).receive({assign(key(1, 2))});
  EXPECT_EQ(script.stopped(), Keys{key(1, 1)});
  script.ended(key(1, 1), agent_event::Stopped{2});
  EXPECT_EQ(script.reports(), std::vector<Report>{}) << "the older attempt is nobody's any more";
  EXPECT_EQ(script.started(), Keys{key(1, 2)});
}

TEST(AgentWork, AnOlderAttemptThanTheHeldOneIsIgnored) {
  Script script;
  script.running(key(1, 2)).receive({assign(key(1, 1))});
  EXPECT_TRUE(script.effects.empty());
  EXPECT_EQ(script.ended(key(1, 2)).started(), Keys{});
}

TEST(AgentWork, ReportsTellStartEpochsAndEndInOrder) {
  Script script;
  script.welcomed().receive({assign(key(1))});
  EpochMetrics metrics;
  metrics.epoch = 3;
  TrialResult result;
  result.test_accuracy = 0.5;
  script.on({agent_event::TrainerStarted{key(1), 2}, agent_event::TrainerEpoch{key(1), metrics},
             agent_event::TrainerEnded{key(1), agent_event::Finished{result}}});
  const std::vector<Report> expected = {{1, key(1), report::Started{2}},
                                        {2, key(1), report::Progressed{metrics}},
                                        {3, key(1), report::Finished{result}}};
  EXPECT_EQ(script.reports(), expected);
  EXPECT_EQ(script.all<agent_effect::SendFrame>().size(), 1U);
}

TEST(AgentWork, AFailureIsReportedWithItsReasonAndCheckpoint) {
  Script script;
  script.running(key(1)).ended(key(1), agent_event::Failed{Reason::kNan, "loss is NaN", 4});
  ASSERT_EQ(script.reports().size(), 1U);
  EXPECT_EQ(script.reports()[0].body,
            (ReportBody(report::Errored{Reason::kNan, "loss is NaN", 4})));
}

TEST(AgentWork, AFailureForAReasonThatIsNotTheTrainersIsAnError) {
  Script script;
  script.running(key(1)).ended(key(1), agent_event::Failed{Reason::kLost, "", 0});
  EXPECT_EQ(std::get<report::Errored>(script.reports().at(0).body).reason, Reason::kError);
}

TEST(AgentWork, WhatTheTrainerSaysAboutAnotherTrialIsIgnored) {
  Script script;
  script.running(key(1));
  script.on({agent_event::TrainerStarted{key(2), 0}, agent_event::TrainerUnit{key(2), {}},
             agent_event::TrainerEpoch{key(2), {}}, agent_event::TrainerEnded{key(2), {}}});
  EXPECT_TRUE(script.effects.empty());
  EXPECT_EQ(script.agent.running(), key(1));
}

// ---- recall, stop, abandon ----

TEST(AgentWork, ARecalledTrialThatWaitsIsReturned) {
  Script script;
  script.running(key(1)).receive({assign(key(2)), Recall{key(2)}});
  EXPECT_EQ(script.agent.unacknowledged(), 2U);
  script.pass(seconds(1));
  EXPECT_EQ(script.reported<report::Returned>(), Keys{key(2)});
  EXPECT_EQ(script.ended(key(1)).started(), Keys{});
}

TEST(AgentWork, ARecalledTrialThatHasBegunGoesOn) {
  Script script;
  script.welcomed().receive({assign(key(1))});
  script.receive({Recall{key(1)}});
  EXPECT_TRUE(script.effects.empty());
  EXPECT_EQ(script.agent.running(), key(1));
}

TEST(AgentWork, AStoppedTrialIsHandedBackWithItsCheckpoint) {
  Script script;
  script.running(key(1)).receive({Stop{key(1), Reason::kUser}});
  EXPECT_EQ(script.stopped(), Keys{key(1)});
  EXPECT_TRUE(script.reports().empty());
  script.ended(key(1), agent_event::Stopped{5});
  ASSERT_EQ(script.reports().size(), 1U);
  EXPECT_EQ(script.reports()[0].body, ReportBody(report::HandedBack{5}));
}

TEST(AgentWork, AStoppedTrialThatFinishedAnywayIsReportedFinished) {
  Script script;
  script.running(key(1)).receive({Stop{key(1), Reason::kEarlyStop}});
  EXPECT_EQ(script.ended(key(1)).reported<report::Finished>(), Keys{key(1)});
}

TEST(AgentWork, AStopIsPassedOnOnce) {
  Script script;
  script.running(key(1)).receive({Stop{key(1), Reason::kDrain}, Stop{key(1), Reason::kUser}});
  EXPECT_EQ(script.stopped(), Keys{key(1)});
  EXPECT_EQ(script.receive({Stop{key(1), Reason::kUser}}).stopped(), Keys{});
}

TEST(AgentWork, AStoppedTrialThatHasNotBegunIsReturned) {
  Script script;
  script.running(key(1)).receive({assign(key(2)), Stop{key(2), Reason::kUser}});
  EXPECT_EQ(script.stopped(), Keys{});
  script.pass(seconds(1));
  EXPECT_EQ(script.reported<report::Returned>(), Keys{key(2)});
}

TEST(AgentWork, AStopForATrialThatIsNotHeldIsIgnored) {
  Script script;
  script.running(key(1)).receive({Stop{key(9), Reason::kUser}, Recall{key(9)}, Abandon{key(9)}});
  EXPECT_TRUE(script.effects.empty());
}

TEST(AgentWork, AnAbandonedTrialEndsWithoutAReport) {
  Script script;
  script.running(key(1)).receive({assign(key(2)), Abandon{key(1)}});
  EXPECT_EQ(script.stopped(), Keys{key(1)});
  EXPECT_EQ(script.agent.unacknowledged(), 0U) << "its reports go with it";
  script.ended(key(1));
  EXPECT_TRUE(script.reports().empty());
  EXPECT_EQ(script.forgotten(), Keys{key(1)});
  EXPECT_EQ(script.started(), Keys{key(2)});
}

TEST(AgentWork, AnAbandonedTrialThatWaitsIsForgottenAtOnce) {
  Script script;
  script.running(key(1)).receive({assign(key(2)), Abandon{key(2)}});
  EXPECT_EQ(script.forgotten(), Keys{key(2)});
  EXPECT_EQ(script.ended(key(1)).started(), Keys{});
}

TEST(AgentWork, AnAbandonedTrialIsNotHeldAnyMore) {
  Script script;
  script.running(key(1)).receive({Abandon{key(1)}});
  script.pass(seconds(3));
  ASSERT_FALSE(script.said<Heartbeat>().empty());
  EXPECT_TRUE(script.said<Heartbeat>().back().held.empty());
}

TEST(AgentWork, AResultThatIsMadeIsDeliveredThoughItsTrialIsAbandoned) {
  Script script;
  script.running(key(1)).ended(key(1));
  script.receive({Abandon{key(1)}});
  EXPECT_EQ(script.forgotten(), Keys{});
  script.receive({Ack{2, Verdict::kAccepted}});
  EXPECT_EQ(script.forgotten(), Keys{key(1)});
}

// ---- acknowledgements ----

TEST(AgentWork, ATrialIsForgottenWhenItsEndIsAcknowledged) {
  Script script;
  script.running(key(1)).acknowledge();
  EXPECT_EQ(script.forgotten(), Keys{}) << "only its start was acknowledged";
  script.now += seconds(1);
  script.ended(key(1)).acknowledge();
  EXPECT_EQ(script.forgotten(), Keys{key(1)});
  EXPECT_EQ(script.agent.unacknowledged(), 0U);
}

TEST(AgentWork, ASupersededEndIsForgottenToo) {
  Script script;
  script.running(key(1)).ended(key(1));
  script.receive({Ack{2, Verdict::kSuperseded}});
  EXPECT_EQ(script.forgotten(), Keys{key(1)});
}

TEST(AgentWork, AStartThatTheCoordinatorDoesNotKnowStopsTheTrial) {
  Script script;
  script.running(key(1)).receive({Ack{1, Verdict::kUnknown}});
  EXPECT_EQ(script.stopped(), Keys{key(1)});
  EXPECT_TRUE(script.ended(key(1)).reports().empty());
}

TEST(AgentWork, ARepeatedAcknowledgementChangesNothing) {
  Script script;
  script.running(key(1)).ended(key(1));
  script.receive(
      {Ack{2, Verdict::kAccepted}, Ack{2, Verdict::kAccepted}, Ack{99, Verdict::kUnknown}});
  EXPECT_EQ(script.forgotten(), Keys{key(1)});
}

TEST(AgentWork, ATrialIsHeldUntilItsEndIsAcknowledged) {
  Script script;
  script.running(key(1)).ended(key(1));
  script.connect();
  ASSERT_EQ(script.said<Hello>().size(), 1U);
  EXPECT_EQ(script.said<Hello>()[0].held, (std::vector<HeldTrial>{{key(1), true}}));
}

// ---- leaving ----

TEST(AgentWork, AnIdleWorkerLeavesAtOnce) {
  Script script;
  script.welcomed().on(agent_event::DrainRequested{});
  EXPECT_EQ(script.said<Goodbye>().size(), 1U);
  EXPECT_EQ(script.exit_code(), AgentExit::kLeft);
}

TEST(AgentWork, AWorkerThatNeverReachedItsCoordinatorLeavesSilently) {
  Script script;
  script.connect().on(agent_event::DrainRequested{});
  EXPECT_TRUE(script.said<Goodbye>().empty());
  EXPECT_EQ(script.exit_code(), AgentExit::kLeft);
}

TEST(AgentWork, DrainingReturnsStopsAndLeavesOnceAcknowledged) {
  Script script;
  script.running(key(1)).receive({assign(key(2)), assign(key(3))});
  script.acknowledge();
  script.on(agent_event::DrainRequested{});
  EXPECT_EQ(script.stopped(), Keys{key(1)});
  EXPECT_EQ(script.reported<report::Returned>(), (Keys{key(2), key(3)}));
  EXPECT_FALSE(script.exit_code());
  script.receive(
      {Ack{1, Verdict::kAccepted}, Ack{2, Verdict::kAccepted}, Ack{3, Verdict::kAccepted}});
  EXPECT_FALSE(script.exit_code()) << "the trainer still writes its checkpoint";
  script.ended(key(1), agent_event::Stopped{3});
  EXPECT_EQ(script.reported<report::HandedBack>(), Keys{key(1)});
  EXPECT_FALSE(script.exit_code()) << "the checkpoint is not acknowledged";
  script.acknowledge();
  EXPECT_EQ(script.said<Goodbye>().size(), 1U);
  EXPECT_EQ(script.exit_code(), AgentExit::kLeft);
  EXPECT_TRUE(std::holds_alternative<agent_effect::Exit>(script.effects.back()));
}

TEST(AgentWork, QuitDrainsAsASignalDoes) {
  Script script;
  script.running(key(1)).receive({Quit{}});
  EXPECT_TRUE(script.agent.draining());
  EXPECT_EQ(script.stopped(), Keys{key(1)});
}

TEST(AgentWork, ARepeatedDrainChangesNothing) {
  Script script;
  script.running(key(1)).on(agent_event::DrainRequested{});
  script.on({agent_event::DrainRequested{}, agent_event::DrainRequested{}});
  EXPECT_EQ(script.stopped(), Keys{});
  EXPECT_FALSE(script.exit_code());
}

TEST(AgentWork, AnAssignmentWhileDrainingIsLeftForGoodbyeToGiveBack) {
  Script script;
  script.running(key(1)).acknowledge();
  script.on(agent_event::DrainRequested{});
  script.ended(key(1), agent_event::Stopped{1});
  script.receive({Ack{2, Verdict::kAccepted}, assign(key(1, 2))});
  EXPECT_EQ(script.started(), Keys{});
  EXPECT_EQ(script.said<Goodbye>().size(), 1U);
  EXPECT_EQ(script.exit_code(), AgentExit::kLeft);
}

TEST(AgentWork, LeavingWaitsOnlySoLongForAcknowledgements) {
  Script script;
  script.running(key(1)).on(agent_event::DrainRequested{});
  script.ended(key(1), agent_event::Stopped{1});
  script.pass(milliseconds(7900));
  EXPECT_FALSE(script.exit_code());
  script.pass(milliseconds(100));
  EXPECT_EQ(script.exit_code(), AgentExit::kUndelivered);
}

TEST(AgentWork, LeavingWaitsForTheTrainerHoweverLongItMoves) {
  Script script;
  script.running(key(1)).on(agent_event::DrainRequested{});
  for (int i = 0; i < 100; ++i) {
    script.on(agent_event::TrainerUnit{key(1), {}});
    script.pass(seconds(1));
    ASSERT_FALSE(script.exit_code());
  }
}

TEST(AgentWork, AfterExitTheAgentIsDeaf) {
  Script script;
  script.welcomed().on(agent_event::DrainRequested{});
  ASSERT_TRUE(script.exit_code());
  EXPECT_TRUE(script.receive({assign(key(1))}).effects.empty());
  EXPECT_TRUE(script.connect().effects.empty());
  EXPECT_TRUE(script.tick_after(minutes(10)).effects.empty());
}

TEST(AgentWork, EqualEventsGiveEqualEffects) {
  const auto play = [] {
    Script script;
    script.running(key(1)).receive({assign(key(2)), assign(key(3)), Recall{key(3)}});
    script.pass(seconds(7));
    std::vector<WorkerFrame> frames;
    for (const auto& send : script.all<agent_effect::SendFrame>()) frames.push_back(send.frame);
    return frames;
  };
  EXPECT_FALSE(play().empty());
  EXPECT_EQ(play(), play());
}

}  // namespace
}  // namespace firesweep
