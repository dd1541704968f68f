// A Python program measured beside ours: started once, asked for one figure at a time over pipes,
// idle in between.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace firesweep::bench {

// The Python of tools/python_env.sh, made at the first call. Throws std::runtime_error where none
// can be had.
std::string python();

// One child; ended by the end of its input. Throws std::runtime_error where it dies or answers with
// no number. One thread.
class Peer {
 public:
  // Starts bench/peers/`script` with these words.
  Peer(const std::string& script, const std::vector<std::string>& words);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  // Writes one line and reads the number that answers it.
  double ask(const std::string& line);

 private:
  std::string script_;
  pid_t pid_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace firesweep::bench
