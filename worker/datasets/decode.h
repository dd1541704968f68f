// Verifies the raw files and decodes them into the decoded file. Owns the record layouts. Writes a
// decoded file only from exactly the expected bytes.
#pragma once

#include <filesystem>

#include "shared/base/error.h"
#include "worker/datasets/source.h"

namespace firesweep {

// Reads the source's raw files in `raw_folder` once, and writes `decoded` atomically. Checks the
// size and sha256 of each file; if no sha256 is known, its labels must be in range and all classes
// equally frequent. On failure an earlier `decoded` is unchanged and no other file is left:
// kBadInput names the raw file with what was found and expected; kIo names the file that could not
// be read or written. The caller holds the FileLock of `decoded`.
Result<void> make_decoded_file(const DatasetSource& source, const std::filesystem::path& raw_folder,
                               const std::filesystem::path& decoded);

}  // namespace firesweep
