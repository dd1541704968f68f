// A worker's side of the conversation, as a function from (event, now) to effects. It owns the
// session: what is held, which trial runs, reports until they are acknowledged, sequence numbers,
// the coordinator's silence and the trainer's stalling. It has no clock, socket, thread, file or
// log, and trains nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/ids.h"
#include "shared/wire/messages.h"
#include "worker/agent/outbox.h"
#include "worker/agent/stall_clock.h"

namespace firesweep {

namespace agent_event {

struct Connected {};  // a fresh socket exists: at the start and after each Reconnect
struct FrameReceived {
  CoordinatorFrame frame;
};
struct FrameRefused {  // bytes arrived that the decoder refused
  std::string why;
};
struct TrainerWaits {  // for its turn on a device that slots share; told at least every few seconds
  TrialKey key;
};
struct TrainerStarted {  // data is there, the model is built, the checkpoint (if any) is loaded
  TrialKey key;
  std::int64_t resumed_from_epoch = 0;  // 0: from the beginning
  bool checkpoint_missed = false;       // as in report::Started
};
struct TrainerUnit {  // a batch, an evaluation batch, a data load, an autotune
  TrialKey key;
  LiveProgress live;
};
struct TrainerEpoch {  // after the epoch's checkpoint is on disk
  TrialKey key;
  EpochMetrics metrics;
};
struct Finished {
  TrialResult result;
};
struct Stopped {                      // as asked by StopTrainer
  std::int64_t checkpoint_epoch = 0;  // 0: none
  std::int64_t upload = 0;            // number of the checkpoint on its way; 0: none is
};
struct Failed {
  Reason reason = Reason::kError;  // kOom, kNan, kBadConfig, kError
  std::string message;
  std::int64_t checkpoint_epoch = 0;
};
using Outcome = std::variant<Finished, Stopped, Failed>;
struct TrainerEnded {  // the training thread is free again
  TrialKey key;
  Outcome outcome;
};
struct DrainRequested {};  // SIGTERM, SIGINT or SIGUSR1
struct Tick {};            // at least every second and at wake_at(), after the socket was drained

}  // namespace agent_event

using AgentEvent =
    std::variant<agent_event::Connected, agent_event::FrameReceived, agent_event::FrameRefused,
                 agent_event::TrainerWaits, agent_event::TrainerStarted, agent_event::TrainerUnit,
                 agent_event::TrainerEpoch, agent_event::TrainerEnded, agent_event::DrainRequested,
                 agent_event::Tick>;

// Exit codes of a slot's process; the supervisor acts on them.
enum class AgentExit {
  kLeft = 0,         // orderly: everything was handed back and acknowledged
  kUndelivered = 1,  // left as asked, but reports were not acknowledged in time
  kRefused = 2,      // this worker cannot serve this coordinator; starting it again would not help
  kWedged = 75,      // the trainer stalled: start the slot again
};

namespace agent_effect {

struct SendFrame {  // may be lost: whatever matters is sent again
  WorkerFrame frame;
};
struct Reconnect {};  // close the socket, make a fresh one, then give Connected
struct StartTrainer {
  Assign assign;
};
struct StopTrainer {  // finish the batch, checkpoint, then give TrainerEnded
  TrialKey key;
};
struct ForgetTrial {  // no trainer runs it and neither side will speak of it again
  TrialKey key;
};
struct Exit {  // the last effect; the agent is deaf afterwards
  AgentExit code = AgentExit::kLeft;
  std::string why;
};

}  // namespace agent_effect

using AgentEffect =
    std::variant<agent_effect::SendFrame, agent_effect::Reconnect, agent_effect::StartTrainer,
                 agent_effect::StopTrainer, agent_effect::ForgetTrial, agent_effect::Exit>;

struct AgentOptions {
  Duration heartbeat_every = std::chrono::seconds(2);     // until Welcome says otherwise
  Duration lease = std::chrono::seconds(15);              // until Welcome says otherwise
  Duration live_every = std::chrono::milliseconds(500);   // heartbeats while live progress changes
  Duration gather_for = std::chrono::milliseconds(5);     // reports that come faster share a frame
  Duration resend_after = std::chrono::seconds(5);        // without an acknowledgement
  Duration hello_retry = std::chrono::milliseconds(100);  // doubles up to heartbeat_every
  Duration longest_back_off = std::chrono::seconds(60);   // between fresh sockets
  // Leave without the last acknowledgements: with the socket's last second and the loop's own time
  // the process is gone within 10 s of the trainer's end (PROMISES §4).
  Duration goodbye_after = std::chrono::seconds(8);
  Duration suspended_after =
      std::chrono::seconds(10);  // a longer gap between ticks was a suspension
  StallBounds stall;
};

// Not thread-safe; one loop owns it. Deterministic: equal calls give equal effects.
class Agent {
 public:
  Agent(SessionId session, std::string name, std::int64_t pid, Capabilities capabilities,
        AgentOptions options = {});

