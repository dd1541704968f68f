// The thread on which a slot trains: one trial at a time, told and heard through a queue. Owns the
// thread and the stop of the trial that runs; knows no socket.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "shared/transport/poll.h"
#include "worker/agent/agent.h"
#include "worker/runtime/slot/trial_runner.h"

namespace firesweep {

// The agent's words for how a training ended.
agent_event::Outcome to_agent(TrainOutcome outcome);

// The members are called by one loop; the thread they speak to is the object's own, the same for
// all trials.
class TrainingThread {
 public:
  // `runner` and `wake` must outlive this. `wake` is woken whenever take() has more to give than
  // live progress.
  TrainingThread(TrialRunner& runner, const WakePipe& wake);
  TrainingThread(const TrainingThread&) = delete;
  TrainingThread& operator=(const TrainingThread&) = delete;
  // Asks a trial that runs to stop and waits for its end: not to be called while a trainer is
  // wedged.
  ~TrainingThread();

  // Begins a trial; none may be running.
  void start(Assign assign);
  // Asks the trial that runs, if any, to stop after its batch.
  void stop();
  // From start() until its TrainerEnded was taken.
  bool busy() const { return busy_; }

  // What has happened since the last call, in order: TrainerWaits, TrainerStarted, TrainerEpoch,
  // TrainerEnded, and of all units the newest only.
  std::vector<AgentEvent> take();

 private:
  void work();
  void push(AgentEvent event);

  TrialRunner& runner_;
  const WakePipe& wake_;
  bool busy_ = false;               // the loop's
  std::shared_ptr<StopFlag> stop_;  // of the trial that runs; the loop's

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::optional<Assign> next_;
  std::shared_ptr<StopFlag> next_stop_;
  bool closing_ = false;
  std::vector<AgentEvent> events_;
  std::optional<agent_event::TrainerUnit> unit_;  // newest, of the trial that runs

  std::thread thread_;  // last: it uses everything above
};

}  // namespace firesweep
