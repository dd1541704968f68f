// What libarchive says went wrong, as this room's error.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/error.h"

struct archive;

namespace firesweep {

// "<what>: <libarchive's reason>" at `path`: kIo where the disk failed, kBadInput where the bytes
// are to blame.
tl::unexpected<Error> archive_failure(archive* reader, const std::filesystem::path& path,
                                      const std::string& what);

}  // namespace firesweep
