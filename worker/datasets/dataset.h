// A dataset opened for training: an immutable view that all slots of a host share, and the search
// for its files. Refuses whatever is not exactly the known dataset; downloads nothing (fetch.h
// does).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "shared/base/error.h"
#include "worker/datasets/decoded_file.h"
#include "worker/datasets/source.h"

namespace firesweep {

// Cheap to copy; copies share one mapping, which lives as long as any of them. Immutable; safe from
// any thread.
class Dataset {
 public:
  explicit Dataset(DecodedFile file)
      : file_(std::make_shared<const DecodedFile>(std::move(file))),
        content_(std::make_shared<Content>()) {}

  const DatasetInfo& info() const { return file_->info(); }
  std::int64_t count(Subset subset) const { return file_->count(subset); }

  // [N,3,32,32] uint8, contiguous.
  std::span<const std::uint8_t> images(Subset subset) const { return file_->images(subset); }

  // [N] uint8, each below info().classes.
  std::span<const std::uint8_t> labels(Subset subset) const { return file_->labels(subset); }

  // sha256 of all images and labels: equal wherever the content is. Takes a good part of a second
  // the first time. Throws std::runtime_error where OpenSSL fails.
  const std::string& content() const;

  // The decoded file that is mapped.
  const std::filesystem::path& path() const { return file_->path(); }

 private:
  struct Content {
    std::once_flag once;
    std::string sha256;
  };
  std::shared_ptr<const DecodedFile> file_;
  std::shared_ptr<Content> content_;
};

// Where to look, in this order; a place not given is not looked at. Each may hold the raw files,
// the folder of the official archive with them, or the decoded file alone.
struct Locations {
  std::optional<std::filesystem::path> data_dir{};         // --data-dir
  std::optional<std::filesystem::path> environment_dir{};  // FIRESWEEP_DATA
  std::optional<std::filesystem::path> cache_dir{};        // default_cache_dir
  std::filesystem::path system_dir = "/usr/share/datasets";
};

// "$XDG_CACHE_HOME/firesweep/data", else "$HOME/.cache/firesweep/data", from those variables'
// values (null where unset); none where neither is an absolute path. Pure.
std::optional<std::filesystem::path> default_cache_dir(const char* xdg_cache_home,
                                                       const char* home);

// Opens a known dataset. The first time, its raw files are verified (size, sha256) and decoded into
// `<name>.decoded` beside them, or in the cache folder where theirs is not writable or not the
// user's; this takes seconds and needs the dataset's size in disk space. Later it is mapped at
// once, and verified anew only where the raw files' size or time changed. Any number of processes
// may do this together: one decodes, the others wait.
// - kNotFound: unknown name, a given folder that does not exist, or no files; says every place
//   looked in and how to get them.
// - kBadInput: a raw file is cut off, corrupt or another one; names it with the expected and the
//   found size or sha256.
// - kIo: a file cannot be read, or the decoded file cannot be written anywhere.
// Failure leaves no half-written file. Safe from any thread.
Result<Dataset> open_dataset(std::string_view name, const Locations& locations);

// The same for a source that is not in the table of known ones.
Result<Dataset> open_dataset(const DatasetSource& source, const Locations& locations);

// Whether `folder` holds every raw file of the source with its exact size. A file of another size
// is kBadInput with both sizes; a missing one only makes it false. The size of compressed files is
// not judged before they are read.
Result<bool> has_raw_files(const DatasetSource& source, const std::filesystem::path& folder);

}  // namespace firesweep
