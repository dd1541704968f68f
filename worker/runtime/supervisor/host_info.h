// This host's name, and a random number for a session. Reads the system, changes nothing.
#pragma once

#include <string>

#include "shared/base/ids.h"

namespace firesweep {

// The host's name up to the first dot; "localhost" if it has none. It never contains '/'.
std::string host_name();

// 128 bits from the kernel's random generator; never zero. Throws std::system_error if that fails.
SessionId random_session();

}  // namespace firesweep
