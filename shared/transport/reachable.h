// Addresses that other hosts can use.
#pragma once

#include <string>
#include <vector>

namespace firesweep {

// How a bound endpoint is reached: itself, or where it was bound on all interfaces this host's full
// name first, then its addresses that are not loopback (IPv6 in brackets). Asks the system, never
// the network. At least one.
std::vector<std::string> ways_to(const std::string& endpoint);

}  // namespace firesweep
