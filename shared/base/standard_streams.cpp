#include "shared/base/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

namespace firesweep {

void open_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (::fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
    // Takes the lowest number that is free, which is this one; for reading, so that writes fail.
    if (::open("/dev/null", O_RDONLY) != stream) ::_exit(1);
  }
}

std::optional<std::string> flush_standard_output() {
  errno = 0;
  std::cout.flush();
  const bool flushed = std::fflush(stdout) == 0;
  const int why = errno;
  if (flushed && std::cout.good() && std::ferror(stdout) == 0) return std::nullopt;
  return why == 0 ? "cannot be written; is its disk full?" : std::string(std::strerror(why));
}

}  // namespace firesweep
