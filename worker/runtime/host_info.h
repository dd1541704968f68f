// What this host is: its name, cores, memory, and randomness for a session. Reads the system,
// changes nothing.
#pragma once

#include <cstdint>
#include <string>

#include "shared/base/ids.h"

namespace firesweep {

// The host's name up to the first dot; "localhost" where it has none. '/' never occurs in it.
std::string host_name();

// Cores this process may use: its affinity mask, cut to the CPU quota of its control group. At
// least 1.
int usable_cores();

// Memory this process may use: the machine's, cut to the limit of its control group. 0 where
// unknown.
std::int64_t usable_memory_bytes();

// "AMD EPYC 7B13 64-Core Processor"; empty where /proc/cpuinfo does not say.
std::string cpu_name();

// 128 bits from the kernel's random generator; never zero. Throws std::system_error where it fails.
SessionId random_session();

}  // namespace firesweep
