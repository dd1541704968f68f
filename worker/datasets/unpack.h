// Extracts named files from an archive with libarchive. Paths in the archive are never used as
// paths on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "shared/base/error.h"

namespace firesweep {

struct ArchiveMember {
  std::string name;          // exactly as in the archive
  std::filesystem::path to;  // written here
  std::int64_t expected_bytes = 0;
  std::string sha256;  // empty: not compared
};

// Writes each member to its path and ignores everything else in the gzipped tar archive. kBadInput
// if the archive is truncated or damaged, if it unpacks to far more bytes than its members have
// (the rest is then not read), or if a member is missing, occurs twice, is not a regular file, or
// has a wrong size or sha256; kIo if a file cannot be read or written. A failure may leave members
// that were already written: unpack into an empty folder and move the files from there. Safe from
// any thread.
Result<void> unpack(const std::filesystem::path& archive_file,
                    std::span<const ArchiveMember> members);

}  // namespace firesweep
