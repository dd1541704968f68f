#include "worker/datasets/raw_reader.h"

#include <archive.h>

#include <new>

#include "worker/datasets/archive_failure.h"

namespace firesweep {

void RawReader::Free::operator()(archive* reader) const { archive_read_free(reader); }

tl::unexpected<Error> RawReader::failure() const {
  return archive_failure(
      reader_.get(), path_,
      "cannot be read beyond " + std::to_string(total_bytes_) + " bytes of content");
}

Result<RawReader> RawReader::open(const std::filesystem::path& path, bool gzipped) {
  constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
  RawReader result(path);
  result.reader_.reset(archive_read_new());
  archive* reader = result.reader_.get();
  if (reader == nullptr) throw std::bad_alloc();
  archive_read_support_format_raw(reader);
  archive_read_support_format_empty(reader);
  if (gzipped) archive_read_support_filter_gzip(reader);
  if (archive_read_open_filename(reader, path.c_str(), kBlockBytes) != ARCHIVE_OK) {
    return result.failure();
  }
  archive_entry* entry = nullptr;
  const int status = archive_read_next_header(reader, &entry);
  if (status == ARCHIVE_EOF) {
    result.at_end_ = true;
  } else if (status != ARCHIVE_OK) {
    return result.failure();
  }
  if (gzipped && archive_filter_code(reader, 0) != ARCHIVE_FILTER_GZIP) {
    return fail(ErrorCode::kBadInput, path.string(), "is not gzip data");
  }
  return result;
}

Result<std::size_t> RawReader::read(std::span<std::uint8_t> bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size() && !at_end_) {
    const la_ssize_t got =
        archive_read_data(reader_.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0) return failure();
    at_end_ = got == 0;
    filled += static_cast<std::size_t>(got);
    total_bytes_ += got;
  }
  hasher_.update(bytes.first(filled));
  return filled;
}

}  // namespace firesweep
