#include "worker/datasets/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>

#include <algorithm>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

#include "worker/datasets/archive_failure.h"
#include "worker/datasets/checksum.h"
#include "worker/datasets/file.h"

namespace firesweep {
namespace {

// What an archive may hold beside its members, so that a small one cannot unfold without an end.
constexpr std::int64_t kMostBeside = std::int64_t{64} << 20;

struct FreeReader {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

// Member `where` errors read "x.tar.gz:cifar-100-binary/train.bin".
class Unpacker {
 public:
  explicit Unpacker(const std::filesystem::path& path) : path_(path), reader_(archive_read_new()) {
    if (!reader_) throw std::bad_alloc();
    archive_read_support_format_tar(reader_.get());
    archive_read_support_filter_gzip(reader_.get());
  }

  Result<void> run(std::span<const ArchiveMember> members) {
    constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
    if (archive_read_open_filename(reader_.get(), path_.c_str(), kBlockBytes) != ARCHIVE_OK) {
      return broken();
    }
    std::int64_t most = kMostBeside;
    for (const ArchiveMember& member : members) most += 2 * member.expected_bytes;
    std::vector<bool> done(members.size());
    while (true) {
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(reader_.get(), &entry);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK) return broken();
      const char* raw_name = archive_entry_pathname(entry);
      const std::string_view name = raw_name != nullptr ? raw_name : "";
      const std::int64_t unfolded =
          std::max(archive_entry_size(entry), archive_filter_bytes(reader_.get(), 0));
      if (unfolded > most) {
        return fail(ErrorCode::kBadInput, path_.string(),
                    "unfolds to " + std::to_string(unfolded) + " bytes or more, expected at most " +
                        std::to_string(most),
                    "this is not the archive that its name says");
      }
      const auto member = std::ranges::find(members, name, &ArchiveMember::name);
      if (member == members.end()) continue;
      const auto index = static_cast<std::size_t>(member - members.begin());
      if (done[index]) return refuse(*member, "is in the archive twice");
      if (auto written = write(*member, entry); !written) return written;
      done[index] = true;
    }
    const auto missing = std::ranges::find(done, false);
    if (missing != done.end()) {
      return refuse(members[static_cast<std::size_t>(missing - done.begin())],
                    "is missing from the archive");
    }
    return {};
  }

 private:
  tl::unexpected<Error> refuse(const ArchiveMember& member, const std::string& what) const {
    return fail(ErrorCode::kBadInput, path_.string() + ":" + member.name, what);
  }

  tl::unexpected<Error> broken() const {
    return archive_failure(reader_.get(), path_, "archive cannot be read");
  }

  Result<void> write(const ArchiveMember& member, archive_entry* entry) {
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr) {
      return refuse(member, "is not a plain file");
    }
    if (archive_entry_size(entry) != member.expected_bytes) {
      return refuse(member, "is " + std::to_string(archive_entry_size(entry)) +
                                " bytes, expected " + std::to_string(member.expected_bytes));
    }
    const UniqueFd file(
        ::open(member.to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!file) return io_failure(member.to, "cannot be made");
    Hasher hasher(Digest::kSha256);
    std::vector<std::uint8_t> buffer(std::size_t{1} << 20);
    std::int64_t total = 0;
    while (true) {
      const la_ssize_t got = archive_read_data(reader_.get(), buffer.data(), buffer.size());
      if (got < 0) return broken();
      if (got == 0) break;
      const std::span piece(buffer.data(), static_cast<std::size_t>(got));
      hasher.update(piece);
      if (auto written = write_all(file.get(), piece, member.to); !written) return written;
      total += got;
    }
    if (total != member.expected_bytes) {
      return refuse(member, "holds " + std::to_string(total) + " bytes, expected " +
                                std::to_string(member.expected_bytes));
    }
    const std::string found = hasher.finish();
    if (!member.sha256.empty() && found != member.sha256) {
      return refuse(member, "has sha256 " + found + ", expected " + member.sha256);
    }
    return {};
  }

  std::filesystem::path path_;
  std::unique_ptr<archive, FreeReader> reader_;
};

}  // namespace

Result<void> unpack(const std::filesystem::path& archive_file,
                    std::span<const ArchiveMember> members) {
  return Unpacker(archive_file).run(members);
}

}  // namespace firesweep
