#include "worker/agent/agent.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace firesweep {
namespace {

constexpr int kRefusedFramesBorne = 3;
constexpr std::size_t kEndedRemembered = 1024;  // well above the largest credit

template <class Message>
bool contains(const CoordinatorFrame& frame) {
  return std::any_of(frame.messages.begin(), frame.messages.end(),
                     [](const auto& message) { return std::holds_alternative<Message>(message); });
}

Reason reportable(Reason reason) {
  const bool legal =
      reason == Reason::kOom || reason == Reason::kNan || reason == Reason::kBadConfig;
  return legal ? reason : Reason::kError;
}

ReportBody last_report(const agent_event::Outcome& outcome) {
  if (const auto* finished = std::get_if<agent_event::Finished>(&outcome)) {
    return report::Finished{finished->result};
  }
  if (const auto* failed = std::get_if<agent_event::Failed>(&outcome)) {
    return report::Errored{reportable(failed->reason), failed->message, failed->checkpoint_epoch};
  }
  const auto& stopped = std::get<agent_event::Stopped>(outcome);
  return report::HandedBack{stopped.checkpoint_epoch, stopped.upload};
}

}  // namespace

Agent::Agent(SessionId session, std::string name, std::int64_t pid, Capabilities capabilities,
             AgentOptions options)
    : session_(session),
      name_(std::move(name)),
      pid_(pid),
      capabilities_(std::move(capabilities)),
      options_(options),
      heartbeat_every_(options.heartbeat_every),
      lease_(options.lease),
      back_off_(options.lease),
      stall_(options.stall) {
  assert(session != SessionId{});
}

std::vector<AgentEffect> Agent::on(const AgentEvent& event, Instant now) {
  return on(std::span<const AgentEvent>(&event, 1), now);
}

std::vector<AgentEffect> Agent::on(std::span<const AgentEvent> events, Instant now) {
  now_ = now;
  for (const AgentEvent& event : events) {
    if (exited_) break;
    std::visit([this](const auto& kind) { apply(kind); }, event);
  }
  if (!exited_) leave_if_done();
  if (!exited_) send_due();
  return std::exchange(effects_, {});
}

// ---- the conversation ----

void Agent::apply(const agent_event::Connected&) {
  connected_ = true;
  hello_open_ = false;
  hello_due_ = true;
  last_heard_ = now_.steady;
  reconnect_at_ = now_.steady + back_off_;
}

void Agent::apply(const agent_event::FrameRefused& refused) {
  if (++refused_in_row_ >= kRefusedFramesBorne) {
    exit(AgentExit::kRefused, "the coordinator's messages cannot be read: " + refused.why);
  }
}

void Agent::apply(const agent_event::FrameReceived& received) {
  const CoordinatorFrame& frame = received.frame;
  if (frame.session != session_) return;
  refused_in_row_ = 0;
  last_heard_ = now_.steady;
  back_off_ = lease_;
  reconnect_at_ = now_.steady + lease_;
  if (!heeds(frame)) return hear_of_another(frame);
  if (!in_sequence(frame)) return;
  if (frame.sequence != 0) generation_ = frame.generation;
  for (const CoordinatorMessage& message : frame.messages) {
    if (exited_) return;
    std::visit([this](const auto& kind) { obey(kind); }, message);
  }
}

bool Agent::heeds(const CoordinatorFrame& frame) const {
  return frame.session == session_ && !next_generation_ &&
         generation_.value_or(frame.generation) == frame.generation;
}

// A late frame of a generation before this one looks the same: it only tells of another generation
// where it answers what this worker said. Should that be late too, the next answer corrects it.
void Agent::hear_of_another(const CoordinatorFrame& frame) {
  if (contains<NewGeneration>(frame) || contains<Welcome>(frame)) {
    return leave_generation(frame.generation);
  }
  if (frame.sequence != 0) return;
  for (const CoordinatorMessage& message : frame.messages) {
    if (exited_) return;
    std::visit([this](const auto& kind) { obey(kind); }, message);
  }
}

// PROMISES §3: the database was restored, or is another one. Nothing held has a lease there, and
// its keys may come again for other attempts. Checkpoints stay: equal work goes on from them.
void Agent::leave_generation(Generation next) {
  next_generation_ = next;
  queue_.clear();
  outbox_.clear();
  std::erase_if(held_, [this](const auto& entry) { return running_ != entry.first; });
  if (running_) {
    held_.at(*running_).abandoned = true;
    live_.reset();
    stop_running();
  }
  enter_generation();
}

void Agent::enter_generation() {
  if (!next_generation_ || running_) return;
  generation_ = std::exchange(next_generation_, std::nullopt);
  held_.clear();
  recently_ended_.clear();
  welcomed_ = false;
  hello_open_ = false;
  hello_due_ = true;
}

// False for a frame that was taken before. The answer to Hello starts the count anew: the
// coordinator may be another process by now. A frame that follows a lost one is taken, but Hello
// tells both sides what was missed.
bool Agent::in_sequence(const CoordinatorFrame& frame) {
  if (frame.sequence == 0 || contains<WhoAreYou>(frame)) return true;
  if (contains<Welcome>(frame) && (hello_open_ || frame.sequence == 1)) {
    hello_open_ = false;
    last_sequence_ = frame.sequence;
    return true;
  }
  if (frame.sequence <= last_sequence_) return false;
  if (frame.sequence > last_sequence_ + 1 && !hello_open_) hello_due_ = true;
  last_sequence_ = frame.sequence;
  return true;
}

