#include "worker/runtime/devices/mps.h"

#include <fstream>
#include <system_error>

namespace firesweep {

namespace fs = std::filesystem;

fs::path mps_folder(const Environment& environment) {
  return environment("CUDA_MPS_PIPE_DIRECTORY").value_or("/tmp/nvidia-mps");
}

Mps find_mps(const fs::path& folder, const fs::path& processes) {
  const fs::path pipe = folder / "control";
  std::error_code ignored;
  if (!fs::exists(pipe, ignored)) return {false, "no MPS control pipe at " + pipe.string(), false};
  long pid = 0;
  std::string name;
  std::ifstream(folder / "nvidia-cuda-mps-control.pid") >> pid;
  if (pid > 0) std::ifstream(processes / std::to_string(pid) / "comm") >> name;
  // The kernel keeps the first 15 characters of nvidia-cuda-mps-control.
  if (name == "nvidia-cuda-mps") {
    return {true, "nvidia-cuda-mps-control " + std::to_string(pid) + " serves " + folder.string(),
            false};
  }
  return {false, "an MPS control pipe at " + pipe.string() + ", but no daemon of it in sight",
          false};
}

std::string sharing_line(int slots, int gpus, const Mps& mps) {
  std::string line =
      "event=sharing slots=" + std::to_string(slots) + " gpus=" + std::to_string(gpus) +
      " by=" + (mps.runs ? "mps" : "time_slicing") + " started=" + (mps.started ? "yes" : "no");
  line += " why=\"" + mps.why + "\" means=\"";
  if (slots <= gpus) {
    line += "nothing here: each slot has a GPU to itself";
  } else if (mps.runs) {
    line += "slots of a GPU run at the same time";
  } else {
    line += "slots of a GPU take turns, and gain only what one leaves idle";
  }
  return line + "\"";
}

}  // namespace firesweep
