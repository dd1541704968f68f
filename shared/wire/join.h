// The one message that a coordinator reads of a key it does not know, and its answer. So small that
// it has its own bytes: what strangers send never meets the large decoder.
//
//   to the coordinator    "firesweep join 1" (16 bytes), the token (16 bytes), a name (0 … 64
//   bytes) from the coordinator  "firesweep joined" (16 bytes)
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firesweep {

inline constexpr std::size_t kTokenBytes = 16;
inline constexpr std::size_t kMaxJoinNameBytes = 64;

struct JoinRequest {
  std::string token;  // kTokenBytes, as invited
  std::string name;   // of the host that joins, for people; anything may stand there
  friend bool operator==(const JoinRequest&, const JoinRequest&) = default;
};

// A name that is too long is cut. Pure.
std::string encode(const JoinRequest& request);
// Nothing where the bytes are another message. Pure.
std::optional<JoinRequest> decode_join(std::string_view bytes);

std::string joined_bytes();
bool says_joined(std::string_view bytes);

}  // namespace firesweep
