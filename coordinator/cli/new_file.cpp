#include "coordinator/cli/new_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "coordinator/cli/sweep_files.h"

namespace firesweep {

Result<void> write_new_file(const std::string& file, const std::string& text,
                            std::string_view what) {
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    const auto there = read_text_file(file);
    if (there && *there == text) return {};
    return fail(ErrorCode::kBadInput, file,
                "found another " + std::string(what) + " there, expected to make this file",
                "remove it, or name another with -o FILE");
  }
  errno = 0;
  std::ofstream out(file, std::ios::binary);
  out << text << std::flush;
  if (!out) return fail(ErrorCode::kBadInput, file, std::strerror(errno));
  return {};
}

}  // namespace firesweep
