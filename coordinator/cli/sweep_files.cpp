#include "coordinator/cli/sweep_files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "shared/base/program_path.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestText = 4 << 20;

}  // namespace

Result<std::string> read_text_file(const fs::path& path) {
  std::error_code failure;
  if (fs::is_directory(path, failure)) {
    return fail(ErrorCode::kBadInput, path.string(), "found a folder, expected a file");
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::kBadInput, path.string(), std::strerror(errno));
  if (fs::file_size(path, failure) > kLargestText && !failure) {
    return fail(ErrorCode::kBadInput, path.string(),
                "found more than 4 MiB, expected a small text file");
  }
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void add_architectures_option(boost::program_options::options_description& options) {
  options.add_options()("architectures",
                        boost::program_options::value<std::string>()->value_name("DIR"),
                        "folder of architecture files (default: near the sweep file)");
}

std::vector<fs::path> architecture_folders(const std::optional<std::string>& chosen,
                                           const fs::path& sweep_file) {
  std::vector<fs::path> candidates;
  if (chosen) {
    candidates.emplace_back(*chosen);
  } else {
    if (const char* set = std::getenv("FIRESWEEP_ARCHITECTURES")) candidates.emplace_back(set);
    const fs::path beside = fs::absolute(sweep_file).parent_path();
    candidates.push_back(beside / "architectures");
    candidates.push_back(beside.parent_path() / "architectures");
    candidates.push_back(fs::current_path() / "architectures");
    candidates.push_back(program_folder().parent_path() / "architectures");
    candidates.emplace_back(FIRESWEEP_ARCHITECTURES_DIR);
  }
  std::vector<fs::path> folders;
  for (fs::path& folder : candidates) {
    std::error_code failure;
    if (fs::is_directory(folder, failure)) folders.push_back(std::move(folder));
  }
  return folders;
}

Result<request::Submit> read_submission(const fs::path& sweep_file,
                                        const std::optional<std::string>& architectures) {
  auto text = read_text_file(sweep_file);
  if (!text) return tl::unexpected(text.error());
  const std::vector<fs::path> folders = architecture_folders(architectures, sweep_file);
  if (folders.empty()) {
    return fail(ErrorCode::kBadInput, architectures ? *architectures : "--architectures",
                "found no folder of architecture files",
                "name one with --architectures DIR or FIRESWEEP_ARCHITECTURES");
  }
  std::map<std::string, std::string> texts;
  for (const fs::path& folder : folders) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".json") continue;
      const std::string name = entry.path().stem().string();
      if (texts.count(name) != 0) continue;
      auto architecture = read_text_file(entry.path());
      if (!architecture) return tl::unexpected(architecture.error());
      texts.emplace(name, std::move(*architecture));
    }
  }
  return request::Submit{sweep_file.string(), std::move(*text), {texts.begin(), texts.end()}};
}

}  // namespace firesweep
