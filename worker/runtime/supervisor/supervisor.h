// Keeps a host's slot processes running and ends them in good order (PROMISES §9). It starts no
// thread, opens no socket and never uses CUDA.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "worker/runtime/options/leave_when.h"
#include "worker/runtime/supervisor/notice_command.h"

namespace firesweep {

struct SupervisorOptions {
  std::filesystem::path program = "/proc/self/exe";
  std::vector<std::vector<std::string>> slots;  // the arguments of each slot

  // The wait before a dead slot is started again. It doubles from `first_back_off` to
  // `longest_back_off`, and begins again once a slot has lived for `settled_after`.
  std::chrono::milliseconds first_back_off{100};
  std::chrono::milliseconds longest_back_off{5'000};
  std::chrono::milliseconds settled_after{60'000};
  std::chrono::milliseconds silence_limit{
      60'000};                                     // without a heartbeat: killed, and started again
  std::chrono::milliseconds drain_limit{120'000};  // from the request to end to SIGKILL
  LeaveWhen leave;
  NoticeTimes notice;
  // Called when a child of this process may have ended, a slot or another one. May be empty.
  std::function<void()> child_ended;
};

// Runs the slots until all of them have exited. Returns the exit code of the program:
// - A slot that exits with kWorkerDone or kWorkerFailed is not started again. When all slots have
//   exited like this, the result is the worst of their codes.
// - SIGTERM, SIGINT and SIGUSR1 drain: each slot gets SIGTERM. The result is kWorkerDone, or
//   kWorkerInterrupted after SIGINT, or kWorkerFailed if a slot had to be killed. A second SIGINT
//   kills all slots at once.
// - What `leave` names drains in the same way, with kWorkerDone. With max_trials each slot gets its
//   SIGTERM once it has none of the trials that are to end here.
// - A slot that exits with kWorkerUsage or kSlotCannotRun is not started again, and the others
// drain.
//   The result is kWorkerUsage, or kWorkerFailed for the second. The slot has printed the reason.
// - A slot that ends in any other way is started again, after the dead process was reaped.
// Call from the main thread. No child outlives the call or this process. Throws std::system_error
// if the system has no process or descriptor left.
int supervise(const SupervisorOptions& options);

}  // namespace firesweep
