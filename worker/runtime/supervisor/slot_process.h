// One child process running a slot, seen from its supervisor: started by fork and exec, heard
// through a pipe, killed with its parent. Judges nothing: when to restart or to kill is the
// supervisor's matter.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "worker/datasets/file.h"

namespace firesweep {

// The descriptor on which a slot finds its end of the heartbeat pipe.
inline constexpr int kHeartbeatFd = 3;

// How a child ended.
struct ProcessEnd {
  int exit_code = 0;  // meaningful where signal is 0
  int signal = 0;     // that killed it; 0: it exited
};
std::string to_string(const ProcessEnd& end);  // "exit code 1", "signal 9 (Killed)"

// Not thread-safe. Destroying it kills and reaps a child that still runs.
class SlotProcess {
 public:
  // Starts `program` with `arguments` in a process group of its own. The child dies by SIGKILL with
  // this process, however that ends. Call from the main thread only: the death signal follows the
  // forking thread, not the process. A program that cannot be run shows as exit code
  // kSlotCannotRun. Throws std::system_error where fork or pipe fail.
  static SlotProcess start(const std::filesystem::path& program,
                           const std::vector<std::string>& arguments);

  SlotProcess(SlotProcess&& other) noexcept;
  SlotProcess& operator=(SlotProcess&& other) noexcept;
  ~SlotProcess();

  pid_t pid() const { return pid_; }
  // Readable when the slot has beaten.
  int heartbeat_fd() const { return heartbeat_.get(); }
  // Empties the pipe; whether anything was in it.
  bool take_heartbeats();
  // Reaps the child where it has ended; the same answer ever after. Never waits.
  std::optional<ProcessEnd> ended();
  // Does nothing to a child that was reaped.
  void send(int signal);

 private:
  SlotProcess(pid_t pid, UniqueFd heartbeat) : pid_(pid), heartbeat_(std::move(heartbeat)) {}
  void kill_and_reap();

  pid_t pid_ = 0;  // 0: moved from
  UniqueFd heartbeat_;
  std::optional<ProcessEnd> end_;
};

}  // namespace firesweep
