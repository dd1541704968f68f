// Brings files to the disk, and to their names, so that a crash leaves the new file or what was
// there before.
#pragma once

#include <filesystem>

#include "shared/base/error.h"
#include "shared/base/unique_fd.h"

namespace firesweep {

// Brings what was written to an open file to the disk. kIo names `path`, which is the file's.
Result<void> bring_to_disk(const UniqueFd& file, const std::filesystem::path& path);
// The same for a file or a folder that is not open.
Result<void> bring_to_disk(const std::filesystem::path& path);

// Gives a file whose content is on the disk the name `to`, in the place of any other, and brings
// that to the disk. Both are in one file system. kIo names the path that failed: `to` if the file
// kept its name, the folder if a crash may still undo the renaming.
Result<void> move_into_place(const std::filesystem::path& from, const std::filesystem::path& to);
// The same for a file that is not open, whose content it brings to the disk first.
Result<void> bring_into_place(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace firesweep
