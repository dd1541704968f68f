#include "worker/runtime/devices/gpu_sharing.h"

#include <spdlog/spdlog.h>
#include <stdlib.h>

#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "worker/runtime/devices/shared_device.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

// Clients that one server serves on a device (NVIDIA: Multi-Process Service, "Limitations").
constexpr int kMostClients = 48;
constexpr const char* kPipes = "CUDA_MPS_PIPE_DIRECTORY";
constexpr const char* kLogs = "CUDA_MPS_LOG_DIRECTORY";

void forget_folders() {
  ::unsetenv(kPipes);
  ::unsetenv(kLogs);
}

}  // namespace

GpuSharing::GpuSharing(int slots, int gpus, bool start_mps, const Environment& environment,
                       const std::vector<fs::path>& program_folders)
    : mps_(find_mps(mps_folder(environment))) {
  if (mps_.runs || slots <= gpus) return;
  const fs::path pipes = mps_folder(environment);
  const auto program = find_mps_control(environment, program_folders);
  std::error_code ignored;
  if (program && fs::exists(pipes / "control", ignored) &&
      tell_mps(*program, pipes, "get_server_list", kMpsAnswerLimit)) {
    mps_ = {true, "a daemon out of sight answers at " + pipes.string(), false};
  } else if (!start_mps) {
    mps_.why += "; none started: --mps off";
  } else if (!program) {
    mps_.why += "; none started: nvidia-cuda-mps-control is not installed";
  } else if ((slots + gpus - 1) / gpus > kMostClients) {
    mps_.why += "; none started: a GPU's server takes " + std::to_string(kMostClients) + " slots";
  } else {
    start(*program, environment);
  }
}

void GpuSharing::start(const fs::path& program, const Environment& environment) {
  const auto folder = ledger_folder(environment);
  auto daemon = folder ? MpsDaemon::start(program, *folder)
                       : Result<MpsDaemon>(tl::unexpected(folder.error()));
  if (!daemon) {
    mps_.why += "; none started: " + to_string(daemon.error());
    return;
  }
  daemon_.emplace(*std::move(daemon));
  ::setenv(kPipes, daemon_->pipes().c_str(), 1);
  ::setenv(kLogs, daemon_->logs().c_str(), 1);
  mps_ = {true,
          "nvidia-cuda-mps-control " + std::to_string(daemon_->pid()) + " serves " +
              daemon_->pipes().string(),
          true};
}

GpuSharing::~GpuSharing() {
  if (daemon_) forget_folders();
}

void GpuSharing::child_ended() {
  if (!daemon_ || !mps_.runs) return;
  const auto how = daemon_->ended();
  if (!how) return;
  mps_.runs = false;
  forget_folders();
  spdlog::warn(
      "event=mps_ended pid={} end=\"{}\" means=\"slots that start from now on take turns\"",
      daemon_->pid(), to_string(*how));
}

}  // namespace firesweep
