// How fast this host trains, as `firesweep-worker bench` measured it and as its trials did:
// speeds.json in the user's
// state folder. Read where a sweep's time is estimated and where slots are planned.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/error.h"

namespace firesweep {

// Training images per second of all cores together.
struct MeasuredSpeed {
  std::string name;           // of the architecture, for people
  double one_slot = 0;        // one process with a thread per core
  double slot_per_core = 0;   // a process of one thread per core
  double latency_p50_ms = 0;  // of one image, on one slot
  double latency_p95_ms = 0;
  std::int64_t model_bytes = 0;
  std::int64_t peak_memory_bytes = 0;  // of one slot's process
};

struct HostSpeeds {
  std::string cpu;
  std::int64_t cores = 0;
  // Training MACs per second of one slot over the newest trials that `firesweep run` trained here;
  // 0 where it has trained none.
  double trained_macs_per_s = 0;
  std::map<std::string, MeasuredSpeed> by_architecture;  // by the file's hash
};

// "$XDG_STATE_HOME/firesweep/speeds.json", else "$HOME/.local/state/firesweep/speeds.json", from
// those variables' values (null where unset); none where neither is an absolute path. Pure.
std::optional<std::filesystem::path> host_speeds_path(const char* xdg_state_home, const char* home);

// JSON. Pure.
std::string encode_host_speeds(const HostSpeeds& speeds);
Result<HostSpeeds> decode_host_speeds(std::string_view text, std::string_view file_name);

// What the file holds; none where there is none or it cannot be read, as if nothing were measured.
std::optional<HostSpeeds> read_host_speeds(const std::filesystem::path& path);

// Whether one slot with all cores trains more than a slot per core does, on the geometric mean over
// what was measured; false where nothing was. Pure.
bool one_slot_is_faster(const HostSpeeds& speeds);

}  // namespace firesweep
