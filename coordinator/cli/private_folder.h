// The folder of the private socket of `firesweep run`.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/error.h"

namespace firesweep {

// A folder in the temporary folder that only this user can enter. The destructor removes it. Not
// thread-safe.
class PrivateFolder {
 public:
  // Creates the folder, after removing those that this user's killed runs left. kIo names TMPDIR if
  // it cannot be used, or if a socket's path would be too long.
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
