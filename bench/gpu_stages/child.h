// A program that bench/gpu starts, watches and ends.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/gpu_stages/task.h"

namespace firesweep::bench {

// In a process group of its own, which is killed with the object, as the child is with this
// process. One thread, the main one.
class Child {
 public:
  // Appends what the child writes to these files; an empty path leaves it where ours goes. Throws
  // std::system_error where it cannot be started.
  Child(const std::vector<std::string>& words, const std::filesystem::path& out,
        const std::filesystem::path& err, const std::vector<std::string>& environment = {});
  Child(const Child&) = delete;
  ~Child();

  pid_t pid() const { return pid_; }

  // Waits; none where it still runs at that time.
  std::optional<int> wait_until(Clock::time_point when);
  std::optional<int> ended() { return wait_until(Clock::now()); }

  void signal(int number) const;

  // "ok", "exit code 3", "signal 11 (Segmentation fault)" of a wait status.
  static std::string describe(int status);

 private:
  pid_t pid_ = 0;
  std::optional<int> status_;
};

// The end of a text file from `begin` on: at most so many characters, on one line.
std::string tail_of(const std::filesystem::path& path, std::size_t characters,
                    std::size_t begin = 0);

}  // namespace firesweep::bench
