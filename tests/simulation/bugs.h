// Bugs that the simulator must be able to find. Each is off unless a test, or --bug, switches it
// on for the calling thread. Those of the cores and of both loops are planted by
// planted/bugs.txt into copies of the rooms' sources; those of a disk, a process and a trainer in
// the simulator's own.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace firesweep::simulation {

enum class Bug {
  kNone,
  // in the coordinator's loop and its disk
  kSendBeforePersist,
  kAnswerAfterFailedCommit,
  kFailedCommitTakenAsNotDone,
  kSchedulerKeptAfterFailedCommit,
  kTwoCoordinators,
  kDrainForgottenAfterRebuild,
  kHeardForgottenAfterRebuild,
  kTimersBeforeSockets,
  kDiskLiesAboutSync,
  kStoredCheckpointDeletedFirst,
  kOffenderPoisonsGroup,
  kRefusedEventAnswered,
  kSchedulerKeptAfterRefusal,
  // in the trainer and its checkpoints
  kCheckpointOfAnotherConfig,
  kCheckpointOfAnotherDataset,
  kOldCheckpointDeletedFirst,
  kCheckpointForgottenBeforeAck,
  // in the scheduler
  kSeedForNewestFileOnly,
  kPriorityIgnored,
  kAttemptNumberIgnored,
  kLateResultRefused,
  kRepeatedReportNotAcknowledged,
  kAckOfResultDropped,
  kNothingExpires,
  kDoubleAssignOnReconnect,
  kRestartCountedTwice,
  kResultOfCancelledTrialAccepted,
  kUnreceivedLeaseAdopted,
  kPrefetchedTrialCharged,
  kLeasesExpireAfterSuspension,
  kCancelLostOnRestart,
  kPauseLostOnRestart,
  kRetryKeepsRestarts,
  kStartedLostOnRestart,
  kRestartsLostOnRestart,
  kOneTooManyConcurrent,
  kCompletedTrialStaysQueued,
  kFinishedTooEarly,
  kHeartbeatCountsAsProgress,
  kLeasesKeptAtGoodbye,
  kMaxFailedIgnored,
  kErrorRestartsForever,
  kLateHelloTakesRunningTrial,
  kOvertakenWordsBelieved,
  kKnownEpochLostOnRestart,
  kHandedBackNotAwaited,
  kOlderAttemptsCheckpointStored,
  kLiveCheckpointEvicted,
  kGenerationIgnored,
  kPrunedTrialResurrected,
  kScoresLostOnRestart,
  kScoresCountTwiceAfterRestart,
  kTerminatedBeforeItsEpoch,
  kStopNotSent,
  kPromotionsLostOnRestart,
  kPromotedTwice,
  kNotHeldAtRung,
  kPrunedTooEarly,
  kPromotedTooEarly,
  kCheckpointOfAnotherGeneration,
  kHistoryLostOnRestart,
  kProposalMadeTwice,
  kRaceForgottenOnRestart,
  kRoundBegunEarly,
  kReusedForAnotherSeed,
  kReusedForAnotherDataset,
  kBegunWhateverTheSchedule,
  kBegunAsUnfinished,
  kFailedPointsTakenForRunning,
  // in the worker's loop
  kWorkerJudgesTimeFirst,
  kWelcomeLearntLate,
  kLeavesBeforeCheckpointSent,
  // in the agent
  kBegunBeforeWelcome,
  kRepeatedAssignTrainsAgain,
  kOutboxForgottenOnReconnect,
  kReportsNeverRepeated,
  kWedgedTrainerTolerated,
  kResultForgottenWhenSent,
  kResultDroppedWithAbandon,
  kReportsKeptInNewGeneration,
};

// For the thread that simulates.
inline thread_local Bug planted_bug = Bug::kNone;
inline bool planted(Bug bug) { return planted_bug == bug; }

struct BugStory {
  Bug bug;
  std::string_view name;  // as typed
  std::string_view story;
};

// Every bug but kNone, in the order of the enumeration.
std::span<const BugStory> bugs();
std::optional<Bug> find_bug(std::string_view name);

}  // namespace firesweep::simulation
