// Another user, as on another host: other keys, and no key of a coordinator.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/e2e/process.h"

namespace firesweep::e2e {

// While it lives, programs and keys are that user's. Not thread-safe.
class AnotherUser {
 public:
  explicit AnotherUser(const std::filesystem::path& home) {
    ::setenv("XDG_CONFIG_HOME", home.c_str(), /*overwrite=*/1);
  }
  ~AnotherUser() { ::setenv("XDG_CONFIG_HOME", config_home().c_str(), /*overwrite=*/1); }
  AnotherUser(const AnotherUser&) = delete;
};

}  // namespace firesweep::e2e
