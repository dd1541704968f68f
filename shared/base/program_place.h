// Where this program lies: what belongs to it is found from there, wherever it was unpacked.
#pragma once

#include <filesystem>

namespace firesweep {

// The running program's file, links resolved. Throws std::filesystem::filesystem_error where /proc
// is not mounted. Safe from any thread.
inline std::filesystem::path program_file() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

// Its folder. As program_file.
inline std::filesystem::path program_folder() { return program_file().parent_path(); }

}  // namespace firesweep
