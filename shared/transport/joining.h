// How another host's key comes to be known: an invitation is pasted there, and its one-time token
// is shown to the coordinator that gave it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "shared/transport/curve_keys.h"

namespace firesweep {

struct Invitation {
  PublicKey coordinator;  // nobody else can answer for it
  std::string token;      // kTokenBytes
};

// 64 hexadecimal digits, "-", 32 more. Pure.
std::string to_string(const Invitation& invitation);
// kBadInput for every other text. Pure.
Result<Invitation> parse_invitation(std::string_view text);

inline constexpr std::chrono::milliseconds kJoinTime{10'000};

// Shows the token with this user's own key, which is made where it is missing, and remembers the
// coordinator once it has taken the key. `name` is what its user reads of this host. Joining again
// with the same key changes nothing and is no error. kBadInput for an address that takes no keys;
// kUnavailable where nobody answers within `limit`: an invitation that is used, expired or another
// coordinator's is not answered.
Result<void> join(const std::string& address, const Invitation& invitation, const std::string& name,
                  std::chrono::milliseconds limit = kJoinTime);

}  // namespace firesweep
