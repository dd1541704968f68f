// The processes in which `firesweep-worker bench` measures, and what they tell.
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

// Starts the processes, lets them begin together once all are ready, and adds up their images per
// second; the other figures are the first process's. kUnavailable where one of them fails. Throws
// std::system_error.
Result<Speed> measure_slots(const SlotOrder& order);

// One line of figures, and the figures of such a line.
std::string speed_line(const Speed& speed);
Result<Speed> parse_speed_line(const std::string& line);

}  // namespace firesweep
