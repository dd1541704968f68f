// What this host is called, and randomness for a session. Reads the system, changes nothing.
#pragma once

#include <string>

#include "shared/base/ids.h"

namespace firesweep {

// The host's name up to the first dot; "localhost" where it has none. '/' never occurs in it.
std::string host_name();

// 128 bits from the kernel's random generator; never zero. Throws std::system_error where it fails.
SessionId random_session();

}  // namespace firesweep
