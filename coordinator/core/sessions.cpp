// What workers say about themselves: Hello, Heartbeat, Goodbye, and the comparison of what both
// sides hold.
#include <algorithm>
#include <utility>

#include "coordinator/core/scheduler_core.h"

namespace firesweep {
namespace {

constexpr int kAnswersPerLease = 3;

// How far a worker has seen this coordinator's frames. A higher number than the last sent is of the
// count before the coordinator read its file anew: of the present one its worker knows nothing yet.
std::uint64_t seen_by(const Worker& worker, std::uint64_t last_sequence) {
  return last_sequence > worker.sequence ? 0 : last_sequence;
}

}  // namespace

// False where the worker is refused: nothing else of its frame counts.
bool SchedulerCore::greet(const PeerId& peer, SessionId session, const Hello& hello,
                          std::optional<Claim>& claim) {
  if (hello.protocol != kProtocolVersion) {
    tell_stranger(peer, session,
                  Refused{"the worker speaks protocol " + std::to_string(hello.protocol) +
                          ", this coordinator protocol " + std::to_string(kProtocolVersion) +
                          ": use the same build of firesweep on both sides"});
    return false;
  }
  if (session == SessionId{}) {
    tell_stranger(peer, session, Refused{"the worker's session is zero, expected a random number"});
    return false;
  }
  Worker& worker = roster_.enter(session, now());
  const bool fresh = !worker.connected || worker.peer != peer;
  worker.peer = peer;
  worker.connected = true;
  worker.name = hello.name;
  worker.pid = hello.pid;
  worker.capabilities = hello.capabilities;
  worker.last_heard = now();
  const std::uint64_t seen = seen_by(worker, hello.last_sequence);
  worker.sequence = std::max(worker.sequence, hello.last_sequence);
  if (fresh) {
    const Capabilities& able = hello.capabilities;
    worker.quit_at.reset();
    persist(record::WorkerSeen{session, hello.name, hello.pid, able.device, able.device_name,
                               able.threads, able.memory_bytes, able.torch_version,
                               able.build_commit, utc()});
  }
  tell(worker,
       Welcome{std::chrono::duration_cast<std::chrono::milliseconds>(options_.heartbeat_every),
               std::chrono::duration_cast<std::chrono::milliseconds>(options_.lease),
               options_.checkpoints_at, options_.checkpoint_token});
  claim = Claim{seen, hello.held, true, fresh || (claim && claim->fresh_socket)};
  return true;
}

void SchedulerCore::beat(Worker& worker, const Heartbeat& beat, std::optional<Claim>& claim) {
  worker.live = beat.live;
  if (beat.progress_counter != worker.progress_counter) {
    worker.progress_counter = beat.progress_counter;
    for (auto& [key, lease] : worker.leases) {
      if (lease.started) lease.progress.unit(now());
    }
  }
  claim = Claim{seen_by(worker, beat.last_sequence), beat.held, claim && claim->greeted,
                claim && claim->fresh_socket};
  // A worker that hears nothing would say Hello again; the empty frame also shows it a gap in the
  // numbering.
  if (now() - worker.sent_at >= options_.lease / kAnswersPerLease) messages_[worker.session];
}

// PROMISES §4: leased and held → adopted; leased and not held → lost, or never received; held and
// not leased → abandon.
void SchedulerCore::compare(Worker& worker, const Claim& claim) {
  std::set<TrialKey> held;
  for (const HeldTrial& one : claim.held) held.insert(one.key);

  std::vector<TrialKey> gone;
  for (auto& [key, lease] : worker.leases) {
    lease.claimed = held.contains(key);
    if (!lease.claimed) {
      gone.push_back(key);
    } else if (claim.greeted) {
      remind(worker, lease);
    }
  }
  for (const TrialKey& key : gone) {
    const Lease& lease = worker.leases.at(key);
    if (lease.assign_sequence <= claim.last_sequence) {
      lose(worker, key, "the worker no longer has it");
    } else if (claim.fresh_socket && !lease.started) {
      unstart(worker, key, "the assignment was lost on its way");
    }
  }

  std::erase_if(worker.answered,
                [&](const auto& entry) { return entry.second <= claim.last_sequence; });
  worker.orphans.clear();
  for (const TrialKey& key : held) {
    if (worker.leases.contains(key) || worker.answered.contains(key)) continue;
    worker.orphans.insert(key);
    tell(worker, Abandon{key});
  }
}

// A session's last word, also where this coordinator has just started and knows nothing of it.
void SchedulerCore::leave(SessionId session) {
  roster_.note_left(session, now());
  Worker* worker = roster_.find(session);
  if (worker == nullptr) return;
  while (!worker->leases.empty()) {
    lose(*worker, worker->leases.begin()->first, "the worker left");
  }
  worker->leaving = true;
  departed_.insert(session);
}

}  // namespace firesweep
