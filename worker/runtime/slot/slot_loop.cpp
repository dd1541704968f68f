#include "worker/runtime/slot/slot_loop.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "shared/base/overloaded.h"
#include "shared/wire/codec.h"

namespace firesweep {
namespace {

constexpr Duration kTickEvery = std::chrono::milliseconds(250);
constexpr Duration kBeatEvery = std::chrono::seconds(1);
constexpr int kMostFrames = 256;                        // between two looks at the clock
constexpr std::chrono::milliseconds kLastWords{1'000};  // for what is queued at the end

Duration steady_now() { return system_now().steady; }

}  // namespace

SlotLoop::SlotLoop(DealerSocket socket, Agent agent, TrialRunner& runner, int heartbeat_fd,
                   CheckpointCourier* courier)
    : socket_(std::move(socket)),
      agent_(std::move(agent)),
      runner_(runner),
      heartbeat_fd_(heartbeat_fd),
      courier_(courier),
      training_(runner, wake_) {}

void SlotLoop::request_drain() noexcept {
  drain_requested_.store(true);
  wake_.wake();
}

SlotEnd SlotLoop::run() {
  inbox_.emplace_back(agent_event::Connected{});
  while (!end_) {
    void* const sockets[] = {socket_.handle()};
    poll(sockets, &wake_, patience());
    wake_.drain();
    beat();
    gather();
    const std::vector<AgentEvent> events = std::exchange(inbox_, {});
    for (AgentEffect& effect : agent_.on(events, system_now())) carry_out(effect);
  }
  socket_.close(kLastWords);
  end_->training = training_.busy();
  return *end_;
}

std::chrono::milliseconds SlotLoop::patience() const {
  if (!inbox_.empty()) return std::chrono::milliseconds(0);
  const Duration wake_at =
      std::min({agent_.wake_at(), last_tick_ + kTickEvery, last_beat_ + kBeatEvery});
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::max(wake_at - steady_now(), Duration(0)));
}

// Time is judged last, after everything that has arrived.
void SlotLoop::gather() {
  if (drain_requested_.load() && !std::exchange(drain_told_, true)) {
    spdlog::info("event=drain_requested");
    inbox_.emplace_back(agent_event::DrainRequested{});
  }
  receive_frames();
  std::vector<AgentEvent> trained = training_.take();
  inbox_.insert(inbox_.end(), std::make_move_iterator(trained.begin()),
                std::make_move_iterator(trained.end()));
  const Duration now = steady_now();
  if (now >= agent_.wake_at() || now - last_tick_ >= kTickEvery) {
    last_tick_ = now;
    inbox_.emplace_back(agent_event::Tick{});
  }
}

void SlotLoop::receive_frames() {
  for (int count = 0; count < kMostFrames; ++count) {
    const auto bytes = socket_.receive();
    if (!bytes) return;
    auto frame = decode_outbound(*bytes);
    if (frame && std::holds_alternative<CoordinatorFrame>(*frame)) {
      auto& command = std::get<CoordinatorFrame>(*frame);
      for (const CoordinatorMessage& message : command.messages) {
        const auto* welcome = std::get_if<Welcome>(&message);
        if (welcome != nullptr && courier_ != nullptr) courier_->learn(*welcome);
      }
      inbox_.emplace_back(agent_event::FrameReceived{std::move(command)});
      continue;
    }
    std::string why = frame ? "a reply for clients" : to_string(frame.error());
    spdlog::warn("event=frame_refused bytes={} why=\"{}\"", bytes->size(), why);
    inbox_.emplace_back(agent_event::FrameRefused{std::move(why)});
  }
}

void SlotLoop::carry_out(AgentEffect& effect) {
  std::visit(Overloaded{[&](agent_effect::SendFrame& send) {
                          if (!socket_.send(encode(InboundFrame(std::move(send.frame))))) {
                            spdlog::debug("effect=send_lost");
                          }
                        },
                        [&](agent_effect::Reconnect&) {
                          const auto refused = socket_.refusal();
                          if (refused) {
                            spdlog::warn("event=turned_away why=\"{}\"", to_string(*refused));
                          }
                          spdlog::info("effect=reconnect address={}", socket_.address());
                          socket_.reconnect();
                          inbox_.emplace_back(agent_event::Connected{});
                        },
                        [&](agent_effect::StartTrainer& start) {
                          if (is_instantaneous(start.assign)) return play(start.assign);
                          spdlog::info(
                              "effect=start_trainer trial={} trainer={} variant={} lr={} seed={}",
                              to_string(start.assign.key), start.assign.trainer,
                              start.assign.config.variant, start.assign.config.lr,
                              start.assign.config.seed);
                          training_.start(std::move(start.assign));
                        },
                        [&](agent_effect::StopTrainer& stop) {
                          spdlog::info("effect=stop_trainer trial={}", to_string(stop.key));
                          training_.stop();
                        },
                        [&](agent_effect::ForgetTrial& forget) { runner_.forget(forget.key); },
                        [&](agent_effect::Exit& exit) {
                          const bool well = exit.code == AgentExit::kLeft;
                          spdlog::log(well ? spdlog::level::info : spdlog::level::err,
                                      "effect=exit code={} why=\"{}\"", static_cast<int>(exit.code),
                                      exit.why);
                          end_ = SlotEnd{exit.code, std::move(exit.why), false};
                        }},
             effect);
}

// A trial that takes no time is run here and now: a thread would cost more than the trial.
void SlotLoop::play(const Assign& assign) {
  const TrialKey key = assign.key;
  TrainCallbacks callbacks;
  callbacks.started = [&](std::int64_t epoch) {
    inbox_.emplace_back(agent_event::TrainerStarted{key, epoch});
  };
  callbacks.epoch = [&](const EpochMetrics& metrics) {
    inbox_.emplace_back(agent_event::TrainerEpoch{key, metrics});
  };
  const StopFlag never;
  TrainOutcome outcome = runner_.run(assign, std::move(callbacks), never);
  inbox_.emplace_back(agent_event::TrainerEnded{key, to_agent(std::move(outcome))});
}

void SlotLoop::beat() {
  const Duration now = steady_now();
  if (now - last_beat_ < kBeatEvery) return;
  last_beat_ = now;
  if (heartbeat_fd_ < 0) return;
  const char byte = 1;
  // A full pipe has news enough for the supervisor; a closed one means that it is gone, and this
  // process with it.
  [[maybe_unused]] const ssize_t written = ::write(heartbeat_fd_, &byte, 1);
}

}  // namespace firesweep
