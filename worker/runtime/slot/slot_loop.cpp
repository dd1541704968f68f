#include "worker/runtime/slot/slot_loop.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "shared/wire/codec.h"
#include "worker/runtime/supervisor/slot_process.h"

namespace firesweep {
namespace {

constexpr Duration kTickEvery = std::chrono::milliseconds(250);
constexpr Duration kBeatEvery = std::chrono::seconds(1);
constexpr Duration kNewsEvery = std::chrono::milliseconds(20);  // trials may take microseconds
constexpr std::chrono::milliseconds kLastWords{1'000};          // for what is queued at the end

Duration steady_now() { return system_now().steady; }

std::int64_t whole_seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

AgentEvent read(const std::string& bytes) {
  auto frame = decode_outbound(bytes);
  if (frame && std::holds_alternative<CoordinatorFrame>(*frame)) {
    return agent_event::FrameReceived{std::move(std::get<CoordinatorFrame>(*frame))};
  }
  std::string why = frame ? "a reply for clients" : to_string(frame.error());
  spdlog::warn("event=frame_refused bytes={} why=\"{}\"", bytes.size(), why);
  return agent_event::FrameRefused{std::move(why)};
}

bool ended(const AgentEvent& event) {
  return std::holds_alternative<agent_event::TrainerEnded>(event);
}

}  // namespace

SlotLoop::SlotLoop(DealerSocket socket, Agent agent, TrialRunner& runner, int heartbeat_fd,
                   CheckpointCourier* courier)
    : socket_(std::move(socket)),
      runner_(runner),
      heartbeat_fd_(heartbeat_fd),
      courier_(courier),
      training_(runner, wake_),
      absence_(steady_now()),
      loop_({*this, *this, *this, *this}, std::move(agent), kTickEvery) {}

void SlotLoop::request_drain() noexcept {
  drain_requested_.store(true);
  wake_.wake();
}

SlotEnd SlotLoop::run() {
  while (!loop_.end()) {
    void* const sockets[] = {socket_.handle()};
    poll(sockets, &wake_, patience());
    wake_.drain();
    if (drain_requested_.load() && !std::exchange(drain_told_, true)) {
      spdlog::info("event=drain_requested");
      loop_.drain();
    }
    loop_.step();
    beat();
    tell_absence();
  }
  tell_news();
  const auto& end = loop_.end();
  assert(end);
  const agent_effect::Exit& exit = *end;
  const bool well = exit.code == AgentExit::kLeft;
  spdlog::log(well ? spdlog::level::info : spdlog::level::err, "effect=exit code={} why=\"{}\"",
              static_cast<int>(exit.code), exit.why);
  return {exit.code, exit.why, training_.busy()};
}

std::chrono::milliseconds SlotLoop::patience() const {
  if (!played_.empty()) return std::chrono::milliseconds(0);
  const Duration beat_at = last_beat_ + (news() == told_ ? kBeatEvery : kNewsEvery);
  const Duration wake_at = std::min(loop_.wake_at(), beat_at);
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::max(wake_at - steady_now(), Duration(0)));
}

void SlotLoop::tell_absence() {
  const auto silent = absence_.to_tell(steady_now());
  if (!silent) return;
  spdlog::warn(
      "event=waiting_for_coordinator address={} silent_s={} why=\"it does not answer\" "
      "next=\"keeps trying; firesweep serve --listen there, or another --coordinator\"",
      socket_.address(), whole_seconds(*silent));
}

SlotNews SlotLoop::news() const { return {trials_ended_, loop_.agent().running().has_value()}; }

void SlotLoop::beat() {
  const Duration now = steady_now();
  if (now - last_beat_ >= (news() == told_ ? kBeatEvery : kNewsEvery)) tell_news();
}

void SlotLoop::tell_news() {
  last_beat_ = steady_now();
  told_ = news();
  if (heartbeat_fd_ >= 0) firesweep::beat(heartbeat_fd_, told_);
}

// ---- the socket

std::vector<AgentEvent> SlotLoop::receive(std::size_t most) {
  std::vector<AgentEvent> events;
  while (events.size() < most) {
    const auto bytes = socket_.receive();
    if (!bytes) break;
    if (const auto silent = absence_.heard(steady_now())) {
      spdlog::info("event=coordinator_answers address={} silent_s={}", socket_.address(),
                   whole_seconds(*silent));
    }
    events.push_back(read(*bytes));
  }
  return events;
}

void SlotLoop::send(WorkerFrame frame) {
  if (!socket_.send(encode(InboundFrame(std::move(frame))))) spdlog::debug("effect=send_lost");
}

void SlotLoop::reconnect() {
  if (const auto refused = socket_.refusal()) {
    spdlog::warn("event=turned_away why=\"{}\"", to_string(*refused));
  }
  spdlog::info("effect=reconnect address={}", socket_.address());
  socket_.reconnect();
}

void SlotLoop::close() { socket_.close(kLastWords); }

// ---- the trainer

std::vector<AgentEvent> SlotLoop::take() {
  std::vector<AgentEvent> events = std::exchange(played_, {});
  std::vector<AgentEvent> trained = training_.take();
  events.insert(events.end(), std::make_move_iterator(trained.begin()),
                std::make_move_iterator(trained.end()));
  // While it leaves, trials end because they go back.
  if (!loop_.agent().draining())
    trials_ended_ += static_cast<std::uint64_t>(std::count_if(events.begin(), events.end(), ended));
  return events;
}

void SlotLoop::start(Assign assign) {
  if (is_instantaneous(assign)) return play(assign);
  spdlog::info("effect=start_trainer trial={} trainer={} variant={} lr={} seed={}",
               to_string(assign.key), assign.trainer, assign.config.variant, assign.config.lr,
               assign.config.seed);
  training_.start(std::move(assign));
}

// A trial that takes no time is run here and now: a thread would cost more than the trial.
void SlotLoop::play(const Assign& assign) {
  const TrialKey key = assign.key;
  TrainCallbacks callbacks;
  callbacks.started = [&](std::int64_t epoch) {
    played_.emplace_back(agent_event::TrainerStarted{key, epoch, runner_.checkpoint_missed()});
  };
  callbacks.epoch = [&](const EpochMetrics& metrics) {
    played_.emplace_back(agent_event::TrainerEpoch{key, metrics});
  };
  const StopFlag never;
  TrainOutcome outcome = runner_.run(assign, std::move(callbacks), never);
  played_.emplace_back(agent_event::TrainerEnded{key, to_agent(std::move(outcome))});
}

void SlotLoop::stop(TrialKey key) {
  spdlog::info("effect=stop_trainer trial={}", to_string(key));
  training_.stop();
}

// ---- checkpoints

void SlotLoop::learn(const Welcome& welcome, Generation generation) {
  if (std::exchange(generation_, generation) != generation) {
    spdlog::info("event=generation_begins generation={:016x}", generation.value);
    runner_.begin_generation();
  }
  if (courier_ != nullptr) courier_->learn(welcome, generation);
}

void SlotLoop::forget(TrialKey key) {
  spdlog::debug("effect=forget trial={}", to_string(key));
  runner_.forget(key);
}

void SlotLoop::finish() {
  if (courier_ != nullptr) courier_->finish();
}

}  // namespace firesweep
