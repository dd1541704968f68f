// The scheduler's insides, one group of members per file: construction and event dispatch
// (scheduler.cpp), what workers say about themselves (sessions.cpp), what they say about trials
// (reports.cpp), how attempts begin and end (attempts.cpp), clocks (timers.cpp), clients
// (submitting.cpp, steering.cpp), the picture (overview.cpp), checkpoints that
// travel (checkpoints.cpp).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coordinator/core/checkpoint_shelf.h"
#include "coordinator/core/json_text.h"
#include "coordinator/core/roster.h"
#include "coordinator/core/scheduler.h"
#include "coordinator/core/sweep.h"

namespace firesweep {

// Not thread-safe; deterministic. Every path of on() leaves sweeps, trials, leases and the queue
// consistent: a live trial has exactly one lease, at the worker whose session it names.
class SchedulerCore {
 public:
  SchedulerCore(Snapshot snapshot, SchedulerOptions options, Instant now, Heard heard);

  std::vector<Effect> on(const Event& event, Instant now);
  const Heard& heard() const { return roster_.heard(); }
  Overview overview(Instant now) const;
  bool idle() const;
  bool awaits_checkpoints(Instant now) const { return shelf_.awaits_any(now.steady); }
  bool all_finished() const;

 private:
  // A trial by its id, and where it belongs. Valid until the sweep is gone, which never happens.
  struct Place {
    Sweep* sweep = nullptr;
    std::int64_t number = 0;
    Trial* trial = nullptr;
  };
  // How an attempt ends, for the state machine and for the record.
  struct Ending {
    TrialEvent event;
    AttemptEnd end;
    std::optional<Reason> reason;
    std::string message;
    bool charged = false;
    bool avoid_worker = false;
  };
  // What a worker says it holds, judged once its whole frame has been applied.
  struct Claim {
    std::uint64_t last_sequence = 0;
    std::vector<HeldTrial> held;
    bool greeted = false;       // a Hello: commands may have been missed
    bool fresh_socket = false;  // what was sent to the old one is lost
  };

  // scheduler.cpp
  void restore(SweepSnapshot&& snapshot);
  void restore_space(Sweep& sweep, const SweepSnapshot& snapshot);
  void restore_lease(Sweep& sweep, std::int64_t number, const TrialSnapshot& snapshot);
  void handle(const event::WorkerFrameArrived& event);
  void handle(const event::SubmitRequested& event);
  void handle(const event::ExtendRequested& event);
  void handle(const event::SteerRequested& event);
  void handle(const event::ReleaseRequested& event);
  void handle(const event::CheckpointArrived& event);
  void handle(const event::Tick& event);
  void handle(const event::DrainRequested& event);
  static Error broken_error(const Sweep& sweep);
  void settle(Sweep& sweep);
  void move_sweep(Sweep& sweep, SweepEvent event);
  std::vector<Effect> flush();
  void persist(Record record) { records_.push_back(std::move(record)); }
  void tell(const Worker& worker, CoordinatorMessage message);
  void tell_stranger(const PeerId& peer, SessionId session, CoordinatorMessage message);
  void mark(TrialId trial, std::string message = {});
  Place find(TrialId trial);
  Lease* lease_of(const Place& place, Worker** holder);
  Duration now() const { return now_.steady; }
  UtcTime utc() const { return now_.utc; }

  // sessions.cpp
  bool greet(const PeerId& peer, SessionId session, const Hello& hello,
             std::optional<Claim>& claim);
  void beat(Worker& worker, const Heartbeat& beat, std::optional<Claim>& claim);
  void compare(Worker& worker, const Claim& claim);
  void leave(SessionId session);

  // reports.cpp
  void take(Worker& worker, const Report& report);
  Verdict judge(Worker& worker, TrialKey key, const report::Started& started);
  Verdict judge(Worker& worker, TrialKey key, const report::Progressed& progressed);
  Verdict judge(Worker& worker, TrialKey key, const report::Finished& finished);
  Verdict judge(Worker& worker, TrialKey key, const report::Errored& errored);
  Verdict judge(Worker& worker, TrialKey key, const report::HandedBack& handed_back);
  Verdict judge(Worker& worker, TrialKey key, const report::Returned& returned);
  std::int64_t epochs_of(const Place& place) const;
  void ensure_started(Worker& worker, const Place& place, Lease& lease, std::int64_t from_epoch,
                      bool checkpoint_missed = false);

  // attempts.cpp
  void dispatch();
  bool assign_one(Worker& worker);
  std::optional<std::int64_t> next_for(const Worker& worker, Sweep& sweep) const;
  void assign(Worker& worker, Sweep& sweep, std::int64_t number);
  bool open_for_work(const Worker& worker) const;
  bool kept_away(const Worker& worker, const Sweep& sweep) const;
  bool another_can(const Worker& worker, const Sweep& sweep, const std::string& amp) const;
  void end_attempt(Worker& worker, TrialKey key, Ending ending);
  void explain_timeout(const Place& place, Ending& ending) const;
  void lose(Worker& worker, TrialKey key, const std::string& why);
  void unstart(Worker& worker, TrialKey key, const std::string& why);
  void request_stop(const Place& place, Reason reason);
  void remind(Worker& worker, Lease& lease);
  void apply(const Place& place, const TrialEvent& event);
  void trial_ended(const Place& place, const TrialState& before);
  void check_failures(Sweep& sweep);

  // timers.cpp
  bool silent(const Worker& worker, Duration at) const;
  void judge_silence();
  void judge_unclaimed(Worker& worker);
  void judge_running(Worker& worker);
  void quit_idle_workers();

  // submitting.cpp
  std::optional<SweepId> find_equal(const FrozenSweep& frozen) const;
  void resume(const PeerId& peer, Sweep& sweep);
  Result<JsonObject> extend(SweepId id, const std::shared_ptr<const FrozenSweep>& file);

  // steering.cpp
  Result<Sweep*> known_sweep(SweepId id);
  Result<JsonObject> steer(const request::Steer& request);
  Result<JsonObject> steer_sweep(Sweep& sweep, request::Verb verb);
  Result<JsonObject> steer_trial(Sweep& sweep, TrialId id, request::Verb verb);
  Result<void> check_trial(const Sweep& sweep, TrialId id) const;
  void pause(Sweep& sweep);
  void stop_live(Sweep& sweep, Reason reason);
  void wake(Sweep& sweep, SweepEvent event);
  std::int64_t retry_failed(Sweep& sweep);
  void retry(const Place& place);

  // checkpoints.cpp
  CheckpointShelf::Worth worth_of(TrialId trial);
  void evict(const std::vector<TrialId>& trials);

  // overview.cpp
  SweepOverview picture(const Sweep& sweep, Duration now) const;
  WorkerOverview picture(const Worker& worker, Duration now) const;
  double share_done(const Worker& worker, const Lease& lease) const;

  SchedulerOptions options_;
  std::map<SweepId, Sweep> sweeps_;
  std::set<SweepId> running_;  // RUNNING, and not broken
  std::map<std::string, SweepId> by_hash_;
  Roster roster_;
  CheckpointShelf shelf_;
  bool draining_ = false;
  Instant now_;  // of the event being applied

  // Gathered while one event is applied.
  std::vector<Record> records_;
  std::map<SessionId, std::vector<CoordinatorMessage>> messages_;
  std::vector<Effect> replies_;
  std::map<TrialId, std::string> changed_trials_;  // with the error's message
  std::set<SweepId> touched_sweeps_;               // may have come to an end
  std::set<SessionId> departed_;                   // to be forgotten
};

}  // namespace firesweep
