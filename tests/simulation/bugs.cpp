#include "tests/simulation/bugs.h"

#include <algorithm>
#include <iterator>

namespace firesweep::simulation {
namespace {

constexpr BugStory kBugs[] = {
    {Bug::kSendBeforePersist, "send-before-persist", "answers leave before the commit"},
    {Bug::kAnswerAfterFailedCommit, "answer-after-failed-commit",
     "answers leave though the commit has failed"},
    {Bug::kFailedCommitTakenAsNotDone, "failed-commit-taken-as-not-done",
     "after a failed commit the coordinator goes on from what it had read before it"},
    {Bug::kSchedulerKeptAfterFailedCommit, "scheduler-kept-after-failed-commit",
     "after a failed commit the coordinator goes on with what it has in memory"},
    {Bug::kTwoCoordinators, "two-coordinators",
     "a second coordinator serves the file of one that is only suspended"},
    {Bug::kDrainForgottenAfterRebuild, "drain-forgotten-after-rebuild",
     "a draining coordinator that reads its file again gives out work"},
    {Bug::kHeardForgottenAfterRebuild, "heard-forgotten-after-rebuild",
     "a coordinator that reads its file again believes frames that had been overtaken"},
    {Bug::kTimersBeforeSockets, "timers-before-sockets",
     "leases are judged before the frames that wait in the socket are read"},
    {Bug::kDiskLiesAboutSync, "disk-lies-about-sync",
     "the database is written without waiting for the disk"},
    {Bug::kStoredCheckpointDeletedFirst, "stored-checkpoint-deleted-first",
     "the coordinator deletes a trial's checkpoint before the newer one's row is committed"},
    {Bug::kCheckpointOfAnotherConfig, "checkpoint-of-another-config",
     "a trial goes on from a checkpoint made under another config"},
    {Bug::kOldCheckpointDeletedFirst, "old-checkpoint-deleted-first",
     "the old checkpoint is deleted before the new one is on the disk"},
    {Bug::kCheckpointForgottenBeforeAck, "checkpoint-forgotten-before-ack",
     "a finished trial's checkpoint is deleted before its result is acknowledged"},
    {Bug::kAttemptNumberIgnored, "attempt-number-ignored",
     "a report of an older attempt counts as the newest's"},
    {Bug::kLateResultRefused, "late-result-refused",
     "the result of an expired lease is refused though no other attempt exists"},
    {Bug::kRepeatedReportNotAcknowledged, "repeated-report-not-acknowledged",
     "only the first copy of a report is acknowledged"},
    {Bug::kAckOfResultDropped, "ack-of-result-dropped",
     "a result is stored and never acknowledged"},
    {Bug::kNothingExpires, "nothing-expires", "silent workers keep their leases"},
    {Bug::kDoubleAssignOnReconnect, "double-assign-on-reconnect",
     "a worker that reconnects loses what it has"},
    {Bug::kRestartCountedTwice, "restart-counted-twice", "a lost attempt costs two restarts"},
    {Bug::kResultOfCancelledTrialAccepted, "result-of-cancelled-trial-accepted",
     "a result that comes after its user's cancellation is accepted"},
    {Bug::kUnreceivedLeaseAdopted, "unreceived-lease-adopted",
     "a lease whose assignment was lost on its way is taken for received"},
    {Bug::kPrefetchedTrialCharged, "prefetched-trial-charged",
     "losing a trial that had not started uses up a restart"},
    {Bug::kLeasesExpireAfterSuspension, "leases-expire-after-suspension",
     "a coordinator that was suspended takes that for the silence of others"},
    {Bug::kCancelLostOnRestart, "cancel-lost-on-restart",
     "a cancelled sweep runs again after a restart"},
    {Bug::kPauseLostOnRestart, "pause-lost-on-restart",
     "a paused sweep runs again after a restart"},
    {Bug::kRetryKeepsRestarts, "retry-keeps-restarts",
     "a retried trial does not get its restarts back"},
    {Bug::kStartedLostOnRestart, "started-lost-on-restart",
     "after a restart the coordinator does not know that a trial had started"},
    {Bug::kRestartsLostOnRestart, "restarts-lost-on-restart",
     "after a restart used restarts are forgotten"},
    {Bug::kOneTooManyConcurrent, "one-too-many-concurrent",
     "max_concurrent_trials is exceeded by one"},
    {Bug::kCompletedTrialStaysQueued, "completed-trial-stays-queued",
     "a trial completed by a late result is still waiting to be assigned"},
    {Bug::kFinishedTooEarly, "finished-too-early",
     "a sweep is finished when nothing waits, though trials are held"},
    {Bug::kHeartbeatCountsAsProgress, "heartbeat-counts-as-progress",
     "a socket that beats is taken for a trainer that works"},
    {Bug::kLeasesKeptAtGoodbye, "leases-kept-at-goodbye",
     "a worker that leaves takes its leases along"},
    {Bug::kMaxFailedIgnored, "max-failed-ignored", "max_failed_trials does not stop the sweep"},
    {Bug::kErrorRestartsForever, "error-restarts-forever",
     "a failing trial is restarted beyond max_restarts"},
    {Bug::kLateHelloTakesRunningTrial, "late-hello-takes-running-trial",
     "a hello overtaken by a newer socket's takes away what has started since"},
    {Bug::kOvertakenWordsBelieved, "overtaken-words-believed",
     "what was held back on an older socket moves a worker's answers and renews its leases"},
    {Bug::kKnownEpochLostOnRestart, "known-epoch-lost-on-restart",
     "after a restart an attempt is credited with epochs that another had reached"},
    {Bug::kHandedBackNotAwaited, "handed-back-not-awaited",
     "a trial handed back is dispatched while its checkpoint is on its way"},
    {Bug::kOlderAttemptsCheckpointStored, "older-attempts-checkpoint-stored",
     "a checkpoint that an older attempt sent takes the newest's place"},
    {Bug::kLiveCheckpointEvicted, "live-checkpoint-evicted",
     "the quota takes the checkpoint of a trial that is being trained"},
    {Bug::kRepeatedAssignTrainsAgain, "repeated-assign-trains-again",
     "a repeated assignment is trained again"},
    {Bug::kOutboxForgottenOnReconnect, "outbox-forgotten-on-reconnect",
     "reports that were not acknowledged are dropped with the socket"},
    {Bug::kReportsNeverRepeated, "reports-never-repeated", "a report is sent once"},
    {Bug::kWedgedTrainerTolerated, "wedged-trainer-tolerated",
     "an agent never calls its trainer wedged"},
    {Bug::kResultForgottenWhenSent, "result-forgotten-when-sent",
     "a finished trial is forgotten when its result is sent"},
    {Bug::kResultDroppedWithAbandon, "result-dropped-with-abandon",
     "an agent told to abandon a trial drops the result it has already made"},
};

}  // namespace

std::span<const BugStory> bugs() { return kBugs; }

std::optional<Bug> find_bug(std::string_view name) {
  const auto found = std::find_if(std::begin(kBugs), std::end(kBugs),
                                  [&](const BugStory& story) { return story.name == name; });
  if (found == std::end(kBugs)) return std::nullopt;
  return found->bug;
}

}  // namespace firesweep::simulation