void Agent::obey(const Welcome& welcome) {
  welcomed_ = true;
  heartbeat_every_ = welcome.heartbeat_every;
  lease_ = welcome.lease;
  back_off_ = lease_;
  reconnect_at_ = now_.steady + lease_;
  start_next();
}

// While draining, a new lease is left alone: Goodbye gives it back, and returning it would only
// draw the next.
void Agent::obey(const Assign& assign) {
  if (draining_ || held_.contains(assign.key)) return;
  if (std::find(recently_ended_.begin(), recently_ended_.end(), assign.key) !=
      recently_ended_.end()) {
    return;
  }
  std::vector<TrialKey> older;
  for (const auto& [key, held] : held_) {
    if (key.trial != assign.key.trial || held.phase == Phase::kEnded) continue;
    if (key.attempt > assign.key.attempt) return;
    older.push_back(key);
  }
  for (const TrialKey key : older) abandon(key);
  held_.emplace(assign.key, Held{.assign = assign});
  queue_.push_back(assign.key);
  start_next();
}

void Agent::obey(const Recall& recall) { return_unbegun(recall.key); }

void Agent::obey(const Stop& stop) {
  return_unbegun(stop.key);
  if (running_ == stop.key) stop_running();
}

void Agent::obey(const Abandon& order) { abandon(order.key); }

void Agent::obey(const Ack& ack) {
  const std::optional<Report> report = outbox_.acknowledge(ack.report);
  if (!report) return;
  if (ends_attempt(report->body)) {
    forget(report->key);
  } else if (ack.verdict == Verdict::kUnknown) {
    abandon(report->key);
  }
}

void Agent::obey(const Quit&) { drain(); }

void Agent::obey(const Refused& refused) { exit(AgentExit::kRefused, refused.why); }

void Agent::obey(const WhoAreYou&) {
  if (!hello_open_) hello_due_ = true;
}

// ---- the work ----

// A wait is no stall, on either side; what follows it may take as long as a beginning.
void Agent::apply(const agent_event::TrainerWaits& waits) {
  if (running_ != waits.key) return;
  ++progress_counter_;
  stall_.begin(now_.steady);
}

void Agent::apply(const agent_event::TrainerStarted& started) {
  if (running_ != started.key) return;
  Held& held = held_.at(started.key);
  ++progress_counter_;
  held.started = true;
  if (!held.abandoned)
    outbox_.add(started.key,
                report::Started{started.resumed_from_epoch, started.checkpoint_missed});
}

void Agent::apply(const agent_event::TrainerUnit& unit) {
  if (running_ != unit.key) return;
  ++progress_counter_;
  stall_.unit(now_.steady);
  if (!runs(unit.key)) return;
  live_changed_ = live_changed_ || live_ != unit.live;
  live_ = unit.live;
}

void Agent::apply(const agent_event::TrainerEpoch& epoch) {
  if (running_ != epoch.key) return;
  ++progress_counter_;
  stall_.unit(now_.steady);
  if (runs(epoch.key)) outbox_.add(epoch.key, report::Progressed{epoch.metrics});
}

void Agent::apply(const agent_event::TrainerEnded& ended) {
  if (running_ != ended.key) return;
  const bool abandoned = held_.at(ended.key).abandoned;
  running_.reset();
  stall_.end();
  live_changed_ = live_changed_ || live_.has_value();
  live_.reset();
  if (next_generation_) return enter_generation();
  if (abandoned) {
    forget(ended.key);
  } else {
    end(ended.key, last_report(ended.outcome));
  }
  start_next();
}

void Agent::apply(const agent_event::DrainRequested&) { drain(); }

// Keeps the attempt's last word; it stays held until that is acknowledged.
void Agent::end(TrialKey key, ReportBody last) {
  held_.at(key).phase = Phase::kEnded;
  outbox_.add(key, std::move(last));
}

void Agent::return_unbegun(TrialKey key) {
  const auto it = held_.find(key);
  if (it == held_.end() || it->second.phase != Phase::kQueued) return;
  std::erase(queue_, key);
  end(key, report::Returned{});
}

void Agent::stop_running() {
  assert(running_);
  Held& held = held_.at(*running_);
  if (held.stopping) return;
  held.stopping = true;
  effects_.emplace_back(agent_effect::StopTrainer{*running_});
}

void Agent::abandon(TrialKey key) {
  const auto it = held_.find(key);
  // What has ended already is delivered: its result may still count, and the answer lets it go.
  if (it == held_.end() || it->second.phase == Phase::kEnded) return;
  outbox_.drop(key);
  if (it->second.phase == Phase::kRunning) {
    it->second.abandoned = true;
    live_.reset();
    stop_running();
    return;
  }
  std::erase(queue_, key);
  forget(key);
}

void Agent::forget(TrialKey key) {
  if (held_.erase(key) == 0) return;
  recently_ended_.push_back(key);
  if (recently_ended_.size() > kEndedRemembered) recently_ended_.pop_front();
  effects_.emplace_back(agent_effect::ForgetTrial{key});
}

// Welcome tells where checkpoints travel; it may be lost, and Hello is repeated.
void Agent::start_next() {
  if (running_ || draining_ || !welcomed_ || queue_.empty()) return;
  const TrialKey key = queue_.front();
  queue_.pop_front();
  Held& held = held_.at(key);
  held.phase = Phase::kRunning;
  running_ = key;
  stall_.begin(now_.steady);
  effects_.emplace_back(agent_effect::StartTrainer{std::exchange(held.assign, {})});
}

void Agent::drain() {
  draining_ = true;
  while (!queue_.empty()) return_unbegun(TrialKey(queue_.front()));
  if (running_) stop_running();
}

}  // namespace firesweep
