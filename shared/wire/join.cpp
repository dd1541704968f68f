#include "shared/wire/join.h"

#include <cassert>

namespace firesweep {
namespace {

constexpr std::string_view kJoin = "firesweep join 1";
constexpr std::string_view kJoined = "firesweep joined";

}  // namespace

std::string encode(const JoinRequest& request) {
  assert(request.token.size() == kTokenBytes);
  return std::string(kJoin) + request.token + request.name.substr(0, kMaxJoinNameBytes);
}

std::optional<JoinRequest> decode_join(std::string_view bytes) {
  constexpr std::size_t kLeast = kJoin.size() + kTokenBytes;
  if (!bytes.starts_with(kJoin) || bytes.size() < kLeast ||
      bytes.size() > kLeast + kMaxJoinNameBytes) {
    return std::nullopt;
  }
  return JoinRequest{std::string(bytes.substr(kJoin.size(), kTokenBytes)),
                     std::string(bytes.substr(kLeast))};
}

std::string joined_bytes() { return std::string(kJoined); }
bool says_joined(std::string_view bytes) { return bytes == kJoined; }

}  // namespace firesweep
