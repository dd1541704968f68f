// A program named nvidia-cuda-mps-control in a temporary folder that behaves as NVIDIA's does, as
// far as files, commands and processes go, and records how it is called.
#pragma once

#include <signal.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>

namespace firesweep {

// A temporary folder with `programs` (the program), `run` (for a worker's folders) and `calls`:
//   daemon PIPES LOGS [CUDA_VISIBLE_DEVICES]
//   told COMMAND
// The daemon has a server beside it from the start. Files there change its ways: `broken` makes it
// fail, `deaf` makes it ignore SIGTERM and `quit`.
class FakeMps {
 public:
  FakeMps() {
    namespace fs = std::filesystem;
    std::string name = (fs::temp_directory_path() / "firesweep-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    fs::create_directories(folder / "programs");
    fs::create_directories(folder / "run");
    program = folder / "programs" / "nvidia-cuda-mps-control";
    write(folder / "programs" / "nvidia-cuda-mps-server", R"sh(#!/bin/sh
while :; do sleep 0.1; done
)sh");
    write(program, R"sh(#!/bin/sh
here=$(dirname "$(dirname "$0")")
pipes=$CUDA_MPS_PIPE_DIRECTORY
if [ "$1" = -f ]; then
  echo "daemon $pipes $CUDA_MPS_LOG_DIRECTORY [$CUDA_VISIBLE_DEVICES]" >> "$here/calls"
  if [ -e "$here/broken" ]; then
    echo "no device found" > "$CUDA_MPS_LOG_DIRECTORY/control.log"
    exit 3
  fi
  trap 'exit 0' TERM
  [ -e "$here/deaf" ] && trap '' TERM
  "$here/programs/nvidia-cuda-mps-server" &
  server=$!
  echo $server > "$here/server.pid"
  echo $$ > "$pipes/nvidia-cuda-mps-control.pid"
  : > "$pipes/control"
  while [ ! -e "$pipes/quit" ] || [ -e "$here/deaf" ]; do sleep 0.02; done
  kill $server
  exit 0
fi
[ -e "$pipes/control" ] || exit 1
read -r line
echo "told $line" >> "$here/calls"
case $line in quit*) : > "$pipes/quit" ;; esac
)sh");
  }
  FakeMps(const FakeMps&) = delete;
  FakeMps& operator=(const FakeMps&) = delete;
  ~FakeMps() { std::filesystem::remove_all(folder); }

  void is(const char* way) const { std::ofstream(folder / way) << ""; }
  std::filesystem::path run() const { return folder / "run"; }
  std::string calls() const { return text(folder / "calls"); }
  int server_pid() const {
    int pid = 0;
    std::ifstream(folder / "server.pid") >> pid;
    return pid;
  }
  bool server_runs() const { return alive(server_pid()); }

  // Not a zombie, either.
  static bool alive(int pid) {
    if (pid <= 0 || ::kill(pid, 0) != 0) return false;
    const std::string status = text("/proc/" + std::to_string(pid) + "/stat");
    const auto comm_end = status.rfind(')');
    return comm_end != std::string::npos && status.compare(comm_end + 2, 1, "Z") != 0;
  }
  static bool comes_true(const std::function<bool()>& claim) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!claim() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return claim();
  }

  std::filesystem::path folder, program;

 private:
  static void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  static std::string text(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

}  // namespace firesweep
