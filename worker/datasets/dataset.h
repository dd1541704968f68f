// Finds the files of a dataset and opens it for training, as an immutable view that all slots of a
// host share. Accepts only exactly the known dataset; downloads nothing (fetch.h does).
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

  // sha256 of all images and labels; equal for equal content. The first call takes up to a second.
  // Throws std::runtime_error if OpenSSL fails.
  const std::string& content() const;

  // The path of the mapped decoded file.
  const std::filesystem::path& path() const { return file_->path(); }

 private:
  struct Content {
    std::once_flag once;
    std::string sha256;
  };
  std::shared_ptr<const DecodedFile> file_;
  std::shared_ptr<Content> content_;
};

// The folders to search, in this order. Each may hold the raw files, the folder of the official
// archive with the raw files, or only the decoded file.
struct Locations {
  std::optional<std::filesystem::path> data_dir{};         // --data-dir
  std::optional<std::filesystem::path> environment_dir{};  // FIRESWEEP_DATA
  std::optional<std::filesystem::path> cache_dir{};        // default_cache_dir
  std::filesystem::path system_dir = "/usr/share/datasets";
};

// "$XDG_CACHE_HOME/firesweep/data", else "$HOME/.cache/firesweep/data", from the values of these
// variables (null if unset); none if neither is an absolute path. Pure.
std::optional<std::filesystem::path> default_cache_dir(const char* xdg_cache_home,
                                                       const char* home);

// Opens a known dataset. The first time it verifies the raw files (size, sha256) and decodes them
// into `<name>.decoded` beside them, or in the cache folder if theirs is not writable or not the
// user's. This takes seconds and needs the dataset's size in disk space. Later it maps the decoded
// file at once, and verifies again only if the size or time of a raw file changed. Any number of
// processes may do this at the same time: one decodes, the others wait.
// - kNotFound: unknown name, a given folder that does not exist, or no files; lists the searched
//   folders and says how to get the files.
// - kBadInput: a raw file is truncated, corrupt or a different one; names it with the expected and
//   the found size or sha256.
// - kIo: a file cannot be read, or the decoded file cannot be written anywhere.
// Failure leaves no partial file. Safe from any thread.
Result<Dataset> open_dataset(std::string_view name, const Locations& locations);

// The same for a source that is not in the table of known datasets.
Result<Dataset> open_dataset(const DatasetSource& source, const Locations& locations);

// Whether `folder` has every raw file of the source with its exact size. kBadInput, with both
// sizes, for a file of a wrong size; false if a file is missing. The size of compressed files is
// not checked here.
Result<bool> has_raw_files(const DatasetSource& source, const std::filesystem::path& folder);

}  // namespace firesweep
