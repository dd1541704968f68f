// CUDA's Multi-Process Service, run by a worker for its own slots: finds NVIDIA's control daemon,
// starts it in its own folders, sends it commands, and ends it. Does not use CUDA itself.
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

// The path of nvidia-cuda-mps-control: on PATH, else in `others`; none if it is in neither.
std::optional<std::filesystem::path> find_mps_control(
    const Environment& environment,
    const std::vector<std::filesystem::path>& others = {"/usr/bin", "/usr/local/nvidia/bin"});

// How long a front end waits for a daemon that is there.
inline constexpr std::chrono::seconds kMpsAnswerLimit{2};

// Sends one command to the daemon of the folder `pipes` through a front end, which is `program`
// without arguments. Returns whether a daemon accepted it within `limit`; a front end that takes
// longer is killed. Throws std::system_error if fork or pipe fail. Call from the main thread.
bool tell_mps(const std::filesystem::path& program, const std::filesystem::path& pipes,
              const std::string& command, std::chrono::milliseconds limit);

// Ends and removes what killed workers have left below `folder`: daemons, their servers, their
// folders. Those of living workers are kept.
void end_stale_mps(const std::filesystem::path& folder);

// A control daemon and its servers, from start() to the object's destruction. Not thread-safe; only
// for the main thread.
class MpsDaemon {
 public:
  // Starts `program` in the foreground with folders below `folder` (of this user, 0700), and waits
  // until it answers. It is a child in its own process group, and gets SIGTERM when this process
  // dies. It starts servers itself when a program needs one. It sees all GPUs, whatever
  // CUDA_VISIBLE_DEVICES says; the programs choose among them. kIo at `program` if it ends or does
  // not answer within `limit`, or if the folders cannot be created; nothing is left then. Throws
  // std::system_error if fork or pipe fail.
  static Result<MpsDaemon> start(const std::filesystem::path& program,
                                 const std::filesystem::path& folder,
                                 std::chrono::milliseconds limit = std::chrono::seconds(10));

  MpsDaemon(MpsDaemon&& other) noexcept;
  MpsDaemon& operator=(MpsDaemon&&) = delete;
  // Ends the daemon and its servers with the command `quit`, kills those that have not ended after
  // a while, and removes the folders. The programs that use it must have ended before.
  ~MpsDaemon();

  pid_t pid() const { return pid_; }
  // For the environment of the slots: CUDA_MPS_PIPE_DIRECTORY and CUDA_MPS_LOG_DIRECTORY.
  std::filesystem::path pipes() const { return home_ / "pipes"; }
  std::filesystem::path logs() const { return home_ / "logs"; }
  // Reaps the daemon if it has ended by itself, and returns how it ended, also in later calls.
  // Never waits.
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
