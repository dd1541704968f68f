#include "worker/datasets/dataset.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <system_error>
#include <vector>

#include "worker/datasets/checksum.h"
#include "worker/datasets/decode.h"
#include "worker/datasets/file.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

struct DataFolder {
  std::string label;  // "--data-dir"; empty if no option or variable names it
  fs::path path;
  bool must_exist = false;
  bool ours_to_write = true;
};

std::vector<DataFolder> data_folders_of(const DatasetSource& source, const Locations& locations) {
  std::vector<DataFolder> roots;
  if (locations.data_dir) roots.push_back({"--data-dir ", *locations.data_dir, true});
  if (locations.environment_dir) {
    roots.push_back({"FIRESWEEP_DATA ", *locations.environment_dir, true});
  }
  if (locations.cache_dir) roots.push_back({"", *locations.cache_dir});
  if (!source.debian_package.empty()) roots.push_back({"", locations.system_dir, false, false});
  return roots;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::vector<std::string> missing_files(const DatasetSource& source, const fs::path& folder) {
  std::vector<std::string> missing;
  for (const RawFile& file : source.files) {
    if (!stamp_of(folder / file.name)) missing.push_back(file.name);
  }
  return missing;
}

bool holds_other_version(const DatasetSource& source, const fs::path& folder) {
  std::error_code ignored;
  return !source.other_files.empty() &&
         std::ranges::all_of(source.other_files, [&](const std::string& name) {
           return fs::is_regular_file(folder / name, ignored);
         });
}

// What was made without checks proves nothing, once there are any.
bool is_trusted(const DatasetSource& source, const DecodedFile& decoded) {
  return decoded.sums_checked() || !source.decoded_unchecked_before;
}

// "no train.bin, test.bin", or another reason why the folder does not hold the dataset.
std::string describe_absence(const DatasetSource& source, const DataFolder& root) {
  std::error_code unseen;
  if (fs::is_regular_file(root.path, unseen)) {
    return "a file, expected a folder; unpack it: tar xzf " + root.path.string();
  }
  if (!is_folder(root.path)) return "no such folder";
  fs::path folder = root.path;
  if (is_folder(folder / source.folder)) folder /= source.folder;
  std::string text;
  for (const auto& name : missing_files(source, folder))
    text += (text.empty() ? "no " : ", ") + name;
  if (const fs::path deeper = folder / source.folder;
      is_folder(deeper) && missing_files(source, deeper).empty()) {
    text += "; they are one folder deeper: give " + folder.string();
  }
  std::error_code ignored;
  if (!source.archive.empty() && fs::exists(root.path / source.archive, ignored)) {
    text += "; " + source.archive + " is there, but not unpacked";
  }
  if (!source.other_version.empty() && fs::exists(root.path / source.other_version, ignored)) {
    text += "; " + source.other_version + " is there, but the binary version is needed";
  } else if (holds_other_version(source, root.path)) {
    text += "; this is " + source.other_version +
            ", the version for Python, but the binary version is needed";
  }
  return text;
}

tl::unexpected<Error> not_found(const DatasetSource& source, const std::vector<DataFolder>& roots,
                                const std::vector<std::string>& notes) {
  std::string looked;
  for (const DataFolder& root : roots) {
    looked += (looked.empty() ? "" : "; ") + root.label + root.path.string() + " (" +
              describe_absence(source, root) + ")";
  }
  for (const auto& note : notes) looked += "; " + note;
  std::string hint = "give its folder with --data-dir or FIRESWEEP_DATA";
  if (!source.archive.empty()) {
    hint += ", or type: firesweep-worker dataset fetch " + source.info.name;
  }
  if (!source.debian_package.empty()) hint += ", or type: apt-get install " + source.debian_package;
  return fail(ErrorCode::kNotFound, "dataset " + source.info.name,
              "not found; looked in " + (looked.empty() ? "no folder" : looked), hint);
}

// Maps the decoded file of these raw files, making it first where it is absent, of another version
// or of other raw files.
Result<DecodedFile> open_or_make(const DatasetSource& source, const fs::path& raw_folder,
                                 const fs::path& home) {
  std::vector<FileStamp> stamps;
  for (const RawFile& file : source.files) {
    stamps.push_back(stamp_of(raw_folder / file.name).value_or(FileStamp{}));
  }
  const fs::path path = home / decoded_file_name(source.info);
  auto opened = DecodedFile::open(path, source.info);
  const auto serves = [&](const Result<DecodedFile>& decoded) {
    return decoded && decoded->made_from(stamps) && is_trusted(source, *decoded);
  };
  if (serves(opened)) return opened;

  if (auto made = make_folder(home); !made) return tl::unexpected(made.error());
  const auto lock = FileLock::acquire(home / ("." + decoded_file_name(source.info) + ".lock"));
  if (!lock) return tl::unexpected(lock.error());
  auto by_another = DecodedFile::open(path, source.info);
  if (serves(by_another)) return by_another;
  if (auto made = make_decoded_file(source, raw_folder, path); !made) {
    return tl::unexpected(made.error());
  }
  return DecodedFile::open(path, source.info);
}

// `homes`: the folders that may hold the decoded file, the first that works is used.
Result<Dataset> open_raw(const DatasetSource& source, const fs::path& raw_folder,
                         const std::vector<fs::path>& homes) {
  if (homes.empty()) {
    return fail(ErrorCode::kIo, raw_folder.string(), "no folder to keep the decoded images in",
                "set HOME or XDG_CACHE_HOME");
  }
  std::optional<Error> first;
  for (const fs::path& home : homes) {
    auto file = open_or_make(source, raw_folder, home);
    if (file) return Dataset(std::move(*file));
    if (file.error().code != ErrorCode::kIo) return tl::unexpected(file.error());
    if (first) {
      first->what += "; nor elsewhere: " + to_string(file.error());
    } else {
      first = file.error();
    }
  }
  assert(first);
  return tl::unexpected(*first);
}

}  // namespace

