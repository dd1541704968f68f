// Reads one raw data file from start to end, decompresses it if it is gzipped, and computes its
// checksum. Knows no record layout.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "shared/base/error.h"
#include "worker/datasets/checksum.h"
#include "worker/datasets/file.h"

struct gzFile_s;

namespace firesweep {

// Not thread-safe; movable.
class RawReader {
 public:
  // kIo if the file cannot be opened; kBadInput if it should be gzipped and is not.
  static Result<RawReader> open(const std::filesystem::path& path, bool gzipped);

  // Fills `bytes`, or a part of them at the end of the content, and returns how many were read.
  // kBadInput if compressed data is truncated or damaged, kIo if the disk fails; then nothing more
  // can be read.
  Result<std::size_t> read(std::span<std::uint8_t> bytes);

  // Number of content bytes read so far.
  std::int64_t total_bytes() const { return total_bytes_; }

  // sha256 of the content read so far. It must be the last call on a reader.
  std::string finish_sha256() { return hasher_.finish(); }

 private:
  struct Close {
    void operator()(gzFile_s* gzipped) const;
  };
  explicit RawReader(const std::filesystem::path& path) : path_(path), hasher_(Digest::kSha256) {}
  // At most as many as fit into `bytes`; 0 at the end.
  Result<std::size_t> read_some(std::span<std::uint8_t> bytes);
  Result<std::size_t> inflate_some(std::span<std::uint8_t> bytes);
  tl::unexpected<Error> failure(ErrorCode code, const std::string& reason) const;

  std::filesystem::path path_;
  // One of the two.
  UniqueFd file_;
  std::unique_ptr<gzFile_s, Close> gzipped_;
  bool at_end_ = false;
  std::int64_t total_bytes_ = 0;
  Hasher hasher_;
};

}  // namespace firesweep
