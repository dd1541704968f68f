#include "worker/datasets/fetch.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include "shared/base/durable.h"
#include "worker/datasets/checksum.h"
#include "worker/datasets/dataset.h"
#include "worker/datasets/file.h"
#include "worker/datasets/unpack.h"

namespace firesweep {
namespace {

namespace fs = std::filesystem;

// A folder that is gone, with all in it, when this is destroyed.
class ScratchFolder {
 public:
  explicit ScratchFolder(fs::path path) : path_(std::move(path)) { remove(); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() { remove(); }
  const fs::path& path() const { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path path_;
};

// Whether the raw files lie there with their sizes and checksums; files without a known checksum
// count by size.
bool lies_there_whole(const DatasetSource& source, const fs::path& folder) {
  const auto sizes = has_raw_files(source, folder);
  if (!sizes || !*sizes) return false;
  return std::ranges::all_of(source.files, [&](const RawFile& file) {
    if (file.sha256.empty()) return true;
    const auto found = file_checksum(folder / file.name, Digest::kSha256);
    return found && *found == file.sha256;
  });
}

Result<void> check_archive(const DatasetSource& source, const fs::path& archive,
                           const std::string& url) {
  const auto found = file_checksum(archive, Digest::kMd5);
  if (!found) return tl::unexpected(found.error());
  if (*found == source.archive_md5) return {};
  return fail(ErrorCode::kBadInput, url, "has md5 " + *found + ", expected " + source.archive_md5,
              "the download was removed; the same command starts afresh");
}

Result<void> unpack_into_place(const DatasetSource& source, const fs::path& archive,
                               const fs::path& folder) {
  const ScratchFolder scratch(archive.string() + ".unpacked");
  if (auto made = make_folder(scratch.path()); !made) return made;
  std::vector<ArchiveMember> members;
  for (const RawFile& file : source.files) {
    members.push_back({source.folder + "/" + file.name, scratch.path() / file.name,
                       file.content_bytes, file.sha256});
  }
  if (auto unpacked = unpack(archive, members); !unpacked) return unpacked;
  if (auto made = make_folder(folder); !made) return made;
  for (const RawFile& file : source.files) {
    if (auto moved = move_into_place(scratch.path() / file.name, folder / file.name); !moved) {
      return moved;
    }
  }
  return {};
}

}  // namespace

Result<Fetched> fetch_dataset(const DatasetSource& source, const FetchOptions& options,
                              const ProgressCallback& progress) {
  if (source.archive.empty()) {
    return fail(ErrorCode::kNotFound, "dataset " + source.info.name,
                "is not downloaded, it comes as the Debian package " + source.debian_package,
                "type: apt-get install " + source.debian_package);
  }
  const fs::path& target = options.target_dir;
  if (auto made = make_folder(target); !made) return tl::unexpected(made.error());
  const fs::path part = target / (source.archive + ".part");
  const auto lock = FileLock::acquire(target / ("." + source.archive + ".lock"), [&] {
    const std::int64_t done = stamp_of(part).value_or(FileStamp{}).size_bytes;
    return !progress || progress({done, std::nullopt, 0});
  });
  if (!lock) return tl::unexpected(lock.error());

  const fs::path folder = target / source.folder;
  if (lies_there_whole(source, folder)) return Fetched{folder, true};

  const std::string separator = options.url_base.ends_with('/') ? "" : "/";
  const std::string url = options.url_base + separator + source.archive;
  if (auto got = download(url, part, options.limits, progress); !got) {
    return tl::unexpected(got.error());
  }
  auto done = check_archive(source, part, url);
  if (done) done = unpack_into_place(source, part, folder);
  if (done || done.error().code == ErrorCode::kBadInput) {
    std::error_code ignored;
    fs::remove(part, ignored);
  }
  if (!done) return tl::unexpected(done.error());
  return Fetched{folder, false};
}

Result<Fetched> fetch_dataset(std::string_view name, const FetchOptions& options,
                              const ProgressCallback& progress) {
  const auto source = find_source(name);
  if (!source) return tl::unexpected(source.error());
  return fetch_dataset(**source, options, progress);
}

}  // namespace firesweep
