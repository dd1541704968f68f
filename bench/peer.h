// A Python program measured beside ours: started once, asked for one figure at a time over pipes,
// idle in between.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "shared/base/error.h"

namespace firesweep::bench {

// The Python of tools/python_env.sh, made at the first call. Throws std::runtime_error where none
// can be had.
std::string python();

// A Python that has torch: FIRESWEEP_PYTHON, else the python3 in PATH. kNotFound says which was
// tried and what it said.
Result<std::string> python_with_torch();

// One child; ended by the end of its input, or killed 5 s after it. One thread.
class Peer {
 public:
  // Starts bench/peers/`script` with these words.
  Peer(const std::string& python, const std::string& script, const std::vector<std::string>& words);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  // Writes one line and reads the number that answers it. Throws as answer().
  double ask(const std::string& line, double limit_s = kNoLimit);

  // The two halves of ask(), for children that are to work at the same time. Throws
  // std::runtime_error where the child dies or answers with no number; and where nothing comes
  // within `limit_s`, and then it is killed.
  void send(const std::string& line);
  double answer(double limit_s = kNoLimit);

 private:
  static constexpr double kNoLimit = 1e6;

  std::string script_, asked_;
  pid_t pid_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace firesweep::bench
