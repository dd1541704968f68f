// Takes named files out of an archive, by libarchive. A path within the archive never becomes a
// path on disk.
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

// Writes each member to its place; everything else in the gzipped tar archive is passed over.
// kBadInput where the archive is cut off or damaged, unfolds to far more than the members (it is
// then not read on), or where a member is missing, doubled, not a
// plain file, or of another size or sha256; kIo where a file cannot be read or written. Failure may
// leave members already written: unpack into a folder of your own and move from there. Safe from
// any thread.
Result<void> unpack(const std::filesystem::path& archive_file,
                    std::span<const ArchiveMember> members);

}  // namespace firesweep
