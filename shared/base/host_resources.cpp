#include "shared/base/host_resources.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

namespace firesweep {
namespace {

constexpr std::array<const char*, 3> kDriverFiles{"/dev/nvidiactl", "/dev/dxg", "/dev/kfd"};

// A line of this process's control group (version 2), from the group itself or from the root of the
// hierarchy that a container sees.
std::string control_group_line(const std::string& file) {
  std::string group;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (line.starts_with("0::")) group = line.substr(3);
  }
  for (const std::string& folder : {"/sys/fs/cgroup" + group, std::string("/sys/fs/cgroup")}) {
    std::ifstream stream(folder + "/" + file);
    std::string line;
    if (std::getline(stream, line)) return line;
  }
  return {};
}

// "max 100000" or "150000 100000": microseconds per period.
int quota_cores() {
  std::istringstream line(control_group_line("cpu.max"));
  double quota = 0, period = 0;
  if (!(line >> quota >> period) || period <= 0) return std::numeric_limits<int>::max();
  return std::max(1, static_cast<int>(std::lround(quota / period)));
}

int affinity_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
}

}  // namespace

int usable_cores() { return std::max(1, std::min(affinity_cores(), quota_cores())); }

std::int64_t usable_memory_bytes() {
  const std::int64_t pages = ::sysconf(_SC_PHYS_PAGES);
  const std::int64_t machine = pages > 0 ? pages * ::sysconf(_SC_PAGESIZE) : 0;
  std::istringstream line(control_group_line("memory.max"));
  std::int64_t limit = 0;
  if (!(line >> limit) || limit <= 0) return machine;
  return machine > 0 ? std::min(machine, limit) : limit;
}

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

bool has_gpu_driver() {
  return std::any_of(kDriverFiles.begin(), kDriverFiles.end(),
                     [](const char* file) { return ::access(file, F_OK) == 0; });
}

}  // namespace firesweep
