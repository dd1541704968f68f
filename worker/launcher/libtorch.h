// Finds the LibTorch of this machine for a bundle's worker, which was linked against one version of
// it and brings none. Reads the file system; loads nothing.
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

// Where to look. Tests bring their own.
struct LibTorchPlaces {
  std::optional<std::string> libtorch_root;  // the variable LIBTORCH_ROOT; empty counts as not set
  std::function<std::optional<std::filesystem::path>()> python_torch;  // asked only when needed
  std::filesystem::path bundle;  // its .deps/torch is looked at, then that of the folder above
};

// The torch folder of the python3 on PATH, found without importing torch and without looking into
// the working folder; none where there is no python3 or it has no torch.
std::optional<std::filesystem::path> python_torch();

// The first of LIBTORCH_ROOT, python3's torch and .deps that is there, provided its version is
// `built_against`: another version is refused naming both, and no further place is tried. kNotFound
// where there is none or LIBTORCH_ROOT names no LibTorch, kBadInput for another version or one that
// cannot be read.
Result<LibTorch> find_libtorch(const LibTorchPlaces& places, const std::string& built_against);

// Folders that hold its libraries: its own, and those of the nvidia packages that pip lays beside a
// CUDA build.
std::vector<std::filesystem::path> library_folders(const LibTorch& torch);

// `folders` in front of what LD_LIBRARY_PATH holds (none: it is not set). kBadInput where a
// folder's name cannot stand in it.
Result<std::string> library_path(const std::vector<std::filesystem::path>& folders,
                                 const std::optional<std::string>& inherited);

}  // namespace firesweep
