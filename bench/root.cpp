#include "bench/root.h"

#include <unistd.h>

#include <system_error>

#include "tests/places.h"

namespace firesweep::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kFoldersUp = 4;

fs::path own_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

fs::path root_dir() {
  fs::path folder = own_folder();
  for (int i = 0; i < kFoldersUp; ++i, folder = folder.parent_path()) {
    std::error_code ignored;
    if (fs::is_directory(folder / "architectures", ignored)) return folder;
  }
  return source_dir();
}

fs::path find_program(const std::string& name) {
  fs::path folder = own_folder();
  for (int i = 0; i < kFoldersUp; ++i, folder = folder.parent_path()) {
    for (const fs::path& path :
         {folder / name, folder / "bin" / name, folder / "tests" / "bin" / name}) {
      if (is_program(path)) return path;
    }
  }
  const fs::path built = program_dir() / name;
  return is_program(built) ? built : fs::path{};
}

}  // namespace firesweep::bench
