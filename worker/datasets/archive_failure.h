// Turns a failure of libarchive into an Error.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/error.h"

struct archive;

namespace firesweep {

// "<what>: <libarchive's reason>" at `path`: kIo if the disk failed, kBadInput if the data is
// wrong.
tl::unexpected<Error> archive_failure(archive* reader, const std::filesystem::path& path,
                                      const std::string& what);

}  // namespace firesweep
