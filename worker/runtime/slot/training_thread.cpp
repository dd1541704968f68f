#include "worker/runtime/slot/training_thread.h"

#include <pthread.h>

#include <cassert>
#include <utility>

#include "shared/base/overloaded.h"

namespace firesweep {

agent_event::Outcome to_agent(TrainOutcome outcome) {
  return std::visit(Overloaded{[](TrainFinished&& end) -> agent_event::Outcome {
                                 return agent_event::Finished{std::move(end.result)};
                               },
                               [](TrainStopped&& end) -> agent_event::Outcome {
                                 return agent_event::Stopped{end.checkpoint_epoch, 0};
                               },
                               [](TrainFailed&& end) -> agent_event::Outcome {
                                 return agent_event::Failed{end.reason, std::move(end.message),
                                                            end.checkpoint_epoch};
                               }},
                    std::move(outcome));
}

TrainingThread::TrainingThread(TrialRunner& runner, const WakePipe& wake)
    : runner_(runner), wake_(wake), thread_([this] { work(); }) {}

TrainingThread::~TrainingThread() {
  stop();
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void TrainingThread::start(Assign assign) {
  assert(!busy_);
  busy_ = true;
  stop_ = std::make_shared<StopFlag>();
  {
    const std::lock_guard lock(mutex_);
    next_ = std::move(assign);
    next_stop_ = stop_;
  }
  changed_.notify_one();
}

void TrainingThread::stop() {
  if (stop_) stop_->request();
}

std::vector<AgentEvent> TrainingThread::take() {
  std::vector<AgentEvent> events;
  {
    const std::lock_guard lock(mutex_);
    events.swap(events_);
    if (const auto unit = std::exchange(unit_, std::nullopt)) events.emplace_back(*unit);
  }
  for (const AgentEvent& event : events) {
    if (std::holds_alternative<agent_event::TrainerEnded>(event)) {
      busy_ = false;
      stop_.reset();
    }
  }
  return events;
}

void TrainingThread::work() {
  ::pthread_setname_np(::pthread_self(), "training");  // what top -H and debuggers show
  for (;;) {
    Assign assign;
    std::shared_ptr<StopFlag> stop;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || next_.has_value(); });
      if (closing_ || !next_) return;
      assign = std::move(*next_);
      next_.reset();
      stop = std::move(next_stop_);
    }
    const TrialKey key = assign.key;
    TrainCallbacks callbacks;
    callbacks.started = [&](std::int64_t epoch) {
      push(agent_event::TrainerStarted{key, epoch, runner_.checkpoint_missed()});
    };
    callbacks.unit = [&](const LiveProgress& live) {
      const std::lock_guard lock(mutex_);
      unit_ = agent_event::TrainerUnit{key, live};
    };
    callbacks.epoch = [&](const EpochMetrics& metrics) {
      push(agent_event::TrainerEpoch{key, metrics});
    };
    callbacks.waits = [&] { push(agent_event::TrainerWaits{key}); };
    TrainOutcome outcome = runner_.run(assign, std::move(callbacks), *stop);
    agent_event::Outcome told = to_agent(std::move(outcome));
    if (auto* stopped = std::get_if<agent_event::Stopped>(&told))
      stopped->upload = runner_.upload();
    push(agent_event::TrainerEnded{key, std::move(told)});
  }
}

void TrainingThread::push(AgentEvent event) {
  {
    const std::lock_guard lock(mutex_);
    if (std::holds_alternative<agent_event::TrainerEnded>(event)) unit_.reset();
    events_.push_back(std::move(event));
  }
  wake_.wake();
}

}  // namespace firesweep
