// The folder of this program. Files that belong to it are found from there, wherever it was
// unpacked.
#pragma once

#include <filesystem>

namespace firesweep {

// The running program's file, with links resolved. Throws std::filesystem::filesystem_error if
// /proc is not mounted. Safe from any thread.
inline std::filesystem::path program_file() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

// The folder of program_file(), which see.
inline std::filesystem::path program_folder() { return program_file().parent_path(); }

}  // namespace firesweep
