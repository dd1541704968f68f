// How the slots of a worker share its GPUs: at the same time if CUDA's Multi-Process Service runs
// or can be started, else in turn. Decides that once, before the slots start, and owns the daemon.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "worker/runtime/devices/mps.h"
#include "worker/runtime/devices/mps_daemon.h"
#include "worker/runtime/options/options.h"

namespace firesweep {

// Belongs to the main thread; must outlive the slots.
class GpuSharing {
 public:
  // Starts a daemon if there are more slots than GPUs, no daemon answers in the environment's
  // folder, `start_mps` allows it, and NVIDIA's program is on PATH or in `program_folders`. Then it
  // sets the daemon's folders in this process's environment, so that the slots inherit them. If the
  // start fails, the slots take turns. mps() says which applies, and why. Throws std::system_error
  // if fork or pipe fail.
  GpuSharing(int slots, int gpus, bool start_mps, const Environment& environment,
             const std::vector<std::filesystem::path>& program_folders = {"/usr/bin",
                                                                          "/usr/local/nvidia/bin"});
  GpuSharing(const GpuSharing&) = delete;
  GpuSharing& operator=(const GpuSharing&) = delete;
  ~GpuSharing();

  const Mps& mps() const { return mps_; }

  // Call when a child of this process has ended. If it is the daemon, the log says so once, and
  // slots that start from then on take turns.
  void child_ended();

 private:
  void start(const std::filesystem::path& program, const Environment& environment);

  Mps mps_;
  std::optional<MpsDaemon> daemon_;
};

}  // namespace firesweep
