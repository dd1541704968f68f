// Keeps a host's slot processes alive and takes them down in order (PROMISES §9). It starts no
// thread, opens no socket and never touches CUDA.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace firesweep {

struct SupervisorOptions {
  std::filesystem::path program = "/proc/self/exe";
  std::vector<std::vector<std::string>> slots;  // the arguments of each slot

  // Before a slot that died is started again: doubling from `first_back_off` to `longest_back_off`,
  // and from the start again once one has lived for `settled_after`.
  std::chrono::milliseconds first_back_off{100};
  std::chrono::milliseconds longest_back_off{5'000};
  std::chrono::milliseconds settled_after{60'000};
  std::chrono::milliseconds silence_limit{
      60'000};                                     // without a heartbeat: killed, and started again
  std::chrono::milliseconds drain_limit{120'000};  // from the wish to end to SIGKILL
  // Told that some child of this process may have ended, a slot or another. May be empty.
  std::function<void()> child_ended;
};

// Runs the slots until they have all left; returns the exit code of the program.
// - A slot that leaves with kWorkerDone or kWorkerFailed stays away; when all have, the answer is
// the worst of theirs.
// - SIGTERM, SIGINT and SIGUSR1 drain: each slot gets SIGTERM. Then kWorkerDone, or
// kWorkerInterrupted after SIGINT;
//   kWorkerFailed where a slot had to be killed for not ending. A second SIGINT kills all at once.
// - A slot that ends with kWorkerUsage or kSlotCannotRun is not started again, and the others
// drain: kWorkerUsage, or
//   kWorkerFailed for the second. The slot itself has said why.
// - Every other end is answered by a restart, after the dead process was reaped.
// Call from the main thread. No child outlives the call, nor this process. Throws std::system_error
// where the system has no process or descriptor left.
int supervise(const SupervisorOptions& options);

}  // namespace firesweep
