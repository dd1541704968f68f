// Finds this machine's LibTorch for a bundle's worker. The worker was linked against one version of
// LibTorch, which is not part of the bundle. Reads the file system; loads nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/error.h"

namespace firesweep {

struct LibTorch {
  std::filesystem::path root;  // holds lib/libtorch.so: a wheel's torch folder or an unpacked zip
  std::string found_by;        // "LIBTORCH_ROOT", "python3" or ".deps"
  std::string version;         // "2.11.0+cu130"
};

// Where to search. Tests use their own paths.
struct LibTorchSearchPaths {
  std::optional<std::string> libtorch_root;  // the variable LIBTORCH_ROOT; empty counts as not set
  std::function<std::optional<std::filesystem::path>()> python_torch;  // asked only when needed
  std::filesystem::path bundle;  // .deps/torch is searched in it, then in the folder above
};

// The torch folder of the python3 on PATH, found without importing torch and without searching the
// working folder; none if there is no python3 or it has no torch.
std::optional<std::filesystem::path> python_torch();

// The first existing one of LIBTORCH_ROOT, python3's torch and .deps. It must have the version
// `built_against`; another version is an error that names both, and the search ends. kNotFound if
// there is none or LIBTORCH_ROOT is not a LibTorch; kBadInput for another or an unreadable version.
Result<LibTorch> find_libtorch(const LibTorchSearchPaths& paths, const std::string& built_against);

// The folders of its libraries: its own, and those of the nvidia packages that pip installs beside
// a CUDA build.
std::vector<std::filesystem::path> library_folders(const LibTorch& torch);

// The value of LD_LIBRARY_PATH with `folders` in front of its present value (none: not set).
// kBadInput if a folder's name cannot be part of it.
Result<std::string> library_path(const std::vector<std::filesystem::path>& folders,
                                 const std::optional<std::string>& inherited);

}  // namespace firesweep
