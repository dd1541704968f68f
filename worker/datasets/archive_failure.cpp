#include "worker/datasets/archive_failure.h"

#include <archive.h>

#include <cerrno>

namespace firesweep {

tl::unexpected<Error> archive_failure(archive* reader, const std::filesystem::path& path,
                                      const std::string& what) {
  // libarchive marks bad content with EILSEQ or a negative number; other numbers come from the
  // system.
  const int number = archive_errno(reader);
  const bool disk = number > 0 && number != EILSEQ;
  const char* reason = archive_error_string(reader);
  return fail(disk ? ErrorCode::kIo : ErrorCode::kBadInput, path.string(),
              what + ": " + (reason != nullptr ? reason : "unknown reason"),
              disk ? "" : "the file is cut off or damaged");
}

}  // namespace firesweep
