#include "shared/base/durable.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

namespace firesweep {
namespace {

tl::unexpected<Error> io(const std::filesystem::path& path, const std::string& what) {
  const std::string reason = std::generic_category().message(errno);
  return fail(ErrorCode::kIo, path.string(), what + ": " + reason);
}

}  // namespace

Result<void> bring_to_disk(const UniqueFd& file, const std::filesystem::path& path) {
  if (::fsync(file.get()) != 0) return io(path, "cannot be brought to the disk");
  return {};
}

Result<void> bring_to_disk(const std::filesystem::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return io(path, "cannot be brought to the disk");
  return bring_to_disk(file, path);
}

Result<void> move_into_place(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return io(to, "cannot be written in the place of what is there");
  }
  const std::filesystem::path folder = to.parent_path();
  return bring_to_disk(folder.empty() ? "." : folder);
}

Result<void> bring_into_place(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (auto brought = bring_to_disk(from); !brought) return brought;
  return move_into_place(from, to);
}

}  // namespace firesweep
