#include "worker/datasets/raw_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <new>

namespace firesweep {
namespace {

constexpr unsigned kBlockBytes = 1U << 20;

}  // namespace

void RawReader::Close::operator()(gzFile_s* gzipped) const { gzclose_r(gzipped); }

tl::unexpected<Error> RawReader::failure(ErrorCode code, const std::string& reason) const {
  return fail(
      code, path_.string(),
      "cannot be read beyond " + std::to_string(total_bytes_) + " bytes of content: " + reason,
      code == ErrorCode::kIo ? "" : "the file is cut off or damaged");
}

Result<RawReader> RawReader::open(const std::filesystem::path& path, bool gzipped) {
  RawReader result(path);
  if (!gzipped) {
    result.file_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!result.file_) return io_failure(path, "cannot be opened");
    return result;
  }
  errno = 0;
  result.gzipped_.reset(gzopen(path.c_str(), "rbe"));
  if (!result.gzipped_) {
    if (errno == 0) throw std::bad_alloc();
    return io_failure(path, "cannot be opened");
  }
  gzbuffer(result.gzipped_.get(), kBlockBytes);
  if (gzdirect(result.gzipped_.get()) != 0) {
    return fail(ErrorCode::kBadInput, path.string(), "is not gzip data");
  }
  return result;
}

Result<std::size_t> RawReader::inflate_some(std::span<std::uint8_t> bytes) {
  errno = 0;
  const int got = gzread(gzipped_.get(), bytes.data(), static_cast<unsigned>(bytes.size()));
  int number = Z_OK;
  gzerror(gzipped_.get(), &number);
  if (number == Z_ERRNO) return failure(ErrorCode::kIo, ::strerror(errno));
  if (number == Z_MEM_ERROR) throw std::bad_alloc();
  if (got < 0) return failure(ErrorCode::kBadInput, "damaged gzip input");
  // zlib hands out what it could make of a file that is cut off, and then says so.
  if (number == Z_BUF_ERROR && got == 0) {
    return failure(ErrorCode::kBadInput, "truncated gzip input");
  }
  return static_cast<std::size_t>(got);
}

Result<std::size_t> RawReader::read_some(std::span<std::uint8_t> bytes) {
  if (gzipped_) return inflate_some(bytes);
  while (true) {
    const ssize_t got = ::read(file_.get(), bytes.data(), bytes.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return failure(ErrorCode::kIo, ::strerror(errno));
  }
}

Result<std::size_t> RawReader::read(std::span<std::uint8_t> bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size() && !at_end_) {
    const auto got = read_some(bytes.subspan(filled));
    if (!got) return got;
    at_end_ = *got == 0;
    filled += *got;
    total_bytes_ += static_cast<std::int64_t>(*got);
  }
  hasher_.update(bytes.first(filled));
  return filled;
}

}  // namespace firesweep
