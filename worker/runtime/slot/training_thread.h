// The thread on which a slot trains one trial at a time. The loop communicates with it through a
// queue. Owns the thread and the stop flag of the running trial; knows no socket.
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

// Converts the outcome of a training into the agent's type.
agent_event::Outcome to_agent(TrainOutcome outcome);

// One loop calls the members. The object owns one thread for all trials.
class TrainingThread {
 public:
  // `runner` and `wake` must outlive this. It wakes `wake` whenever take() has more than live
  // progress.
  TrainingThread(TrialRunner& runner, const WakePipe& wake);
  TrainingThread(const TrainingThread&) = delete;
  TrainingThread& operator=(const TrainingThread&) = delete;
  // Asks the running trial, if any, to stop and waits for its end. Must not be called while a
  // trainer hangs.
  ~TrainingThread();

  // Begins a trial; no other trial may be running.
  void start(Assign assign);
  // Asks the running trial, if any, to stop after its batch.
  void stop();
  // True from start() until take() returned the TrainerEnded.
  bool busy() const { return busy_; }

  // The events since the last call, in order: TrainerWaits, TrainerStarted, TrainerEpoch,
  // TrainerEnded, and only the newest TrainerUnit.
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
