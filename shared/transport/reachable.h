// Addresses that other hosts can use.
#pragma once

#include <string>
#include <vector>

namespace firesweep {

// The addresses by which other hosts reach a bound endpoint: the endpoint itself or, if it was
// bound on all interfaces, this host's full name and then its addresses except loopback (IPv6 in
// brackets). Asks the system, never the network. At least one.
std::vector<std::string> ways_to(const std::string& endpoint);

}  // namespace firesweep
