// A disk small enough to fill: a tmpfs that only this process and its children see, and that is
// gone with the last of them, however they end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace firesweep::e2e {

// Not thread-safe; mount it before the process has a second thread.
class SmallDisk {
 public:
  // Makes the folder `where` and mounts `bytes` of memory there, in a mount namespace of this
  // process (as root, or in a user namespace where the system lets anybody make one). Null where
  // the system refuses both; `why` then says so, and the folder is an ordinary one.
  static std::unique_ptr<SmallDisk> mount(const std::filesystem::path& where, std::int64_t bytes,
                                          std::string& why);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;

  // Writes a file until not one byte more fits; removes it.
  void fill() const;
  void empty() const;

 private:
  explicit SmallDisk(std::filesystem::path where) : where_(std::move(where)) {}
  std::filesystem::path ballast() const { return where_ / "ballast"; }

  std::filesystem::path where_;
};

}  // namespace firesweep::e2e
