// Raw files → the decoded file, verifying them on the way. Owns the record layouts; refuses to
// leave anything behind that was not made from exactly the expected bytes.
#pragma once

#include <filesystem>

#include "shared/base/error.h"
#include "worker/datasets/source.h"

namespace firesweep {

// Reads the source's raw files in `raw_folder` once, and makes `decoded` appear whole. Each file's
// size and sha256 are checked; where no sha256 is known, its labels must be in range and every
// class equally frequent. Failure leaves an earlier `decoded` untouched and nothing else: kBadInput
// names the raw file with what was found and expected; kIo names the file that could not be read or
// written. The caller holds the FileLock of `decoded`.
Result<void> make_decoded_file(const DatasetSource& source, const std::filesystem::path& raw_folder,
                               const std::filesystem::path& decoded);

}  // namespace firesweep
