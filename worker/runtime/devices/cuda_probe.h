// Lists the CUDA devices that work here. A short-lived child process does that, since the
// supervisor must never initialise CUDA.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace firesweep {

// "cuda:0", "cuda:1", …: the lines that `program` with `arguments` prints. The list is empty if
// there is no device file of a GPU driver (then nothing is started), or if the child fails or has
// not ended after `limit` (then it is killed, and the log says so). Call from the main thread.
// Throws std::system_error if fork or pipe fail.
std::vector<std::string> list_cuda_devices(
    const std::filesystem::path& program, const std::vector<std::string>& arguments,
    std::chrono::milliseconds limit = std::chrono::seconds(60));

// The same without checking for device files.
std::vector<std::string> ask_probe(const std::filesystem::path& program,
                                   const std::vector<std::string>& arguments,
                                   std::chrono::milliseconds limit);

}  // namespace firesweep
