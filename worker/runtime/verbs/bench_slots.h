// The processes in which `firesweep-worker bench` measures, and their results.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/error.h"
#include "worker/training/speed.h"

namespace firesweep {

struct SlotOrder {
  std::filesystem::path architecture;  // a file
  std::string device;
  std::string batch_size;
  std::string seconds;
  int slots = 1;
  int threads = 1;  // of each
  bool latency = false;
};

// Starts the processes, lets them begin together when all are ready, and adds up their images per
// second; the other results are those of the first process. kUnavailable if one of them fails.
// Throws std::system_error.
Result<Speed> measure_slots(const SlotOrder& order);

// Writes the results as one line, and reads them from such a line.
std::string speed_line(const Speed& speed);
Result<Speed> parse_speed_line(const std::string& line);

}  // namespace firesweep
