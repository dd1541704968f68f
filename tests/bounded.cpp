#include "tests/bounded.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "tests/sanitized.h"

namespace firesweep::testing {
namespace {

rlim_t address_space() {
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

void limit(int resource, rlim_t most) {
  const rlimit both{most, most};
  ::setrlimit(resource, &both);
}

std::string outcome_of(const std::function<std::string()>& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return "ended by std::bad_alloc";
  } catch (const std::exception& thrown) {
    return std::string("ended by an exception: ") + thrown.what();
  }
}

[[noreturn]] void run_child(const std::function<std::string()>& work, const Bounds& bounds,
                            int to_parent) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, static_cast<rlim_t>(bounds.seconds * (kSanitized ? 5 : 1)));
  if (!kSanitized) limit(RLIMIT_AS, address_space() + bounds.memory_bytes);
  const std::string outcome = outcome_of(work);
  for (std::size_t done = 0; done < outcome.size();) {
    const ssize_t written = ::write(to_parent, outcome.data() + done, outcome.size() - done);
    if (written <= 0) break;
    done += static_cast<std::size_t>(written);
  }
  ::_exit(0);
}

}  // namespace

std::string bounded(const std::function<std::string()>& work, const Bounds& bounds) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  std::cout.flush();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    ::close(ends[0]);
    run_child(work, bounds, ends[1]);
  }
  ::close(ends[1]);
  std::string outcome;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    outcome.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return std::string("ended by signal ") + ::strsignal(WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? outcome : "ended with " + std::to_string(WEXITSTATUS(status));
}

}  // namespace firesweep::testing
