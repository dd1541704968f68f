// The coordinator's brain: a function from (event, now) to effects. It owns trial and sweep states,
// leases and the roster of workers, in memory; it has no clock, socket, file, random device or log.
// The loop commits every Persist effect of a group in one transaction, then sends the rest.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "coordinator/core/overview.h"
#include "coordinator/search/widening.h"
#include "shared/base/clock.h"
#include "shared/domain/known_result.h"
#include "shared/domain/records.h"
#include "shared/domain/snapshot.h"
#include "shared/wire/messages.h"

namespace firesweep {

// A connection as the transport names it; opaque, may change at any reconnect.
using PeerId = std::string;

namespace event {
struct WorkerFrameArrived {
  PeerId peer;
  WorkerFrame frame;
};
struct SubmitRequested {  // decoded and checked by the server
  PeerId peer;
  std::shared_ptr<const FrozenSweep> frozen;
  // All of the database, where the sweep reuses results.
  std::vector<KnownResult> known_results = {};
};
struct ExtendRequested {  // likewise
  PeerId peer;
  SweepId sweep;
  std::shared_ptr<const FrozenSweep> frozen;
};
struct WidenRequested {  // seeds or a run_cap for a sweep's own files
  PeerId peer;
  SweepId sweep;
  Widening by;
};
struct SteerRequested {
  PeerId peer;
  request::Steer request;
};
struct ReleaseRequested {
  PeerId peer;
  request::Release request;
};
// A checkpoint lies whole in the folder, its checksum is right, file and folder are on the disk.
struct CheckpointArrived {
  SessionId session;
  TrialKey key;
  StoredCheckpoint checkpoint;
  std::optional<Generation> generation = {};  // of the key
};
struct Tick {};  // at least every 500 ms: judges leases, stalls, time limits
// Ctrl-C or SIGTERM: running trials are told to stop with their checkpoints, workers to quit when
// idle. Not remembered by the store: a scheduler made anew must be told again.
struct DrainRequested {};
}  // namespace event

using Event =
    std::variant<event::WorkerFrameArrived, event::SubmitRequested, event::ExtendRequested,
                 event::WidenRequested, event::SteerRequested, event::ReleaseRequested,
                 event::CheckpointArrived, event::Tick, event::DrainRequested>;

namespace effect {
struct Persist {
  Record record;
};
struct SendToWorker {
  PeerId peer;
  CoordinatorFrame frame;
};
struct ReplyToClient {
  PeerId peer;
  ClientReply reply;
};
// What became of a CheckpointArrived. Where it is not kept and its file is no row's, that may go.
struct CheckpointSettled {
  SessionId session;
  TrialId trial;
  StoredCheckpoint checkpoint;
  bool kept = false;
};
struct CheckpointUnneeded {  // no row names this file any more
  TrialId trial;
  std::string file;
  bool evicted = false;  // the trial has none now; else a newer one took its place
};
}  // namespace effect

using Effect = std::variant<effect::Persist, effect::SendToWorker, effect::ReplyToClient,
                            effect::CheckpointSettled, effect::CheckpointUnneeded>;

struct SchedulerOptions {
  Duration heartbeat_every = std::chrono::seconds(2);
  Duration lease = std::chrono::seconds(15);
  Duration stall_floor =
      std::chrono::seconds(60);  // no new unit for max(this, 10 × longest unit seen)
  Duration first_unit_ceiling = std::chrono::minutes(15);  // before the first unit
  // Where checkpoints travel (Welcome): told to every worker. Empty: they do not.
  std::string checkpoints_at;
  std::string checkpoint_token;
  std::int64_t checkpoint_bytes = 20'000'000'000;    // quota of the folder
  Duration upload_limit = std::chrono::seconds(30);  // a trial handed back waits for its checkpoint
  // Sweeps of the snapshot stay as they are until they are submitted again (`firesweep run` serves
  // its own alone).
  bool only_submitted = false;
  // Identity of equal work (shared/codec/config_hash.h); a pure function given from outside, since
  // it needs SHA-256.
  std::function<std::string(const TrialConfig&, const std::string& architecture_hash,
                            const std::string& dataset_checksum, Trainer trainer)>
      config_hash;
  // A spec as it is stored (shared/codec/sweep_codec.h); likewise.
  std::function<Result<FrozenSweep>(SweepSpec spec, const std::map<std::string, Architecture>&)>
      freeze;
};

// The newest of each session's frames, by WorkerFrame.sequence, and when it came.
struct HeardFrame {
  std::uint64_t sequence = 0;
  Duration at{0};
};
using HeardFrames = std::map<SessionId, HeardFrame>;

// Not thread-safe; one loop owns it. Deterministic: equal calls give equal effects.
class Scheduler {
 public:
  // Goes on from what the store holds. Live attempts of the snapshot keep their lease for one lease
  // from `now`, to be claimed by their workers. `heard` is that of the scheduler whose place this
  // one takes within one process: what is overtaken stays so.
  Scheduler(Snapshot snapshot, SchedulerOptions options, Instant now, HeardFrames heard = {});
  ~Scheduler();
  Scheduler(Scheduler&&) noexcept;
  Scheduler& operator=(Scheduler&&) noexcept;

  // Applies one event. Never fails: whatever a peer sends has a defined answer.
  std::vector<Effect> on(const Event& event, Instant now);

  HeardFrames heard() const;

  // What people watch: sweeps with their counts, workers with what they do. Pure.
  Overview overview(Instant now) const;

  // A worker waits for work that took too long to make at this moment: give it a Tick soon.
  bool holds_work_back() const;
  // Nothing is leased any more (used to end a drain).
  bool idle() const;
  // A trial that was handed back waits for its checkpoint.
  bool awaits_checkpoints(Instant now) const;
  // Every sweep has reached a state from which only its user can move it, and none of their trials
  // is held any more.
  bool all_finished() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace firesweep
