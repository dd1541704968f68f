// The half of agent.h that time drives: suspension, stalls, silence, leaving, and what is sent
// when.
#include <algorithm>
#include <cassert>
#include <utility>

#include "worker/agent/agent.h"

namespace firesweep {
namespace {

constexpr std::size_t kFrameMessages = 512;
constexpr std::size_t kFrameBytes = std::size_t{1} << 20;
constexpr Duration kLongestSleep = std::chrono::seconds(1);

std::string seconds_text(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace

void Agent::apply(const agent_event::Tick&) {
  judge_suspension();
  judge_stall();
  if (!exited_) judge_silence();
}

// A long gap between ticks means that this process was stopped: nobody else was silent or stalled
// meanwhile.
void Agent::judge_suspension() {
  const Duration gap = last_tick_ ? now_.steady - *last_tick_ : Duration(0);
  last_tick_ = now_.steady;
  if (gap <= options_.suspended_after) return;
  last_heard_ = std::min(last_heard_ + gap, now_.steady);
  reconnect_at_ = std::max(reconnect_at_, now_.steady + back_off_);
  stall_.suspended(gap, now_.steady);
  if (idle_since_) idle_since_ = now_.steady;
}

void Agent::judge_stall() {
  const std::optional<Duration> deadline = stall_.deadline();
  if (!deadline || now_.steady < *deadline) return;
  assert(running_);
  exit(AgentExit::kWedged, "trial " + to_string(*running_) +
                               " stalled: its trainer did nothing within the " +
                               seconds_text(stall_.patience()) + " it may take");
}

// Half a lease of silence draws a Hello, whose answer shows that the coordinator lives; a whole one
// a fresh socket, since a connection can be dead without either side being told.
void Agent::judge_silence() {
  if (!connected_) return;
  if (now_.steady >= reconnect_at_) {
    connected_ = false;
    hello_due_ = false;
    hello_open_ = false;
    back_off_ = std::min(2 * back_off_, std::max(options_.longest_back_off, lease_));
    effects_.emplace_back(agent_effect::Reconnect{});
  } else if (!hello_open_ && now_.steady >= last_heard_ + lease_ / 2) {
    hello_due_ = true;
  }
}

void Agent::leave_if_done() {
  if (!draining_ || running_) return;
  if (outbox_.empty()) {
    if (connected_ && welcomed_) send({Goodbye{}}, {});
    return exit(AgentExit::kLeft, "drained");
  }
  if (!idle_since_) idle_since_ = now_.steady;
  if (now_.steady - *idle_since_ < options_.goodbye_after) return;
  exit(AgentExit::kUndelivered, std::to_string(outbox_.size()) +
                                    " reports were not acknowledged within " +
                                    seconds_text(options_.goodbye_after));
}

void Agent::exit(AgentExit code, std::string why) {
  exited_ = true;
  effects_.emplace_back(agent_effect::Exit{code, std::move(why)});
}

Duration Agent::wake_at() const {
  Duration at = now_.steady + kLongestSleep;
  const auto no_later_than = [&at](std::optional<Duration> time) {
    if (time) at = std::min(at, *time);
  };
  no_later_than(stall_.deadline());
  if (idle_since_) no_later_than(*idle_since_ + options_.goodbye_after);
  if (!connected_) return std::max(at, now_.steady);
  no_later_than(reconnect_at_);
  if (next_generation_) return std::max(at, now_.steady);
  if (hello_open_) {
    no_later_than(hello_again_);
  } else {
    no_later_than(last_beat_ + heartbeat_every_);
    if (live_changed_) no_later_than(last_beat_ + options_.live_every);
    no_later_than(outbox_.next_resend(options_.resend_after));
    if (outbox_.has_unsent() && last_report_sent_)
      no_later_than(*last_report_sent_ + options_.gather_for);
  }
  return std::max(at, now_.steady);
}

// ---- sending ----

void Agent::send_due() {
  if (!connected_ || next_generation_) return;
  const Duration now = now_.steady;
  if (hello_due_ || (hello_open_ && now >= hello_again_)) {
    hello_wait_ = hello_open_
                      ? std::min(2 * hello_wait_, std::max(heartbeat_every_, options_.hello_retry))
                      : options_.hello_retry;
    hello_again_ = now + hello_wait_;
    hello_due_ = false;
    hello_open_ = true;
    last_beat_ = now;
    return send({hello()}, outbox_.take_all(now));
  }
  if (hello_open_) return;
  std::vector<WorkerMessage> messages;
  if (heartbeat_due()) {
    messages.emplace_back(heartbeat());
    last_beat_ = now;
    live_changed_ = false;
  }
  send(std::move(messages), outbox_.take_due(now, options_.resend_after, reports_due()));
}

bool Agent::heartbeat_due() const {
  const Duration since = now_.steady - last_beat_;
  return since >= heartbeat_every_ || (live_changed_ && since >= options_.live_every);
}

// Reports that come quickly one after the other wait a moment for each other, unless somebody waits
// for them.
bool Agent::reports_due() const {
  return !running_ || draining_ || !last_report_sent_ ||
         now_.steady - *last_report_sent_ >= options_.gather_for;
}

// In as many frames as are needed to keep each of moderate size.
void Agent::send(std::vector<WorkerMessage> messages, std::vector<Report> reports) {
  if (!reports.empty()) last_report_sent_ = now_.steady;
  std::size_t bytes = 0;
  for (Report& report : reports) {
    const std::size_t more = rough_bytes(report);
    if (messages.size() >= kFrameMessages || (bytes > 0 && bytes + more > kFrameBytes)) {
      effects_.emplace_back(agent_effect::SendFrame{frame_of(std::exchange(messages, {}))});
      bytes = 0;
    }
    bytes += more;
    messages.emplace_back(std::move(report));
  }
  if (messages.empty()) return;
  effects_.emplace_back(agent_effect::SendFrame{frame_of(std::move(messages))});
}

WorkerFrame Agent::frame_of(std::vector<WorkerMessage> messages) {
  return {session_, ++frames_, std::move(messages), generation_.value_or(Generation{})};
}

Hello Agent::hello() const {
  Hello hello;
  hello.name = name_;
  hello.pid = pid_;
  hello.capabilities = capabilities_;
  hello.last_sequence = last_sequence_;
  hello.held = held();
  return hello;
}

Heartbeat Agent::heartbeat() const { return {last_sequence_, held(), progress_counter_, live_}; }

std::vector<HeldTrial> Agent::held() const {
  std::vector<HeldTrial> trials;
  for (const auto& [key, held] : held_) {
    if (!held.abandoned) trials.push_back({key, held.started});
  }
  return trials;
}

}  // namespace firesweep
