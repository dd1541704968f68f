// A folder of a test's own, short enough for socket paths, removed with everything in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace firesweep {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/firesweep-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("cannot make a folder in /tmp");
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string address() const { return "ipc://" + file("socket"); }

 private:
  std::filesystem::path path_;
};

}  // namespace firesweep