const std::string& Dataset::content() const {
  std::call_once(content_->once, [this] {
    Hasher hasher(Digest::kSha256);
    for (const Subset subset : {Subset::kTrain, Subset::kTest}) {
      hasher.update(images(subset));
      hasher.update(labels(subset));
    }
    content_->sha256 = hasher.finish();
  });
  return content_->sha256;
}

std::optional<fs::path> default_cache_dir(const char* xdg_cache_home, const char* home) {
  const fs::path below = fs::path("firesweep") / "data";
  if (xdg_cache_home != nullptr && fs::path(xdg_cache_home).is_absolute()) {
    return xdg_cache_home / below;
  }
  if (home != nullptr && fs::path(home).is_absolute()) return home / (".cache" / below);
  return std::nullopt;
}

Result<bool> has_raw_files(const DatasetSource& source, const fs::path& folder) {
  bool all = true;
  for (const RawFile& file : source.files) {
    const auto stamp = stamp_of(folder / file.name);
    all = all && stamp.has_value();
    if (stamp && !file.compressed() && stamp->size_bytes != file.content_bytes) {
      return fail(ErrorCode::kBadInput, (folder / file.name).string(),
                  "is " + std::to_string(stamp->size_bytes) + " bytes, expected " +
                      std::to_string(file.content_bytes),
                  hint_for_bad_file(source));
    }
  }
  return all;
}

Result<Dataset> open_dataset(const DatasetSource& source, const Locations& locations) {
  const auto roots = data_folders_of(source, locations);
  for (const DataFolder& root : roots) {
    if (root.must_exist && !is_folder(root.path)) {
      return fail(ErrorCode::kNotFound, root.label + root.path.string(),
                  describe_absence(source, root));
    }
  }
  std::vector<std::string> notes;
  for (const DataFolder& root : roots) {
    for (const fs::path& folder : {root.path, root.path / source.folder}) {
      const auto raw = has_raw_files(source, folder);
      if (!raw) return tl::unexpected(raw.error());
      if (*raw) {
        std::vector<fs::path> homes;
        if (root.ours_to_write) homes.push_back(folder);
        if (locations.cache_dir && *locations.cache_dir != folder) {
          homes.push_back(*locations.cache_dir);
        }
        return open_raw(source, folder, homes);
      }
      auto decoded = DecodedFile::open(folder / decoded_file_name(source.info), source.info);
      if (decoded && is_trusted(source, *decoded)) return Dataset(std::move(*decoded));
      if (decoded) {
        notes.push_back(decoded->path().string() +
                        " was made by an older firesweep, which could not check the images");
        continue;
      }
      if (decoded.error().code != ErrorCode::kNotFound) notes.push_back(to_string(decoded.error()));
    }
  }
  return not_found(source, roots, notes);
}

Result<Dataset> open_dataset(std::string_view name, const Locations& locations) {
  const auto source = find_source(name);
  if (!source) return tl::unexpected(source.error());
  return open_dataset(**source, locations);
}

}  // namespace firesweep
