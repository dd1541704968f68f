#include "worker/launcher/libtorch.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <system_error>

namespace firesweep {
namespace {

namespace fs = std::filesystem;

// The last line is the answer: a sitecustomize may print before it.
constexpr const char* kAskPython =
    "exec 2>/dev/null; exec python3 -c '"
    "import importlib.util, sys\n"
    "sys.path = [place for place in sys.path if place]\n"
    "spec = importlib.util.find_spec(\"torch\")\n"
    "print(spec.submodule_search_locations[0] if spec and spec.origin else \"\")'";

bool holds_libtorch(const fs::path& root) {
  std::error_code ignored;
  return fs::exists(root / "lib" / "libtorch.so", ignored);
}

std::string without_line_end(std::string line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

// A wheel says it in version.py, a zip in build-version.
Result<std::string> version_of(const fs::path& root) {
  std::ifstream python(root / "version.py"), plain(root / "build-version");
  std::string line;
  while (std::getline(python, line)) {
    if (!line.starts_with("__version__ = ")) continue;
    const std::size_t begin = line.find_first_of("'\""), end = line.find_last_of("'\"");
    if (begin < end && end != std::string::npos) return line.substr(begin + 1, end - begin - 1);
  }
  if (std::getline(plain, line)) return without_line_end(line);
  return fail(ErrorCode::kBadInput, root.string(),
              "found no version in version.py or build-version, expected an unpacked LibTorch",
              "set LIBTORCH_ROOT to a wheel's torch folder or an unpacked libtorch zip");
}

std::string how_to_get(const std::string& version) {
  const std::size_t plus = version.find('+');
  return "pip install torch==" + version.substr(0, plus) +
         (plus == std::string::npos
              ? ""
              : " --index-url https://download.pytorch.org/whl/" + version.substr(plus + 1)) +
         ", or set LIBTORCH_ROOT to the torch folder of " + version;
}

// Where LIBTORCH_ROOT, python3 or .deps has one; what was looked at in vain goes to `looked`.
Result<std::optional<LibTorch>> first_there(const LibTorchSearchPaths& paths, std::string& looked) {
  if (paths.libtorch_root && !paths.libtorch_root->empty()) {
    if (!holds_libtorch(*paths.libtorch_root)) {
      return fail(ErrorCode::kNotFound, "LIBTORCH_ROOT " + *paths.libtorch_root,
                  "has no lib/libtorch.so, expected a wheel's torch folder or a libtorch zip's");
    }
    return LibTorch{*paths.libtorch_root, "LIBTORCH_ROOT", {}};
  }
  looked = "LIBTORCH_ROOT (not set)";
  const auto package = paths.python_torch();
  if (package && holds_libtorch(*package)) return LibTorch{*package, "python3", {}};
  looked += package ? "; python3's " + package->string() + " (no lib/libtorch.so)"
                    : "; the torch package of python3 (none)";
  for (const fs::path& folder : {paths.bundle, paths.bundle.parent_path()}) {
    const fs::path root = folder / ".deps" / "torch";
    if (holds_libtorch(root)) return LibTorch{root, ".deps", {}};
    looked += "; " + root.string() + " (none)";
  }
  return std::nullopt;
}

}  // namespace

std::optional<fs::path> python_torch() {
  const std::unique_ptr<FILE, int (*)(FILE*)> python(::popen(kAskPython, "re"), ::pclose);
  if (!python) return std::nullopt;
  std::string answer, line;
  for (int byte = ::fgetc(python.get()); byte != EOF; byte = ::fgetc(python.get())) {
    line += static_cast<char>(byte);
    if (byte != '\n') continue;
    answer = without_line_end(line);
    line.clear();
  }
  if (answer.empty()) return std::nullopt;
  return answer;
}

Result<LibTorch> find_libtorch(const LibTorchSearchPaths& paths, const std::string& built_against) {
  std::string looked;
  auto searched = first_there(paths, looked);
  if (!searched) return tl::unexpected(searched.error());
  std::optional<LibTorch>& found = *searched;
  if (!found) {
    return fail(ErrorCode::kNotFound, "LibTorch " + built_against, "not found; looked in " + looked,
                how_to_get(built_against));
  }
  LibTorch torch = *std::move(found);
  const auto version = version_of(torch.root);
  if (!version) return tl::unexpected(version.error());
  torch.version = *version;
  if (torch.version != built_against) {
    return fail(ErrorCode::kBadInput, torch.root.string() + " (by " + torch.found_by + ")",
                "found LibTorch " + torch.version + ", expected " + built_against +
                    ", which this worker was built against",
                how_to_get(built_against));
  }
  return torch;
}

std::vector<fs::path> library_folders(const LibTorch& torch) {
  std::vector<fs::path> folders;
  std::error_code failure;
  const fs::path beside = fs::weakly_canonical(torch.root, failure).parent_path() / "nvidia";
  for (fs::directory_iterator package(beside, failure), end; !failure && package != end;
       package.increment(failure)) {
    std::error_code ignored;
    if (fs::is_directory(package->path() / "lib", ignored))
      folders.push_back(package->path() / "lib");
  }
  std::ranges::sort(folders);
  folders.insert(folders.begin(), torch.root / "lib");
  return folders;
}

Result<std::string> library_path(const std::vector<fs::path>& folders,
                                 const std::optional<std::string>& inherited) {
  std::string path;
  for (const fs::path& folder : folders) {
    const std::string name = fs::absolute(folder).string();
    if (name.find_first_of(":;$") != std::string::npos) {
      return fail(ErrorCode::kBadInput, name,
                  "found a name with \":\", \";\" or \"$\", expected a name that LD_LIBRARY_PATH "
                  "can contain",
                  "set LIBTORCH_ROOT to a link to its torch folder with a plain name");
    }
    path += (path.empty() ? "" : ":") + name;
  }
  if (inherited && !inherited->empty()) path += ":" + *inherited;
  return path;
}

}  // namespace firesweep
