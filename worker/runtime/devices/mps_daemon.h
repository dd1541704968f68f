// CUDA's Multi-Process Service, run by a worker for its own slots: NVIDIA's control daemon found,
// started in folders of its own, asked, and ended. Touches no CUDA itself.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/error.h"
#include "worker/datasets/file.h"
#include "worker/runtime/options/options.h"
#include "worker/runtime/supervisor/slot_process.h"

namespace firesweep {

// nvidia-cuda-mps-control: on PATH, else in `others`; none where it is nowhere.
std::optional<std::filesystem::path> find_mps_control(
    const Environment& environment,
    const std::vector<std::filesystem::path>& others = {"/usr/bin", "/usr/local/nvidia/bin"});

// Gives the daemon of the folder `pipes` one command through a front end, `program` without
// arguments. Whether a daemon took it within `limit`; a front end that takes longer is killed.
// Throws std::system_error where fork or pipe fail. Call from the main thread.
bool tell_mps(const std::filesystem::path& program, const std::filesystem::path& pipes,
              const std::string& command, std::chrono::milliseconds limit);

// Ends what workers that were killed have left below `folder`: daemons, their servers, their
// folders. Those of workers that live stay.
void end_stale_mps(const std::filesystem::path& folder);

// A control daemon and its servers, from start() to the object's end. Not thread-safe; all of it
// belongs to the main thread.
class MpsDaemon {
 public:
  // Starts `program` in the foreground below `folder` (of this user, 0700), as a child in a process
  // group of its own that gets SIGTERM when this process dies, and waits until it answers. Servers
  // it starts itself, once a program asks it. It sees all GPUs, whatever CUDA_VISIBLE_DEVICES says:
  // the programs' own choice among them counts. kIo at `program` where it ends or does not answer
  // by `limit`, or where the folders cannot be made; nothing is left then. Throws std::system_error
  // where fork or pipe fail.
  static Result<MpsDaemon> start(const std::filesystem::path& program,
                                 const std::filesystem::path& folder,
                                 std::chrono::milliseconds limit = std::chrono::seconds(10));

  MpsDaemon(MpsDaemon&& other) noexcept;
  MpsDaemon& operator=(MpsDaemon&&) = delete;
  // Ends the daemon by `quit`, its servers too, killing what has not ended after a while; removes
  // the folders. Its programs must have ended before.
  ~MpsDaemon();

  pid_t pid() const { return pid_; }
  // For the environment of the slots: CUDA_MPS_PIPE_DIRECTORY and CUDA_MPS_LOG_DIRECTORY.
  std::filesystem::path pipes() const { return home_ / "pipes"; }
  std::filesystem::path logs() const { return home_ / "logs"; }
  // Reaps the daemon where it has ended by itself; the same answer ever after. Never waits.
  std::optional<ProcessEnd> ended();

 private:
  MpsDaemon(std::filesystem::path program, std::filesystem::path home, FileLock lock, pid_t pid);
  bool wait_for_end(std::chrono::milliseconds limit);

  std::filesystem::path program_;
  std::filesystem::path home_;
  FileLock lock_;  // tells end_stale_mps() of other workers that this one lives
  pid_t pid_ = 0;  // 0: moved from
  std::optional<ProcessEnd> end_;
};

}  // namespace firesweep
