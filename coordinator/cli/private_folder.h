// The folder of a `run`'s private socket.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/error.h"

namespace firesweep {

// A folder below the temporary one that only this user can enter; removed at the end. Not
// thread-safe.
class PrivateFolder {
 public:
  // Makes it, after removing those that runs of this user left when they were killed. kIo names
  // TMPDIR where it cannot be used, or where a socket's path would be too long.
  static Result<PrivateFolder> make();
  PrivateFolder(PrivateFolder&& other) noexcept;
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  ~PrivateFolder();

  std::string endpoint() const;

 private:
  explicit PrivateFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace firesweep
