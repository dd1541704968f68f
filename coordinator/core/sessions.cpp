#include "coordinator/core/sessions.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace firesweep {
namespace {

constexpr int kAnswersPerLease = 3;

// How far a worker has seen this coordinator's frames. A higher number than the last sent is of the
// count before the coordinator read its file anew: of the present one its worker knows nothing yet.
std::uint64_t seen_by(const Worker& worker, std::uint64_t last_sequence) {
  return last_sequence > worker.sequence ? 0 : last_sequence;
}

// A worker that has heard of no generation yet can hold nothing, and have nothing to report.
bool holds_nothing(const WorkerFrame& frame) {
  return std::all_of(frame.messages.begin(), frame.messages.end(), [](const WorkerMessage& one) {
    const auto* hello = std::get_if<Hello>(&one);
    return std::holds_alternative<Goodbye>(one) || (hello != nullptr && hello->held.empty());
  });
}

}  // namespace

bool Sessions::judge_generation(const event::WorkerFrameArrived& event) {
  const WorkerFrame& frame = event.frame;
  if (state_.life.is(frame.generation)) return true;
  if (!frame.generation) {
    state_.changes.tell_stranger(
        event.peer, frame.session,
        Refused{"this database was restored from a backup, and the worker's build cannot tell the "
                "attempts before it from those after it: start the worker that belongs to this "
                "coordinator's build"});
    return false;
  }
  if (*frame.generation == Generation{} && holds_nothing(frame)) return true;
  state_.changes.tell_stranger(event.peer, frame.session, NewGeneration{});
  return false;
}

void Sessions::hear(const event::WorkerFrameArrived& event) {
  const WorkerFrame& frame = event.frame;
  if (state_.roster.has_left(frame.session)) return;  // Goodbye is a session's last word
  if (!judge_generation(event)) return;
  const std::optional<std::uint64_t> heard = state_.roster.heard(frame.session);
  const bool overtaken = heard && frame.sequence <= *heard;
  std::optional<Claim> claim;
  bool heard_stranger = false;
  for (const WorkerMessage& message : frame.messages) {
    if (const auto* hello = std::get_if<Hello>(&message)) {
      if (!overtaken && !greet(event.peer, frame.session, *hello, claim)) return;
      continue;
    }
    if (std::holds_alternative<Goodbye>(message)) return leave(frame.session);
    Worker* worker = state_.roster.find(frame.session);
    if (worker == nullptr || !worker->connected) {
      heard_stranger = true;
      continue;
    }
    if (const auto* heartbeat = std::get_if<Heartbeat>(&message)) {
      if (!overtaken) beat(*worker, *heartbeat, claim);
    } else {
      state_.reports.take(*worker, std::get<Report>(message));
    }
  }
  if (overtaken) return;
  Worker* worker = state_.roster.find(frame.session);
  if (worker != nullptr) worker->last_heard = now();
  if (worker == nullptr || !worker->connected) {
    if (heard_stranger) state_.changes.tell_stranger(event.peer, frame.session, WhoAreYou{});
    return;
  }
  state_.roster.note_heard(frame.session, frame.sequence, now());
  // A reconnect that its worker has not noticed.
  if (worker->peer != event.peer) {
    state_.changes.tell_stranger(event.peer, frame.session, WhoAreYou{});
  }
  if (claim) compare(*worker, *claim);
}

bool Sessions::greet(const PeerId& peer, SessionId session, const Hello& hello,
                     std::optional<Claim>& claim) {
  const auto refuse = [&](std::string why) {
    state_.changes.tell_stranger(peer, session, Refused{std::move(why)});
    return false;
  };
  if (hello.protocol != kProtocolVersion) {
    return refuse("the worker speaks protocol " + std::to_string(hello.protocol) +
                  ", this coordinator protocol " + std::to_string(kProtocolVersion) +
                  ": use the same build of firesweep on both sides");
  }
  if (session == SessionId{}) {
    return refuse("the worker's session is zero, expected a random number");
  }
  Worker& worker = state_.roster.enter(session, now());
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
    state_.changes.persist(record::WorkerSeen{
        session, hello.name, hello.pid, able.device, able.device_name, able.threads,
        able.memory_bytes, able.torch_version, able.build_commit, state_.now.utc});
  }
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const SchedulerOptions& options = state_.options;
  state_.changes.tell(worker, Welcome{duration_cast<milliseconds>(options.heartbeat_every),
                                      duration_cast<milliseconds>(options.lease),
                                      options.checkpoints_at, options.checkpoint_token});
  claim = Claim{seen, hello.held, true, fresh || (claim && claim->fresh_socket)};
  return true;
}

void Sessions::beat(Worker& worker, const Heartbeat& beat, std::optional<Claim>& claim) {
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
  if (now() - worker.sent_at >= state_.options.lease / kAnswersPerLease) {
    state_.changes.answer(worker);
  }
}

void Sessions::compare(Worker& worker, const Claim& claim) {
  std::set<TrialKey> held;
  for (const HeldTrial& one : claim.held) held.insert(one.key);

  std::vector<TrialKey> gone;
  for (auto& [key, lease] : worker.leases) {
    lease.claimed = held.contains(key);
    if (!lease.claimed) {
      gone.push_back(key);
    } else if (claim.greeted) {
      state_.stops.remind(worker, lease);
    }
  }
  for (const TrialKey& key : gone) {
    const Lease& lease = worker.leases.at(key);
    if (lease.assign_sequence <= claim.last_sequence) {
      state_.attempts.lose(worker, key, "the worker no longer has it");
    } else if (claim.fresh_socket && !lease.started) {
      state_.attempts.unstart(worker, key, "the assignment was lost on its way");
    }
  }

  std::erase_if(worker.answered,
                [&](const auto& entry) { return entry.second <= claim.last_sequence; });
  worker.orphans.clear();
  for (const TrialKey& key : held) {
    if (worker.leases.contains(key) || worker.answered.contains(key)) continue;
    worker.orphans.insert(key);
    state_.changes.tell(worker, Abandon{key});
  }
}

void Sessions::leave(SessionId session) {
  state_.roster.note_left(session, now());
  Worker* worker = state_.roster.find(session);
  if (worker == nullptr) return;
  while (!worker->leases.empty()) {
    state_.attempts.lose(*worker, worker->leases.begin()->first, "the worker left");
  }
  worker->leaving = true;
  state_.changes.forget(session);
}

}  // namespace firesweep
