#include "coordinator/cli/sweep_files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>

#include "shared/base/program_path.h"
#include "shared/codec/sweep_text.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestText = std::size_t{4} << 20;
constexpr std::size_t kMostTexts = std::size_t{64} << 20;  // of all architecture files

}  // namespace

Result<std::string> read_text_file(const fs::path& path) {
  std::error_code failure;
  if (fs::is_directory(path, failure)) {
    return fail(ErrorCode::kBadInput, path.string(), "found a folder, expected a file");
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::kBadInput, path.string(), std::strerror(errno));
  std::string text(kLargestText + 1, '\0');  // a device or a pipe need not tell its size
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  text.shrink_to_fit();
  if (text.size() > kLargestText) {
    return fail(ErrorCode::kBadInput, path.string(),
                "found more than 4 MiB, expected a small text file");
  }
  return text;
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

void add_set_option(boost::program_options::options_description& options) {
  options.add_options()(
      "set",
      boost::program_options::value<std::vector<std::string>>()->value_name("NAME.KEY=VALUE"),
      "replace a parameter or a member of the sweep file, as in --set lr.values=[0.1]; repeatable");
}

std::vector<std::string> settings_of(const Parsed& parsed) {
  return parsed.get<std::vector<std::string>>("set").value_or(std::vector<std::string>{});
}

Result<request::Submit> read_submission(const fs::path& sweep_file,
                                        const std::optional<std::string>& architectures,
                                        const std::vector<std::string>& settings) {
  const auto text = read_text_file(sweep_file);
  if (!text) return tl::unexpected(text.error());
  const auto read = [&](const std::string& path) {
    return read_text_file(sweep_file.parent_path() / path);
  };
  auto sweep = merged_sweep(*text, sweep_file.string(), read, settings);
  if (!sweep) return tl::unexpected(sweep.error());
  const std::vector<fs::path> folders = architecture_folders(architectures, sweep_file);
  if (folders.empty()) {
    return fail(ErrorCode::kBadInput, architectures ? *architectures : "--architectures",
                "found no folder of architecture files",
                "name one with --architectures DIR or FIRESWEEP_ARCHITECTURES");
  }
  std::map<std::string, std::string> texts;
  std::size_t bytes = 0;
  for (const fs::path& folder : folders) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".json") continue;
      const std::string name = entry.path().stem().string();
      if (texts.count(name) != 0) continue;
      std::error_code none;
      if (!fs::is_regular_file(entry.path(), none)) {
        return fail(ErrorCode::kBadInput, entry.path().string(),
                    "is neither a file nor a link to one, expected an architecture",
                    "remove it, or name another folder with --architectures DIR");
      }
      auto architecture = read_text_file(entry.path());
      if (!architecture) return tl::unexpected(architecture.error());
      bytes += architecture->size();
      if (bytes > kMostTexts) {
        return fail(ErrorCode::kBadInput, folder.string(),
                    "holds more than 64 MiB of architecture files, expected a few small ones",
                    "name another folder with --architectures DIR");
      }
      texts.emplace(name, std::move(*architecture));
    }
  }
  return request::Submit{sweep_file.string(),
                         std::move(sweep->text),
                         {texts.begin(), texts.end()},
                         std::move(sweep->origins)};
}

}  // namespace firesweep
