// A folder in memory for the files of one process, gone with it.
#pragma once

#include <filesystem>

#include "tests/fuzz/targets.h"

namespace firesweep::fuzz {

// Made at the first call. One thread.
const std::filesystem::path& scratch_folder();

// Puts the bytes into a file of that name in the folder, in the place of an earlier one.
std::filesystem::path put_file(const std::string& name, Bytes bytes);

}  // namespace firesweep::fuzz
