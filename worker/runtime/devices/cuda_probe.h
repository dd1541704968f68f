// Which CUDA devices work here, asked of a short-lived child: the supervisor itself never
// initialises CUDA.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace firesweep {

// "cuda:0", "cuda:1", …: what `program` with `arguments` prints, a line each. Without a GPU
// driver's device file nothing is started and there are none; neither are there where the child
// fails or is not done by `limit` (it is killed then, and the log says so). Call from the main
// thread. Throws std::system_error where fork or pipe fail.
std::vector<std::string> list_cuda_devices(
    const std::filesystem::path& program, const std::vector<std::string>& arguments,
    std::chrono::milliseconds limit = std::chrono::seconds(60));

// The same without the look at device files.
std::vector<std::string> ask_probe(const std::filesystem::path& program,
                                   const std::vector<std::string>& arguments,
                                   std::chrono::milliseconds limit);

}  // namespace firesweep