  // Applies one event, or several that were waiting, in order; the effects are to be carried out in
  // order. Never fails: whatever a coordinator sends has a defined answer. After Exit the answer is
  // always empty.
  std::vector<AgentEffect> on(const AgentEvent& event, Instant now);
  std::vector<AgentEffect> on(std::span<const AgentEvent> events, Instant now);

  // Steady time at which a Tick has something to do if nothing else happens before; at most a
  // second from the last event. Pure.
  Duration wake_at() const;

  // For displays and tests.
  SessionId session() const { return session_; }
  // Whether the coordinator's frame speaks of the attempts that this agent holds. One of another
  // generation is not obeyed; it may tell that the generation has ended.
  bool heeds(const CoordinatorFrame& frame) const;
  std::optional<TrialKey> running() const { return running_; }
  std::size_t unacknowledged() const { return outbox_.size(); }
  bool draining() const { return draining_; }

 private:
  enum class Phase {
    kQueued,   // assigned, not begun: another runs, or the coordinator has not said Welcome
    kRunning,  // StartTrainer was given, TrainerEnded has not come
    kEnded,    // its last report awaits acknowledgement
  };
  struct Held {
    Assign assign;  // emptied once begun
    Phase phase = Phase::kQueued;
    bool started = false;    // TrainerStarted came
    bool stopping = false;   // StopTrainer was given
    bool abandoned = false;  // end without a report
  };

  void apply(const agent_event::Connected&);
  void apply(const agent_event::FrameReceived&);
  void apply(const agent_event::FrameRefused&);
  void apply(const agent_event::TrainerWaits&);
  void apply(const agent_event::TrainerStarted&);
  void apply(const agent_event::TrainerUnit&);
  void apply(const agent_event::TrainerEpoch&);
  void apply(const agent_event::TrainerEnded&);
  void apply(const agent_event::DrainRequested&);
  void apply(const agent_event::Tick&);

  void obey(const Welcome&);
  void obey(const Assign&);
  void obey(const Recall&);
  void obey(const Stop&);
  void obey(const Abandon&);
  void obey(const Ack&);
  void obey(const Quit&);
  void obey(const Refused&);
  void obey(const WhoAreYou&);
  void obey(const NewGeneration&) {}  // of the present one: said to an older frame

  void hear_of_another(const CoordinatorFrame& frame);
  void leave_generation(Generation next);
  void enter_generation();

  bool in_sequence(const CoordinatorFrame& frame);
  void end(TrialKey key, ReportBody last);
  void return_unbegun(TrialKey key);
  void stop_running();
  void abandon(TrialKey key);
  void forget(TrialKey key);
  void start_next();
  void drain();
  void judge_suspension();
  void judge_silence();
  void judge_stall();
  void leave_if_done();
  void exit(AgentExit code, std::string why);
  void send_due();
  WorkerFrame frame_of(std::vector<WorkerMessage> messages);
  Hello hello() const;
  Heartbeat heartbeat() const;
  bool heartbeat_due() const;
  bool reports_due() const;
  void send(std::vector<WorkerMessage> messages, std::vector<Report> reports);
  std::vector<HeldTrial> held() const;
  bool runs(TrialKey key) const { return running_ == key && !held_.at(key).abandoned; }

  const SessionId session_;
  const std::string name_;
  const std::int64_t pid_;
  const Capabilities capabilities_;
  const AgentOptions options_;

  Instant now_;  // of the events being applied
  std::vector<AgentEffect> effects_;

  // The conversation.
  std::optional<Generation> generation_;       // of every key held; none: no coordinator heard yet
  std::optional<Generation> next_generation_;  // entered once the trainer of this one has ended
  bool connected_ = false;
  bool welcomed_ = false;    // in this session, ever
  bool hello_due_ = false;   // to be said with this group of events
  bool hello_open_ = false;  // said, not answered
  Duration hello_again_{0};  // when it is said again
  Duration hello_wait_{0};   // doubles with every repetition
  Duration heartbeat_every_;
  Duration lease_;
  std::uint64_t last_sequence_ = 0;  // of the coordinator's frames
  std::uint64_t frames_ = 0;         // sent in this session, over all sockets
  int refused_in_row_ = 0;
  Duration last_heard_{0};    // or since when we listen
  Duration reconnect_at_{0};  // if silence lasts
  Duration back_off_;
  Duration last_beat_{0};
  std::optional<Duration> last_tick_;

  // The work.
  std::map<TrialKey, Held> held_;
  std::deque<TrialKey> queue_;  // of phase kQueued, in the order of arrival
  std::optional<TrialKey> running_;
  std::deque<TrialKey> recently_ended_;  // so that a repeated Assign starts nothing
  Outbox outbox_;
  std::optional<Duration> last_report_sent_;
  std::uint64_t progress_counter_ = 0;
  std::optional<LiveProgress> live_;
  bool live_changed_ = false;
  StallClock stall_;

  bool draining_ = false;
  std::optional<Duration> idle_since_;  // while draining
  bool exited_ = false;
};

}  // namespace firesweep
