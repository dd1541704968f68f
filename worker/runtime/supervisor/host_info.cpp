#include "worker/runtime/supervisor/host_info.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>

#include "shared/base/random_bytes.h"

namespace firesweep {

std::string host_name() {
  std::array<char, 256> buffer{};
  if (::gethostname(buffer.data(), buffer.size() - 1) != 0) return "localhost";
  std::string name(buffer.data());
  std::replace(name.begin(), name.end(), '/', '-');
  return name.empty() ? "localhost" : name;
}

SessionId random_session() {
  SessionId session;
  while (session == SessionId{}) {
    std::array<std::uint64_t, 2> words{};
    fill_random(std::as_writable_bytes(std::span(words)));
    session = {words[0], words[1]};
  }
  return session;
}

}  // namespace firesweep
