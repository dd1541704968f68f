// One child process that runs a slot, for its supervisor: started by fork and exec, with a pipe for
// its heartbeats, and killed when its parent dies. The supervisor decides when to restart or kill
// it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/unique_fd.h"
#include "worker/runtime/supervisor/leave_rules.h"

namespace firesweep {

// The descriptor of a slot's end of the heartbeat pipe.
inline constexpr int kHeartbeatFd = 3;

// A heartbeat, from the slot's side: its news, whole or not at all. A full pipe loses it, and has
// older ones enough; a closed one means that the supervisor is gone, and this process with it.
void beat(int heartbeat_fd, SlotNews news);
// The other side, of a descriptor that does not block: empties the pipe; the newest heartbeat, or
// none.
std::optional<SlotNews> take_beats(int heartbeat_fd);

// How a child ended.
struct ProcessEnd {
  int exit_code = 0;  // meaningful where signal is 0
  int signal = 0;     // that killed it; 0: it exited
};
std::string to_string(const ProcessEnd& end);  // "exit code 1", "signal 9 (Killed)"

// Not thread-safe. Destroying it kills and reaps a child that still runs.
class SlotProcess {
 public:
  // Starts `program` with `arguments` in its own process group. When this process dies, the child
  // gets SIGKILL. Call from the main thread only: the death signal depends on the forking thread,
  // not on the process. If the program cannot be run, the exit code is kSlotCannotRun. Throws
  // std::system_error if fork or pipe fail.
  static SlotProcess start(const std::filesystem::path& program,
                           const std::vector<std::string>& arguments);

  SlotProcess(SlotProcess&& other) noexcept;
  SlotProcess& operator=(SlotProcess&& other) noexcept;
  ~SlotProcess();

  pid_t pid() const { return pid_; }
  // Readable when the slot has sent a heartbeat.
  int heartbeat_fd() const { return heartbeat_.get(); }
  // Empties the pipe; the newest heartbeat, or none.
  std::optional<SlotNews> take_heartbeats();
  // Reaps the child if it has ended, and returns how it ended, also in later calls. Never waits.
  std::optional<ProcessEnd> ended();
  // Does nothing if the child was reaped.
  void send(int signal);

 private:
  SlotProcess(pid_t pid, UniqueFd heartbeat) : pid_(pid), heartbeat_(std::move(heartbeat)) {}
  void kill_and_reap();

  pid_t pid_ = 0;  // 0: moved from
  UniqueFd heartbeat_;
  std::optional<ProcessEnd> end_;
};

}  // namespace firesweep
