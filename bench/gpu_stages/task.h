// What one part of bench/gpu is given, and how it tells what it found.
#pragma once

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace firesweep::bench {

using Facts = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct GpuOptions {
  std::string device = "cuda:0";        // or "cpu"
  double minutes = 25;                  // for all stages together
  std::filesystem::path output;         // results; gpu.jsonl and a few files
  std::filesystem::path scratch;        // databases, checkpoints, made-up images
  std::optional<std::string> data_dir;  // CIFAR-100's files
  std::vector<std::string> sweeps;      // files for the stage frontier, in this order
  std::vector<std::string> variants;    // of the stage step, in this order
  std::vector<int> slots;               // of the stage hour, in this order
  int workers = 0;                      // slots of the stages study and frontier
  int threads = 0;                      // of one process on the CPU
  bool small = false;                   // figures of a rehearsal
};

// A part of a stage, in the process of its own in which it runs. Stages and parts are listed in
// parts.h.
struct Task {
  const GpuOptions& options;
  std::string stage, part;
  Clock::time_point deadline;  // a part that is late is killed

  double seconds_left() const {
    return std::chrono::duration<double>(deadline - Clock::now()).count();
  }
};

// Appends one line to gpu.jsonl, {"stage", "part", "what", …facts}, and prints it as a row. Throws
// std::runtime_error where the file cannot be written.
void tell(const Task& task, const std::string& what, const Facts& facts);

// What a part expected and did not find. One thread.
class Expectations {
 public:
  void expect(bool holds, const std::string& what) {
    if (!holds) text_ += (text_.empty() ? "" : "; ") + what;
  }
  // Throws std::runtime_error with all of them, where there are any: the part ends as failed.
  void check() const;

 private:
  std::string text_;
};

// Numbers as a table shows them: three digits after the point below 10, one below 1000, else none.
std::string short_number(double value);

}  // namespace firesweep::bench
