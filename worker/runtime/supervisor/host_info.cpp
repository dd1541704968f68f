#include "worker/runtime/supervisor/host_info.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

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
    if (::getrandom(words.data(), sizeof words, 0) != static_cast<ssize_t>(sizeof words)) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    session = {words[0], words[1]};
  }
  return session;
}

}  // namespace firesweep
